"""What torch's own layers do to sizes, and which they refuse."""

from __future__ import annotations

from collections.abc import Callable

from exportlint.flow.sizes.operations import flattened
from exportlint.flow.sizes.resized import interpolated, number, numbers, padded
from exportlint.flow.sizes.sized import Mismatch, Sized, shown
from exportlint.flow.sizes.windows import Window, over
from exportlint.flow.values import UNKNOWN, Const, Layer, Seq, Value

_SAME = frozenset(
    "ReLU ReLU6 GELU SiLU Sigmoid Tanh LeakyReLU ELU SELU CELU Softplus Softsign Hardswish Hardsigmoid Hardtanh Mish "
    "LogSigmoid PReLU Softmax LogSoftmax Softmax2d Dropout Dropout1d Dropout2d Dropout3d AlphaDropout Identity "
    "LocalResponseNorm InstanceNorm1d InstanceNorm2d InstanceNorm3d".split()
)
_RANKS = {"1d": 1, "2d": 2, "3d": 3}
Known = dict[str, Value]


def apply(layer: Layer, label: str, given: tuple[Value, ...]) -> Value:
    """What calling a layer gives. Raises Mismatch."""
    short = layer.name.rpartition(".")[2]
    first = given[0] if given else UNKNOWN
    if not isinstance(first, Sized) or not layer.name.startswith("torch.nn."):
        return UNKNOWN
    if short in _SAME:
        return first
    known = dict(layer.arguments)
    rank = _RANKS.get(short[-2:], 0)
    family = short[:-2] if rank else short
    handler = _HANDLERS.get(family)
    return handler(first, known, label, rank) if handler is not None else UNKNOWN


def _fits(tensor: Sized, wanted: int | None, axis: int, label: str, what: str) -> None:
    got = tensor.sizes[axis] if -len(tensor.sizes) <= axis < len(tensor.sizes) else None
    if wanted is not None and got is not None and wanted != got:
        raise Mismatch(f"`{label}` takes {wanted} {what} and gets {got} in {shown(tensor.sizes)}", tensor)


def _linear(tensor: Sized, known: Known, label: str, rank: int) -> Value:
    _fits(tensor, number(known.get("in_features")), -1, label, "features")
    return tensor.then((*tensor.sizes[:-1], number(known.get("out_features"))), label)


def _ranked(tensor: Sized, rank: int, label: str) -> bool:
    """Whether an input has the rank of a batch. Raises Mismatch for one that is neither that nor one sample."""
    if len(tensor.sizes) not in (rank + 1, rank + 2):
        raise Mismatch(f"`{label}` takes {rank + 1} or {rank + 2} axes and gets {shown(tensor.sizes)}", tensor)
    return True


def _convolution(tensor: Sized, known: Known, label: str, rank: int) -> Value:
    _ranked(tensor, rank, label)
    _fits(tensor, number(known.get("in_channels")), -rank - 1, label, "channels")
    padding = known.get("padding")
    same = isinstance(padding, Const) and padding.value == "same"
    if isinstance(padding, Const) and isinstance(padding.value, str):
        padding = None
    windows = _windows(known, rank, padding=padding, same=same)
    channels = number(known.get("out_channels"))
    return over(tensor, windows, label, channels) if windows and channels is not None else UNKNOWN


def _transposed(tensor: Sized, known: Known, label: str, rank: int) -> Value:
    _ranked(tensor, rank, label)
    _fits(tensor, number(known.get("in_channels")), -rank - 1, label, "channels")
    windows = _windows(known, rank, padding=known.get("padding"))
    channels = number(known.get("out_channels"))
    return over(tensor, windows, label, channels, spread=True) if windows and channels is not None else UNKNOWN


def _pooling(tensor: Sized, known: Known, label: str, rank: int) -> Value:
    if "return_indices" in known:
        return UNKNOWN
    _ranked(tensor, rank, label)
    up = known.get("ceil_mode", Const("bool", False))
    if not isinstance(up, Const):
        return UNKNOWN
    windows = _windows(known, rank, padding=known.get("padding"), up=bool(up.value), stride="kernel_size")
    return over(tensor, windows, label, None) if windows else UNKNOWN


def _windows(
    known: Known, rank: int, *, padding: Value | None, same: bool = False, up: bool = False, stride: str = ""
) -> list[Window]:
    """One window an axis; none where something about it is not known."""
    kernel = numbers(known.get("kernel_size"), rank)
    given = known.get("stride")
    if given is None or (isinstance(given, Const) and given.value is None):
        given = known.get(stride) if stride else Const("int", 1)
    zero, one = Const("int", 0), Const("int", 1)
    steps, ends = numbers(given, rank), numbers(padding if padding is not None else zero, rank)
    spaced, extra = numbers(known.get("dilation", one), rank), numbers(known.get("output_padding", zero), rank)
    if None in (kernel, steps, ends, spaced, extra) or 0 in (steps or ()):
        return []
    axes = zip(kernel, steps, ends, spaced, extra, strict=True)
    return [Window(k, s, None if same else p, d, up, e) for k, s, p, d, e in axes]


def _adaptive(tensor: Sized, known: Known, label: str, rank: int) -> Value:
    if "return_indices" in known:
        return UNKNOWN
    _ranked(tensor, rank, label)
    wanted = known.get("output_size", UNKNOWN)
    items = wanted.items if isinstance(wanted, Seq) and wanted.items is not None else (wanted,) * rank
    if len(items) != rank or not all(isinstance(item, Const) for item in items):
        return UNKNOWN
    kept = zip(items, tensor.sizes[-rank:], strict=True)
    sizes = tuple(size if item.value is None else item.value for item, size in kept)
    return tensor.then((*tensor.sizes[:-rank], *sizes), label)


def _batch_norm(tensor: Sized, known: Known, label: str, rank: int) -> Value:
    ranks = {1: (2, 3), 2: (4,), 3: (5,)}[rank]
    if len(tensor.sizes) not in ranks:
        wanted = " or ".join(map(str, ranks))
        raise Mismatch(f"`{label}` takes {wanted} axes and gets {shown(tensor.sizes)}", tensor)
    _fits(tensor, number(known.get("num_features")), 1, label, "channels")
    return tensor


def _group_norm(tensor: Sized, known: Known, label: str, rank: int) -> Value:
    _fits(tensor, number(known.get("num_channels")), 1, label, "channels")
    return tensor


def _layer_norm(tensor: Sized, known: Known, label: str, rank: int) -> Value:
    wanted = known.get("normalized_shape", UNKNOWN)
    items = wanted.items if isinstance(wanted, Seq) and wanted.items is not None else (wanted,)
    for position, item in enumerate(items):
        _fits(tensor, number(item), position - len(items), label, "features")
    return tensor


def _flatten(tensor: Sized, known: Known, label: str, rank: int) -> Value:
    start, end = number(known.get("start_dim", Const("int", 1))), number(known.get("end_dim", Const("int", -1)))
    return flattened(tensor, start, end, label)


def _upsample(tensor: Sized, known: Known, label: str, rank: int) -> Value:
    return interpolated(tensor, known.get("size"), known.get("scale_factor"), label)


def _pad(tensor: Sized, known: Known, label: str, rank: int) -> Value:
    amounts = numbers(known.get("padding"), 2 * rank)
    return padded(tensor, amounts, label) if amounts is not None else UNKNOWN


def _shuffle(tensor: Sized, known: Known, label: str, rank: int) -> Value:
    factor = number(known.get("upscale_factor"))
    if factor is None or len(tensor.sizes) < 3 or None in tensor.sizes[-3:]:
        return UNKNOWN
    channels, height, width = tensor.sizes[-3:]
    if channels % factor**2:
        raise Mismatch(f"`{label}` divides {channels} channels by {factor}*{factor}", tensor)
    sizes = (*tensor.sizes[:-3], channels // factor**2, height * factor, width * factor)
    return tensor.then(sizes, label)


def _embedding(tensor: Sized, known: Known, label: str, rank: int) -> Value:
    return tensor.then((*tensor.sizes, number(known.get("embedding_dim"))), label)


def _recurrent(tensor: Sized, known: Known, label: str, rank: int) -> Value:
    _fits(tensor, number(known.get("input_size")), -1, label, "features")
    hidden, ways = number(known.get("hidden_size")), known.get("bidirectional", Const("bool", False))
    if hidden is None or not isinstance(ways, Const) or "proj_size" in known:
        return Seq("tuple", (UNKNOWN, UNKNOWN))
    sizes = (*tensor.sizes[:-1], hidden * (2 if ways.value else 1))
    return Seq("tuple", (tensor.then(sizes, label), UNKNOWN))


def _attention(tensor: Sized, known: Known, label: str, rank: int) -> Value:
    _fits(tensor, number(known.get("embed_dim")), -1, label, "features")
    return Seq("tuple", (tensor, UNKNOWN))


def _transformer_layer(tensor: Sized, known: Known, label: str, rank: int) -> Value:
    _fits(tensor, number(known.get("d_model")), -1, label, "features")
    return tensor


def _encoder(tensor: Sized, known: Known, label: str, rank: int) -> Value:
    inner = known.get("encoder_layer")
    if not isinstance(inner, Layer) or not inner.name.endswith(".TransformerEncoderLayer"):
        return UNKNOWN
    return _transformer_layer(tensor, dict(inner.arguments), label, rank)


_HANDLERS: dict[str, Callable[[Sized, Known, str, int], Value]] = {
    "Linear": _linear,
    "Conv": _convolution,
    "ConvTranspose": _transposed,
    "MaxPool": _pooling,
    "AvgPool": _pooling,
    "AdaptiveAvgPool": _adaptive,
    "AdaptiveMaxPool": _adaptive,
    "BatchNorm": _batch_norm,
    "GroupNorm": _group_norm,
    "LayerNorm": _layer_norm,
    "RMSNorm": _layer_norm,
    "Flatten": _flatten,
    "Upsample": _upsample,
    "ZeroPad": _pad,
    "ReflectionPad": _pad,
    "ReplicationPad": _pad,
    "ConstantPad": _pad,
    "PixelShuffle": _shuffle,
    "Embedding": _embedding,
    "LSTM": _recurrent,
    "GRU": _recurrent,
    "RNN": _recurrent,
    "MultiheadAttention": _attention,
    "TransformerEncoderLayer": _transformer_layer,
    "TransformerEncoder": _encoder,
}
