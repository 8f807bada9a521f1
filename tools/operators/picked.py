"""Cases picked by hand: arguments that models really use and that torch's own samples leave out."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product

import torch

_SPEC = re.compile(r"(?P<dtype>\w+)\[(?P<shape>[\d, ]*)\](?:<(?P<below>\d+))?")


@dataclass(frozen=True)
class Picked:
    """A call on x0, x1..., the inputs as "float32[2, 3]" or "int64[4]<10" (values below 10), a module's constructor.

    The call is an expression, or statements separated by "; " of which the last is returned.
    """

    call: str
    inputs: tuple[str, ...]
    layer: str | None = None


def random_tensor(spec: str, seed: int) -> torch.Tensor:
    """Random values for a spec: normal for floats, below the bound (default 2) for integers, either for bools."""
    match = _SPEC.fullmatch(spec)
    dtype = getattr(torch, match["dtype"])
    shape = [int(n) for n in match["shape"].split(",") if n.strip()]
    generator = torch.Generator().manual_seed(seed * 1000 + len(spec))
    if dtype.is_floating_point or dtype.is_complex:
        return torch.randn(shape, generator=generator, dtype=dtype)
    return torch.randint(0, int(match["below"] or 2), shape, generator=generator).to(dtype)


SIGNAL = "float32[2, 4, 12]"
IMAGE = "float32[2, 4, 12, 12]"
VOLUME = "float32[1, 4, 6, 6, 6]"
SEQUENCE = "float32[2, 6, 8]"
MATRIX = "float32[4, 4]"
IMAGES = {1: SIGNAL, 2: IMAGE, 3: VOLUME}


def _calls(inputs: str | tuple[str, ...], *calls: str) -> Iterator[Picked]:
    given = (inputs,) if isinstance(inputs, str) else inputs
    yield from (Picked(call, given) for call in calls)


def _layers(inputs: str | tuple[str, ...], *layers: str, call: str = "") -> Iterator[Picked]:
    given = (inputs,) if isinstance(inputs, str) else inputs
    arguments = ", ".join(f"x{i}" for i in range(len(given)))
    yield from (Picked(call or f"self.layer({arguments})", given, f"nn.{layer}") for layer in layers)


def _interpolate() -> Iterator[Picked]:
    modes = {1: ("nearest", "linear", "area", "nearest-exact"), 2: ("nearest", "bilinear", "bicubic", "area"), 3: (
        "nearest", "trilinear", "area"
    )}  # fmt: skip
    sizes = (
        "size=7",
        "scale_factor=2",
        "scale_factor=0.5",
        "scale_factor=1.5",
        "scale_factor=2, recompute_scale_factor=True",
    )
    for d, image in IMAGES.items():
        for mode, size in product(modes[d], sizes):
            corners = (
                ("", ", align_corners=True", ", align_corners=False")
                if "linear" in mode or mode == "bicubic"
                else ("",)
            )
            for corner in corners:
                yield from _calls(image, f"torch.nn.functional.interpolate(x0, {size}, mode='{mode}'{corner})")
    for mode, size in product(("bilinear", "bicubic"), ("size=(7, 9)", "scale_factor=2", "scale_factor=0.5")):
        for corner in ("", ", align_corners=True", ", align_corners=False"):
            yield from _calls(
                IMAGE, f"torch.nn.functional.interpolate(x0, {size}, mode='{mode}'{corner}, antialias=True)"
            )
    yield from _calls(
        IMAGE,
        "torch.nn.functional.interpolate(x0, scale_factor=2)",
        "torch.nn.functional.interpolate(x0, size=(24, 24))",
        "torch.nn.functional.interpolate(x0, scale_factor=(2, 3), mode='nearest')",
        "torch.nn.functional.interpolate(x0, scale_factor=2.0, mode='nearest-exact')",
        "torch.nn.functional.interpolate(x0, size=(5, 7), mode='nearest-exact')",
        "torch.nn.functional.upsample(x0, scale_factor=2, mode='bilinear')",
        "torch.nn.functional.upsample_bilinear(x0, scale_factor=2)",
        "torch.nn.functional.upsample_nearest(x0, scale_factor=2)",
    )
    for mode, size in product(
        ("nearest", "bilinear", "bicubic"), ("size=(24, 24)", "scale_factor=2", "scale_factor=0.5")
    ):
        corners = ("", ", align_corners=True", ", align_corners=False") if mode != "nearest" else ("",)
        yield from _layers(IMAGE, *(f"Upsample({size}, mode='{mode}'{corner})" for corner in corners))
    yield from _layers(SIGNAL, "Upsample(scale_factor=2)", "Upsample(scale_factor=2, mode='linear')")
    yield from _layers(VOLUME, "Upsample(scale_factor=2)", "Upsample(scale_factor=2, mode='trilinear')")
    yield from _layers(IMAGE, "UpsamplingNearest2d(scale_factor=2)", "UpsamplingBilinear2d(scale_factor=2)")


def _sampling() -> Iterator[Picked]:
    modes = product(("bilinear", "nearest", "bicubic"), ("zeros", "border", "reflection"), (False, True))
    for mode, padding, corners in modes:
        yield from _calls(
            (IMAGE, "float32[2, 5, 5, 2]"),
            f"torch.nn.functional.grid_sample(x0, x1, mode='{mode}', padding_mode='{padding}', align_corners={corners})",
        )
    for mode, padding in product(("bilinear", "nearest"), ("zeros", "border", "reflection")):
        yield from _calls(
            (VOLUME, "float32[1, 5, 5, 5, 3]"),
            f"torch.nn.functional.grid_sample(x0, x1, mode='{mode}', padding_mode='{padding}', align_corners=False)",
        )
    yield from _calls((IMAGE, "float32[2, 5, 5, 2]"), "torch.nn.functional.grid_sample(x0, x1)")
    yield from _calls(
        "float32[2, 2, 3]",
        "torch.nn.functional.affine_grid(x0, (2, 3, 5, 5))",
        "torch.nn.functional.affine_grid(x0, (2, 3, 5, 5), align_corners=True)",
    )


def _pooling() -> Iterator[Picked]:
    for d, image in IMAGES.items():
        f = f"torch.nn.functional.{{}}_pool{d}d(x0, {{}})"
        windows = ("3", "2, stride=2", "3, stride=2, padding=1", "3, stride=2, ceil_mode=True", "2, 2", "kernel_size=2")
        yield from _calls(image, *(f.format(kind, w) for kind in ("max", "avg") for w in windows))
        yield from _calls(
            image,
            f.format("max", "3, stride=1, dilation=2"),
            f.format("max", "3, stride=2, padding=1, return_indices=True"),
            f.format("max", "2, return_indices=True"),
            f.format("max", "3, stride=2, padding=1, ceil_mode=True"),
            f.format("avg", "3, stride=2, padding=1, ceil_mode=True"),
            f.format("avg", "3, stride=2, padding=1, count_include_pad=False"),
            f.format("avg", "3, stride=2, padding=1, ceil_mode=True, count_include_pad=False"),
            f.format("lp", "2, 3, stride=2") if d < 3 else f.format("lp", "2, 2"),
        )
        sizes = ["1", "2", "3", "5", f"({'1, ' * d})", f"({'3, ' * d})", f"({'4, ' * d})"]
        sizes += ["(3, 5)", "(1, None)", "(None, 1)", "(None, 4)"] if d == 2 else []
        for size in sizes:
            yield from _calls(
                image,
                f"torch.nn.functional.adaptive_avg_pool{d}d(x0, {size})",
                f"torch.nn.functional.adaptive_max_pool{d}d(x0, {size})",
            )
            yield from _layers(image, f"AdaptiveAvgPool{d}d({size})", f"AdaptiveMaxPool{d}d({size})")
        yield from _calls(image, f"torch.nn.functional.adaptive_max_pool{d}d(x0, 1, return_indices=True)")
        for w in (*windows, "3, stride=2, padding=1, ceil_mode=True"):
            yield from _layers(image, f"MaxPool{d}d({w})", f"AvgPool{d}d({w})")
        yield from _layers(
            image,
            f"MaxPool{d}d(2, return_indices=True)",
            f"MaxPool{d}d(3, stride=1, dilation=2)",
            f"AvgPool{d}d(3, stride=2, padding=1, count_include_pad=False)",
            f"AvgPool{d}d(3, stride=2, padding=1, ceil_mode=True, count_include_pad=False)",
        )
    yield from _layers(IMAGE, "LPPool2d(2, 3, stride=2)", "FractionalMaxPool2d(3, output_size=(5, 5))")
    yield from _calls(IMAGE, "torch.nn.functional.fractional_max_pool2d(x0, 3, output_size=(5, 5))")
    yield from _layers((IMAGE, "int64[2, 4, 12, 12]<500"), "MaxUnpool2d(2, stride=2)")


def _convolution() -> Iterator[Picked]:
    for d, image in IMAGES.items():
        yield from _layers(
            image,
            *(
                f"{kind}{d}d({arguments})"
                for kind, arguments in (
                    ("Conv", "4, 6, 3"),
                    ("Conv", "4, 6, 3, stride=2, padding=1, bias=False"),
                    ("Conv", "4, 6, 3, padding='same'"),
                    ("Conv", "4, 6, 3, padding='valid'"),
                    ("Conv", "4, 6, 2, padding='same'"),
                    ("Conv", "4, 6, 3, padding='same', dilation=2"),
                    ("Conv", "4, 6, 3, padding=1, padding_mode='reflect'"),
                    ("Conv", "4, 6, 3, padding=1, padding_mode='replicate'"),
                    ("Conv", "4, 6, 3, padding=1, padding_mode='circular'"),
                    ("Conv", "4, 4, 3, padding=1, groups=4"),
                    ("Conv", "4, 8, 1"),
                    ("ConvTranspose", "4, 6, 3"),
                    ("ConvTranspose", "4, 6, 2, stride=2"),
                    ("ConvTranspose", "4, 6, 3, stride=2, padding=1, output_padding=1"),
                    ("ConvTranspose", "4, 4, 3, stride=2, groups=2"),
                    ("ConvTranspose", "4, 6, 3, dilation=2"),
                )
            ),
        )
    weights = {1: "float32[6, 4, 3]", 2: "float32[6, 4, 3, 3]", 3: "float32[6, 4, 3, 3, 3]"}
    for d, image in IMAGES.items():
        for arguments in ("", ", padding=1", ", stride=2", ", padding='same'", ", padding='valid'", ", dilation=2"):
            yield from _calls((image, weights[d]), f"torch.nn.functional.conv{d}d(x0, x1{arguments})")
    yield from _calls((IMAGE, "float32[4, 6, 3, 3]"), "torch.nn.functional.conv_transpose2d(x0, x1, stride=2)")
    yield from _calls(
        IMAGE,
        "torch.nn.functional.unfold(x0, 3)",
        "torch.nn.functional.unfold(x0, kernel_size=3, padding=1, stride=2)",
        "torch.nn.functional.unfold(x0, (3, 3), dilation=2)",
        "x0.unfold(2, 3, 3)",
        "x0.unfold(3, 3, 1)",
        "x0.unfold(-1, 4, 2)",
    )
    yield from _calls(
        "float32[2, 36, 100]", "torch.nn.functional.fold(x0, (12, 12), 3)", "torch.nn.functional.fold(x0, output_size=(12, 12), kernel_size=3)"
    )  # fmt: skip
    yield from _layers(IMAGE, "Unfold(3)", "Unfold(3, padding=1, stride=2)")
    yield from _layers("float32[2, 36, 100]", "Fold((12, 12), 3)")


def _padding() -> Iterator[Picked]:
    for mode in ("constant", "reflect", "replicate", "circular"):
        for d, image in IMAGES.items():
            yield from _calls(image, f"torch.nn.functional.pad(x0, ({'1, 2, ' * d}), mode='{mode}')")
    yield from _calls(
        IMAGE,
        "torch.nn.functional.pad(x0, (1, 1, 1, 1))",
        "torch.nn.functional.pad(x0, (0, 1))",
        "torch.nn.functional.pad(x0, (-1, -1, 1, 1))",
        "torch.nn.functional.pad(x0, [1, 1, 1, 1], 'constant', 1.5)",
        "torch.nn.functional.pad(x0, (1, 1, 1, 1), value=float('-inf'))",
    )
    for d, image in IMAGES.items():
        kinds = ("Reflection", "Replication", "Zero", "Circular", "Constant")
        yield from _layers(image, *(f"{k}Pad{d}d({'2, 0.5' if k == 'Constant' else 2})" for k in kinds))


def _recurrent() -> Iterator[Picked]:
    for cell in ("LSTM", "GRU", "RNN"):
        options = ["", ", batch_first=True", ", bidirectional=True", ", num_layers=2", ", bias=False"]
        options += [", num_layers=2, bidirectional=True, batch_first=True", ", num_layers=2, dropout=0.1"]
        options += [", proj_size=3"] if cell == "LSTM" else []
        options += [", nonlinearity='relu'"] if cell == "RNN" else []
        yield from _layers(SEQUENCE, *(f"{cell}(8, 5{option})" for option in options))
    for cell in ("GRUCell", "RNNCell"):
        yield from _layers(("float32[2, 8]", "float32[2, 5]"), f"{cell}(8, 5)")
    yield from _layers(
        ("float32[2, 8]", "float32[2, 5]", "float32[2, 5]"), "LSTMCell(8, 5)", call="self.layer(x0, (x1, x2))"
    )


def _attention() -> Iterator[Picked]:
    heads = "float32[2, 4, 6, 8]"
    yield from _calls(
        (heads, heads, heads),
        "torch.nn.functional.scaled_dot_product_attention(x0, x1, x2)",
        "torch.nn.functional.scaled_dot_product_attention(x0, x1, x2, is_causal=True)",
        "torch.nn.functional.scaled_dot_product_attention(x0, x1, x2, scale=0.5)",
        "torch.nn.functional.scaled_dot_product_attention(x0, x1, x2, dropout_p=0.0)",
        "torch.nn.functional.scaled_dot_product_attention(x0, x1, x2, is_causal=False, dropout_p=0.0)",
        "torch.nn.functional.scaled_dot_product_attention(x0, x1, x2, is_causal=True, scale=0.5)",
    )
    yield from _calls(
        (heads, "float32[2, 2, 6, 8]", "float32[2, 2, 6, 8]"),
        "torch.nn.functional.scaled_dot_product_attention(x0, x1, x2, enable_gqa=True)",
    )
    for mask in ("float32[6, 6]", "bool[6, 6]", "float32[2, 1, 6, 6]"):
        yield from _calls(
            (heads, heads, heads, mask),
            "torch.nn.functional.scaled_dot_product_attention(x0, x1, x2, attn_mask=x3)",
            "torch.nn.functional.scaled_dot_product_attention(x0, x1, x2, attn_mask=x3, dropout_p=0.0)",
        )
    triple = (SEQUENCE, SEQUENCE, SEQUENCE)
    yield from _layers(
        triple,
        "MultiheadAttention(8, 2)",
        "MultiheadAttention(8, 2, batch_first=True)",
        "MultiheadAttention(8, 2, bias=False)",
        "MultiheadAttention(8, 2, add_bias_kv=True)",
        "MultiheadAttention(8, 2, add_zero_attn=True)",
        "MultiheadAttention(8, 2, dropout=0.1, batch_first=True)",
        "MultiheadAttention(8, 2, kdim=8, vdim=8)",
    )
    yield from _layers(
        SEQUENCE,
        "TransformerEncoderLayer(8, 2)",
        "TransformerEncoderLayer(8, 2, 16, batch_first=True)",
        "TransformerEncoderLayer(8, 2, 16, norm_first=True)",
        "TransformerEncoderLayer(8, 2, 16, activation='gelu', batch_first=True)",
        "TransformerEncoder(nn.TransformerEncoderLayer(8, 2, 16), 2)",
        "TransformerEncoder(nn.TransformerEncoderLayer(8, 2, 16, batch_first=True), 2)",
        "TransformerEncoder(nn.TransformerEncoderLayer(8, 2, 16, batch_first=True), num_layers=2, enable_nested_tensor=False)",
    )
    yield from _layers(
        (SEQUENCE, SEQUENCE),
        "TransformerDecoderLayer(8, 2, 16)",
        "TransformerDecoderLayer(8, 2, 16, batch_first=True)",
        "TransformerDecoder(nn.TransformerDecoderLayer(8, 2, 16), 2)",
        "Transformer(8, 2, 1, 1, 16)",
        "Transformer(8, 2, 1, 1, 16, batch_first=True)",
    )


def _normalisation() -> Iterator[Picked]:
    for d, image in IMAGES.items():
        yield from _layers(
            image,
            f"BatchNorm{d}d(4)",
            f"BatchNorm{d}d(4, affine=False)",
            f"BatchNorm{d}d(4, track_running_stats=False)",
            f"InstanceNorm{d}d(4)",
            f"InstanceNorm{d}d(4, affine=True)",
            f"InstanceNorm{d}d(4, track_running_stats=True)",
        )
    yield from _layers(
        IMAGE,
        "GroupNorm(2, 4)",
        "GroupNorm(1, 4)",
        "GroupNorm(4, 4, affine=False)",
        "LayerNorm(12)",
        "LayerNorm((4, 12, 12))",
        "LayerNorm(12, elementwise_affine=False)",
        "LayerNorm(12, bias=False)",
        "RMSNorm(12)",
        "RMSNorm(12, eps=1e-6)",
        "LocalResponseNorm(2)",
        "CrossMapLRN2d(2)",
        "Softmax2d()",
    )
    yield from _calls(
        IMAGE,
        "torch.nn.functional.layer_norm(x0, (12,))",
        "torch.nn.functional.rms_norm(x0, (12,))",
        "torch.nn.functional.group_norm(x0, 2)",
        "torch.nn.functional.instance_norm(x0)",
        "torch.nn.functional.normalize(x0)",
        "torch.nn.functional.normalize(x0, dim=-1)",
        "torch.nn.functional.normalize(x0, p=2, dim=1)",
        "torch.nn.functional.normalize(x0, p=1.0, dim=1)",
        "torch.nn.functional.local_response_norm(x0, 2)",
    )
    yield from _calls(
        (IMAGE, "float32[4]", "float32[4]"),
        "torch.nn.functional.batch_norm(x0, x1, x2.abs())",
        "torch.nn.functional.batch_norm(x0, x1, x2.abs(), training=False)",
    )
    yield from _calls((IMAGE, "float32[4]", "float32[4]"), "torch.nn.functional.group_norm(x0, 2, x1, x2)")
    yield from _calls((IMAGE, "float32[12]", "float32[12]"), "torch.nn.functional.layer_norm(x0, (12,), x1, x2)")


def _activation() -> Iterator[Picked]:
    names = (
        "relu relu6 elu selu celu gelu silu mish softplus softsign hardtanh hardswish hardsigmoid leaky_relu sigmoid "
        "tanh logsigmoid tanhshrink hardshrink softshrink"
    ).split()
    yield from _calls(IMAGE, *(f"torch.nn.functional.{n}(x0)" for n in names))
    yield from _calls(
        IMAGE,
        *(f"torch.nn.functional.{n}(x0, inplace=True)" for n in "relu relu6 elu silu leaky_relu hardswish".split()),
    )
    classes = (
        "ReLU ReLU6 ELU SELU CELU GELU SiLU Mish Softplus Softsign Hardtanh Hardswish Hardsigmoid LeakyReLU Sigmoid Tanh "
        "LogSigmoid Tanhshrink Hardshrink Softshrink PReLU RReLU Identity Dropout Dropout1d Dropout2d AlphaDropout Flatten"
    ).split()
    yield from _layers(SIGNAL, *(f"{c}()" for c in classes))
    yield from _layers(
        IMAGE,
        "ReLU(inplace=True)",
        "GELU(approximate='tanh')",
        "GELU(approximate='none')",
        "GLU(dim=1)",
        "Softmax(dim=-1)",
        "LogSoftmax(dim=1)",
        "Softmin(dim=1)",
        "PReLU(4)",
        "Threshold(0.1, 20)",
        "Softplus(beta=2)",
        "PixelShuffle(2)",
        "PixelUnshuffle(2)",
        "ChannelShuffle(2)",
        "Flatten(1)",
        "Flatten(0, 1)",
        "Unflatten(1, (2, 2))",
        "Linear(12, 5)",
        "Linear(12, 5, bias=False)",
    )
    yield from _layers((SIGNAL, SIGNAL), "CosineSimilarity(dim=1)", "PairwiseDistance(2)", "Bilinear(12, 12, 3)")
    yield from _layers(
        "int64[2, 5]<10", "Embedding(10, 4)", "Embedding(10, 4, padding_idx=0)", "Embedding(10, 4, max_norm=1.0)"
    )
    yield from _layers("int64[2, 5]<10", *(f"EmbeddingBag(10, 4, mode='{m}')" for m in ("sum", "mean", "max")))
    yield from _calls(
        IMAGE,
        "torch.nn.functional.gelu(x0, approximate='tanh')",
        "torch.nn.functional.glu(x0, dim=1)",
        "torch.nn.functional.softmax(x0, dim=-1)",
        "torch.nn.functional.softmax(x0, dim=1, dtype=torch.float32)",
        "torch.nn.functional.log_softmax(x0, dim=-1)",
        "torch.nn.functional.gumbel_softmax(x0, dim=-1)",
        "torch.nn.functional.dropout(x0, 0.5, False)",
        "torch.nn.functional.dropout(x0, p=0.1, training=False)",
        "torch.nn.functional.pixel_shuffle(x0, 2)",
        "torch.nn.functional.pixel_unshuffle(x0, 2)",
        "torch.nn.functional.channel_shuffle(x0, 2)",
        "x0.softmax(dim=-1)",
        "x0.softmax(-1)",
    )
    yield from _calls(
        "int64[2, 5]<4",
        "torch.nn.functional.one_hot(x0, 4)",
        "torch.nn.functional.one_hot(x0, num_classes=4)",
        "torch.nn.functional.one_hot(x0)",
    )
    losses = ("float32[6, 4]", "int64[6]<4")
    yield from _calls(
        losses,
        "torch.nn.functional.cross_entropy(x0, x1)",
        "torch.nn.functional.nll_loss(x0, x1)",
        "torch.nn.functional.cross_entropy(x0, x1, ignore_index=0)",
        "torch.nn.functional.cross_entropy(x0, x1, label_smoothing=0.1)",
    )
    names = ("mse_loss", "l1_loss", "smooth_l1_loss", "huber_loss", "binary_cross_entropy_with_logits", "kl_div")
    yield from _calls((SIGNAL, SIGNAL), *(f"torch.nn.functional.{n}(x0, x1)" for n in names))


def _tensors() -> Iterator[Picked]:
    yield from _calls(
        IMAGE,
        *(
            f"torch.{name}(x0, dim=1)"
            for name in "sum mean std var norm logsumexp argmax argmin amax amin cumsum cumprod prod median mode all any".split()
        ),
        *(
            f"torch.{name}(x0)"
            for name in "sum mean std var norm argmax argmin amax amin max min prod median all any flatten numel".split()
        ),
        *(f"x0.{name}((2, 3), keepdim=True)" for name in "sum mean std var amax amin".split()),
        *(f"x0.{name}(-1, keepdim=True)" for name in "sum mean std var max min argmax median mode".split()),
        "x0.norm(p=2, dim=-1)",
        "x0.norm(p=1, dim=-1)",
        "x0.norm(dim=-1, keepdim=True)",
        "x0.norm(p=float('inf'), dim=-1)",
        "x0.norm(p='fro')",
        "torch.linalg.norm(x0, dim=-1)",
        "torch.linalg.vector_norm(x0, dim=-1)",
        "torch.linalg.vector_norm(x0, ord=1, dim=-1)",
        "x0.std(dim=-1, unbiased=False)",
        "x0.var(dim=-1, unbiased=False)",
        "x0.var(dim=(2, 3), correction=0)",
        "torch.var_mean(x0, dim=(2, 3), keepdim=True)",
        "torch.var_mean(x0, dim=1, unbiased=False, keepdim=True)",
        "torch.std_mean(x0, dim=1)",
        "x0.sort(dim=-1)",
        "x0.sort(descending=True)",
        "torch.sort(x0, dim=1, descending=True)",
        "torch.sort(x0, stable=True)",
        "torch.argsort(x0, dim=1)",
        "torch.argsort(x0, dim=-1, descending=True)",
        "torch.argsort(x0, stable=True)",
        "x0.topk(3)",
        "torch.topk(x0, 3, dim=1)",
        "torch.topk(x0, k=3, largest=False)",
        "torch.topk(x0, 3, sorted=False)",
        "torch.kthvalue(x0, 2)",
        "torch.quantile(x0, 0.5)",
        "torch.quantile(x0, 0.5, dim=1)",
        "torch.histc(x0)",
        "torch.roll(x0, 1, 2)",
        "torch.roll(x0, (1, 2), (2, 3))",
        "torch.roll(x0, shifts=(-1, -1), dims=(2, 3))",
        "torch.roll(x0, 1)",
        "torch.flip(x0, (2,))",
        "x0.flip(-1)",
        "torch.rot90(x0, 1, (2, 3))",
        "torch.fliplr(x0)",
        "torch.flipud(x0)",
        "x0.repeat(1, 2, 1, 1)",
        "x0.repeat_interleave(2, dim=1)",
        "torch.repeat_interleave(x0, 2, dim=1)",
        "torch.repeat_interleave(x0, 2)",
        "x0.tile((1, 2))",
        "torch.tile(x0, (1, 2))",
        "x0.expand(2, 4, 12, 12)",
        "x0.unsqueeze(1).expand(-1, 3, -1, -1, -1)",
        "x0.view(2, -1)",
        "x0.view(2, 4, -1)",
        "x0.reshape(-1, 12)",
        "x0.flatten(2)",
        "x0.flatten(1, 2)",
        "torch.flatten(x0, 1)",
        "torch.flatten(x0, start_dim=1)",
        "x0.unflatten(1, (2, 2))",
        "x0.transpose(1, 2)",
        "x0.permute(0, 2, 3, 1)",
        "x0.permute((0, 2, 3, 1))",
        "torch.permute(x0, (0, 2, 3, 1))",
        "torch.movedim(x0, 1, -1)",
        "x0.mT",
        "x0.contiguous()",
        "x0.clone()",
        "x0.detach()",
        "x0.squeeze()",
        "x0.squeeze(1)",
        "x0.unsqueeze(-1)",
        "x0.chunk(2, dim=1)",
        "torch.chunk(x0, 3, dim=-1)",
        "x0.chunk(5, -1)",
        "x0.split(2, dim=1)",
        "torch.split(x0, 5, dim=-1)",
        "torch.split(x0, [1, 3], dim=1)",
        "torch.split(x0, (4, 8), -1)",
        "torch.tensor_split(x0, 3, dim=-1)",
        "x0.unbind(1)",
        "torch.unbind(x0, dim=0)",
        "x0.narrow(1, 1, 2)",
        "torch.narrow(x0, 2, 0, 3)",
        "x0.select(1, 0)",
        "torch.diff(x0)",
        "torch.diff(x0, dim=1)",
        "x0.clamp(min=0)",
        "x0.clamp(0, 1)",
        "x0.clamp(max=1.0)",
        "torch.clamp(x0, -1, 1)",
        "torch.clip(x0, 0, 1)",
        "x0.clamp_min(0.0)",
        "x0.masked_fill(x0 > 0, float('-inf'))",
        "x0.masked_fill(x0 > 0, 0)",
        "torch.where(x0 > 0, x0, 0.0)",
        "torch.where(x0 > 0, 1.0, 0.0)",
        "torch.where(x0 > 0)",
        "torch.nonzero(x0 > 0)",
        "(x0 > 0).nonzero()",
        "(x0 > 0).nonzero(as_tuple=True)",
        "torch.argwhere(x0 > 0)",
        "x0[x0 > 0]",
        "torch.masked_select(x0, x0 > 0)",
        "torch.nan_to_num(x0)",
        "torch.isnan(x0)",
        "torch.isfinite(x0)",
        "torch.heaviside(x0, x0)",
        "torch.bucketize(x0, torch.arange(3.0))",
        "torch.full_like(x0, 2.0)",
        "torch.zeros_like(x0)",
        "torch.ones_like(x0)",
        "torch.empty_like(x0)",
        "torch.rand_like(x0)",
        "torch.randn_like(x0)",
        "torch.bernoulli(x0.sigmoid())",
        "x0.new_zeros(2, 3)",
        "x0.new_ones((2, 3))",
        "x0.new_full((2, 3), 1.0)",
        "x0.new_tensor(2.0)",
        "x0.to(torch.float16)",
        "x0.to(torch.int64)",
        "x0.half().float()",
        "x0.double()",
        "x0.long()",
        "x0.int()",
        "x0.bool()",
        "x0.type_as(x0)",
        "x0.type(torch.float32)",
        "x0.pow(2)",
        "torch.pow(x0, 3)",
        "torch.pow(2, x0)",
        "x0.square()",
        "x0.abs().sqrt()",
        "x0.abs().rsqrt()",
        "x0.exp()",
        "x0.sign()",
        "torch.round(x0, decimals=2)",
        "torch.trunc(x0)",
        "torch.frac(x0)",
        "torch.log1p(x0.abs())",
        "torch.expm1(x0)",
        "torch.deg2rad(x0)",
        "torch.polar(x0.abs(), x0)",
        "torch.view_as_complex(x0.reshape(2, 4, 12, 6, 2))",
        "torch.view_as_real(torch.view_as_complex(x0.reshape(2, 4, 12, 6, 2)))",
        "torch.triu(x0)",
        "torch.tril(x0)",
        "torch.triu(x0, diagonal=1)",
        "torch.tril(x0, diagonal=-1)",
        "torch.diagonal(x0, dim1=2, dim2=3)",
        "torch.diag_embed(x0)",
        "torch.einsum('bchw->bhwc', x0)",
        "torch.einsum('bchw,bchw->bc', x0, x0)",
        "torch.unique(x0)",
        "torch.unique(x0, return_inverse=True)",
        "torch.unique(x0, dim=0)",
        "torch.unique_consecutive(x0)",
        "torch.fft.rfft(x0)",
        "torch.fft.fft(x0)",
        "torch.fft.fft2(x0)",
        "torch.fft.rfft2(x0)",
        "torch.fft.rfft2(x0, norm='ortho')",
        "torch.fft.irfft(torch.fft.rfft(x0))",
        "torch.fft.irfft2(torch.fft.rfft2(x0))",
        "torch.fft.ifft2(torch.fft.fft2(x0)).real",
        "torch.fft.fftshift(x0)",
        "torch.fft.fft2(x0).abs()",
        "torch.logical_not(x0)",
        "x0.cumsum(-1)",
        "torch.cummax(x0, dim=1)",
        "torch.logcumsumexp(x0, dim=1)",
        "torch.numel(x0)",
        "x0.index_select(1, torch.tensor([0, 2]))",
    )
    pair = (IMAGE, IMAGE)
    yield from _calls(
        pair,
        *(
            f"torch.{name}(x0, x1)"
            for name in "add sub mul div maximum minimum max min fmod remainder atan2 eq ne lt le gt ge logical_and logical_or logical_xor floor_divide true_divide copysign dist isclose".split()
        ),
        "torch.div(x0, x1, rounding_mode='floor')",
        "torch.div(x0, x1, rounding_mode='trunc')",
        "x0.div(x1, rounding_mode='floor')",
        "torch.add(x0, x1, alpha=2)",
        "torch.sub(x0, x1, alpha=2)",
        "torch.lerp(x0, x1, 0.5)",
        "torch.where(x0 > 0, x0, x1)",
        "torch.cat([x0, x1], dim=1)",
        "torch.cat((x0, x1), 1)",
        "torch.cat((x0, x1), dim=-1)",
        "torch.stack([x0, x1], dim=1)",
        "torch.stack((x0, x1))",
        "torch.hstack((x0, x1))",
        "torch.vstack((x0, x1))",
        "torch.dstack((x0, x1))",
        "torch.concat((x0, x1), dim=1)",
        "torch.matmul(x0, x1)",
        "torch.cdist(x0, x1)",
        "torch.cdist(x0, x1, p=1)",
        "torch.cdist(x0, x1, p=2.0)",
        "torch.nn.functional.cosine_similarity(x0, x1)",
        "torch.nn.functional.cosine_similarity(x0, x1, dim=-1)",
        "torch.nn.functional.pairwise_distance(x0, x1)",
        "torch.einsum('bchw,bcwk->bchk', x0, x1)",
        "torch.einsum('bchw, bdhw -> bcd', x0, x1)",
        "torch.broadcast_tensors(x0, x1)",
        "torch.addcmul(x0, x0, x1, value=0.5)",
        "torch.addcdiv(x0, x0, x1, value=0.5)",
        "torch.tensordot(x0, x1, dims=([1, 2, 3], [1, 2, 3]))",
        "torch.complex(x0, x1)",
        "torch.hypot(x0, x1)",
        "x0.view_as(x1)",
        "x0.expand_as(x1)",
    )
    yield from _calls(
        ("float32[3, 5]", "float32[5, 4]"),
        "torch.mm(x0, x1)",
        "torch.matmul(x0, x1)",
        "torch.nn.functional.linear(x0, x1.t())",
        "x0.mm(x1)",
    )
    yield from _calls(
        ("float32[2, 3, 5]", "float32[2, 5, 4]"),
        "torch.bmm(x0, x1)",
        "x0.bmm(x1)",
        "torch.einsum('bij,bjk->bik', x0, x1)",
    )
    yield from _calls(
        ("float32[3, 4]", "float32[3, 5]", "float32[5, 4]"),
        "torch.addmm(x0, x1, x2)",
        "torch.addmm(x0, x1, x2, beta=0.5, alpha=2)",
    )
    yield from _calls(
        ("float32[2, 3, 4]", "float32[2, 3, 5]", "float32[2, 5, 4]"),
        "torch.baddbmm(x0, x1, x2)",
        "torch.baddbmm(x0, x1, x2, beta=0, alpha=0.5)",
    )
    yield from _calls(
        ("float32[5]", "float32[5]"),
        "torch.dot(x0, x1)",
        "torch.outer(x0, x1)",
        "torch.meshgrid(x0, x1, indexing='ij')",
        "torch.meshgrid(x0, x1, indexing='xy')",
        "torch.meshgrid(x0, x1)",
        "torch.cartesian_prod(x0, x1)",
        "torch.vdot(x0, x1)",
        "torch.inner(x0, x1)",
        "torch.trapezoid(x0, x1)",
    )
    yield from _calls(
        ("float32[4, 3]", "float32[4, 3]"),
        "torch.cross(x0, x1, dim=-1)",
        "torch.linalg.cross(x0, x1)",
        "torch.linalg.cross(x0, x1, dim=-1)",
        "torch.cross(x0, x1, dim=1)",
    )
    yield from _calls(
        MATRIX,
        "torch.linalg.inv(x0)",
        "torch.inverse(x0)",
        "torch.linalg.det(x0)",
        "torch.det(x0)",
        "torch.linalg.svd(x0)",
        "torch.linalg.qr(x0)",
        "torch.linalg.pinv(x0)",
        "torch.linalg.matrix_norm(x0)",
        "torch.linalg.matrix_power(x0, 2)",
        "torch.matrix_exp(x0)",
        "torch.trace(x0)",
        "torch.diag(x0)",
        "torch.diagonal(x0)",
        "torch.logdet(x0 @ x0.t())",
        "torch.linalg.cholesky(x0 @ x0.t() + 9 * torch.eye(4))",
        "torch.linalg.eigh(x0 @ x0.t())",
        "torch.linalg.slogdet(x0)",
        "torch.svd_lowrank(x0)",
        "torch.pca_lowrank(x0)",
        "x0.T",
        "x0.H",
        "x0.mH",
        "torch.corrcoef(x0)",
        "torch.cov(x0)",
        "torch.combinations(x0[0])",
        "torch.tril_indices(4, 4)",
        "torch.triu_indices(4, 4, 1)",
        "torch.eye(4) + x0",
        "torch.linspace(0, 1, 4) + x0",
        "torch.arange(4) + x0",
        "torch.arange(0, 8, 2) + x0",
        "torch.arange(4, dtype=torch.float32) + x0",
        "torch.zeros(4, 4) + x0",
        "torch.ones((4, 4)) + x0",
        "torch.full((4, 4), 0.5) + x0",
        "torch.rand(4, 4) + x0",
        "torch.randn(4, 4) + x0",
        "torch.randint(0, 4, (4, 4)) + x0",
        "torch.randperm(4) + x0",
        "torch.normal(0.0, 1.0, (4, 4)) + x0",
        "torch.tensor([1.0, 2.0, 3.0, 4.0]) + x0",
        "torch.hann_window(4) + x0",
        "torch.hamming_window(4) + x0",
        "torch.logspace(0, 1, 4) + x0",
        "torch.multinomial(x0.abs(), 2)",
        "torch.as_strided(x0, (2, 2), (1, 2))",
    )
    yield from _calls(
        "float32[2, 400]",
        "torch.stft(x0, 64, return_complex=True)",
        "torch.stft(x0, 64, hop_length=16, window=torch.hann_window(64), return_complex=True).abs()",
        "torch.stft(x0, 64, hop_length=16, return_complex=False)",
        "torch.view_as_real(torch.stft(x0, 64, return_complex=True))",
        "torch.istft(torch.stft(x0, 64, return_complex=True, window=torch.hann_window(64)), 64, window=torch.hann_window(64))",
    )
    index = ("float32[5, 6]", "int64[5, 6]<5")
    yield from _calls(
        index,
        "torch.gather(x0, 1, x1)",
        "x0.gather(0, x1)",
        "x0.gather(dim=-1, index=x1)",
        "torch.scatter(x0, 1, x1, 1.0)",
        "x0.scatter(0, x1, x0)",
        "x0.scatter_add(0, x1, x0)",
        "x0.scatter_reduce(0, x1, x0, reduce='amax')",
        "x0.scatter_reduce(0, x1, x0, reduce='amax', include_self=False)",
        "x0.scatter_reduce(0, x1, x0, reduce='mean')",
        "x0.scatter_reduce(0, x1, x0, reduce='prod')",
        "x0.scatter_reduce(0, x1, x0, 'sum')",
        "torch.take_along_dim(x0, x1, 0)",
        "torch.take(x0, x1)",
        "x0[x1]",
        "y = x0.clone(); y.scatter_(0, x1, 1.0); y",
        "y = x0.clone(); y.scatter_(1, x1, x0); y",
        "y = x0.clone(); y.scatter_add_(0, x1, x0); y",
    )
    rows = ("float32[5, 6]", "int64[3]<5")
    yield from _calls(
        rows,
        "torch.index_select(x0, 0, x1)",
        "x0.index_select(1, x1)",
        "x0[x1]",
        "x0[:, x1]",
        "x0[x1, x1]",
        "x0[x1, 0]",
        "x0[None, x1]",
        "x0.index_fill(0, x1, 1.0)",
        "torch.bincount(x1)",
        "y = x0.clone(); y[x1] = 0.0; y",
        "y = x0.clone(); y[:, x1] = 0.0; y",
        "y = x0.clone(); y[x1] = x0[:3]; y",
        "y = x0.clone(); y.index_fill_(0, x1, 1.0); y",
        "y = x0.clone(); y.index_add_(0, x1, x0[:3]); y",
        "y = x0.clone(); y.index_put_((x1,), x0[0]); y",
        "torch.index_add(x0, 0, x1, x0[:3])",
        "torch.index_put(x0, (x1,), x0[0])",
        "torch.nn.functional.embedding(x1, x0)",
        "torch.repeat_interleave(x0[:3], x1, dim=0)",
        "torch.searchsorted(x0[0].sort().values, x0)",
    )
    mask = ("float32[5, 6]", "bool[5, 6]")
    yield from _calls(
        mask,
        "x0[x1]",
        "x0.masked_fill(x1, 0.0)",
        "x0.masked_fill(~x1, float('-inf'))",
        "x0.masked_select(x1)",
        "x0.masked_scatter(x1, x0)",
        "torch.where(x1, x0, 0)",
        "y = x0.clone(); y[x1] = 0.0; y",
        "y = x0.clone(); y[~x1] = -1; y",
        "y = x0.clone(); y.masked_fill_(x1, 0.0); y",
        "x1.any(dim=1)",
        "x1.all()",
        "x1.sum(dim=-1)",
        "x1.logical_not()",
        "x1.to(torch.float32)",
        "torch.count_nonzero(x1)",
        "x1.cumsum(1)",
        "x1.int().argmax(dim=1)",
        "x1.nonzero()",
    )


def _python_operators() -> Iterator[Picked]:
    yield from _calls(
        IMAGE,
        *(
            f"x0{subscript}"
            for subscript in (
                "[0]",
                "[:, 0]",
                "[:, -1]",
                "[..., 0]",
                "[:, None]",
                "[:, 1:]",
                "[:, :-1]",
                "[:, ::2]",
                "[..., ::2, 1::2]",
                "[:, :, 1:3, 2:5]",
                "[:, [0, 2]]",
                "[None]",
                "[..., -3:]",
                "[0, 1, 2, 3]",
            )
        ),
        *(f"x0 {operator} 2" for operator in ("+", "-", "*", "/", "//", "%", "**", "==", "!=", "<", "<=", ">", ">=")),
        *(f"2 {operator} x0" for operator in ("+", "-", "*", "/", "//", "%", "**")),
        *(f"x0 {operator} 2.5" for operator in ("//", "%", "**")),
        "-x0",
        "abs(x0)",
        "x0 ** 0.5",
        "x0 ** -1",
        "y = x0.clone(); y[:, 0] = 0; y",
        "y = x0.clone(); y[:, 1:3] = 1.5; y",
        "y = x0.clone(); y[..., ::2] = 0; y",
        "y = x0.clone(); y[x0 > 0] = 0; y",
        "y = x0.clone(); y += 1; y",
        "y = x0.clone(); y *= x0; y",
    )
    yield from _calls(
        (IMAGE, IMAGE),
        *(f"x0 {operator} x1" for operator in ("+", "-", "*", "/", "//", "%", "**", "@", "==", "<", ">=")),
    )
    integers = ("int64[5, 6]<9", "int64[5, 6]<9")
    yield from _calls(
        integers,
        *(
            f"x0 {operator} (x1 + 1)"
            for operator in ("+", "-", "*", "/", "//", "%", "**", "&", "|", "^", "<<", ">>", "==", "<")
        ),
    )
    yield from _calls(
        integers,
        "~x0",
        "x0 // 2",
        "x0 % 2",
        "-x0",
        "x0 & 1",
        "x0 << 1",
        "x0 >> 1",
        "torch.div(x0, 2, rounding_mode='floor')",
        "torch.floor_divide(x0, 2)",
        "torch.remainder(x0, 3)",
        "torch.bitwise_and(x0, x1)",
        "x0.float()",
        "x0.sum()",
        "x0.argmax(-1)",
        "x0.max()",
        "x0.cumsum(0)",
        "x0.sort()",
        "torch.abs(x0)",
        "torch.clamp(x0, 0, 3)",
        "x0.eq(x1)",
        "torch.maximum(x0, x1)",
        "torch.where(x0 > 3, x0, x1)",
        "x0.unique()",
    )
    yield from _calls(
        ("bool[5, 6]", "bool[5, 6]"), "~x0", "x0 & x1", "x0 | x1", "x0 ^ x1", "x0 == x1", "x0 + x1", "x0 * x1"
    )


def _in_place() -> Iterator[Picked]:
    for text in (
        "add_(1.0)", "sub_(1.0)", "mul_(2.0)", "div_(2.0)", "clamp_(0, 1)", "clamp_min_(0)", "relu_()", "sigmoid_()", "tanh_()", "exp_()",
        "zero_()", "fill_(1.0)", "copy_(x0)", "neg_()", "abs_()", "pow_(2)", "round_()", "floor_()", "square_()", "transpose_(0, 1)",
        "squeeze_(0)", "unsqueeze_(0)", "normal_()", "uniform_()", "masked_fill_(x0 > 0, 0.0)", "t_()" , "sqrt_()", "addcmul_(x0, x0)", "lerp_(x0, 0.5)",
        "sub_(x0)", "mul_(x0)", "add_(x0)", "add_(x0, alpha=2)", "div_(x0)", "eq_(x0)", "logical_not_()", "cumsum_(1)", "bernoulli_(0.5)", "sign_()",
        "clamp_max_(1)", "requires_grad_(False)", "triu_()", "tril_()", "fmod_(2)", "remainder_(2)", "erf_()", "log_()", "sin_()", "cos_()",
    ):  # fmt: skip
        yield from _calls("float32[4, 6]", f"y = x0.clone(); y.{text}; y")


def _unique(cases: Iterator[Picked]) -> tuple[Picked, ...]:
    return tuple(dict.fromkeys(cases))


def _all() -> Iterator[Picked]:
    for cases in (
        _interpolate, _sampling, _pooling, _convolution, _padding, _recurrent, _attention, _normalisation, _activation,
        _tensors, _python_operators, _in_place,
    ):  # fmt: skip
        yield from cases()


PICKED = _unique(_all())
