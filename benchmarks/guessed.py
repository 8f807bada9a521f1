"""Builds one class of a package with arguments guessed from the names of its parameters, and finds inputs it takes."""

from __future__ import annotations

import inspect
import typing
from collections.abc import Iterator
from typing import Any

import torch
from torch import nn
from truth.called import Built, fitting, small
from truth.tiny import config_of

_WIDTH, _LENGTH, _BATCH = 16, 16, 2
_WIDTHS = (
    "dim in_features out_features hidden_features num_features channels in_channels out_channels in_chs out_chs"
    " hidden_dim embed_dim features hidden_size inplanes planes channel dim_in dim_out out_dim width mlp_dim d_model"
    " inner_dim query_dim in_dim c1 c2 num_channels n_channels input_dim output_dim embedding_dim feature_dim"
    " dim_model input_size output_size time_embed_dim d_ffn in_ch out_ch hidden_channels prev_output_channel"
    " temb_channels model_channels latent_channels conditioning_embedding_dim skip_channels time_embedding_dim"
).split()
_VALUES: dict[str, Any] = dict.fromkeys(_WIDTHS, _WIDTH) | {
    "num_heads": 4, "heads": 4, "n_heads": 4, "nhead": 4, "num_attention_heads": 4, "attention_head_dim": 4,
    "dim_head": 8, "head_dim": 4, "depth": 1, "num_layers": 1, "n_layers": 1, "image_size": 32, "img_size": 32,
    "patch_size": 8, "num_classes": 4, "kernel_size": 3, "stride": 1, "in_chans": 3, "dropout": 0.1,
    "spatial_dims": 2, "norm_name": "batch", "window_size": 4, "input_resolution": (8, 8), "num_patches": 4,
    "mlp_ratio": 2.0, "size": (32, 32), "sigma": (1.0, 1.0), "angle": 30.0, "reduction": 4, "eps": 1e-6, "k": 2,
    "layer_idx": 0, "num_embeddings": 8, "num_groups": 4, "groups": 4, "rank": 2, "degrees": 10.0, "n": 1,
    "encoder_channels": (3, 16, 32), "decoder_channels": (16, 8), "n_blocks": 1, "alpha": 0.5, "beta": 0.5,
}  # fmt: skip
_SHAPES = (
    (_LENGTH, _WIDTH), (_WIDTH, 8, 8), (3, 32, 32), (_WIDTH,), (1, 32, 32), (8, 8, _WIDTH), (_WIDTH, 8, 8, 8),
    (_WIDTH, _LENGTH), (4, 32, 32), (),
)  # fmt: skip


def build(cls: type[nn.Module]) -> Built:
    """A model of a class with inputs. Raises LookupError where no guess fits, or what the class does."""
    refusal: Exception | None = None
    for values in _arguments(cls):
        try:
            _refuse_large(cls, values)
            model = cls(**values).float()
            return fitting(model, _inputs(model, values.get("config")))
        except Exception as error:  # a constructor says in its own way that values do not fit together
            refusal = refusal or error
    raise LookupError(f"{refusal}")


def _refuse_large(cls: type[nn.Module], values: dict[str, Any]) -> None:
    """Raises LookupError for a model too large to be worth the time, where it can be made without memory to see."""
    with torch.device("meta"):
        try:
            model = cls(**values)
        except RuntimeError:  # it looks at the values of a tensor
            return
    small(model)


def _arguments(cls: type[nn.Module]) -> Iterator[dict[str, Any]]:
    """What the constructor may be given, the likeliest first."""
    kinds = (inspect.Parameter.VAR_KEYWORD, inspect.Parameter.VAR_POSITIONAL)
    parameters = inspect.signature(cls).parameters.values()
    needed = [p.name for p in parameters if p.default is p.empty and p.kind not in kinds]
    known = {name: _VALUES[name] for name in needed if name in _VALUES}
    if unknown := set(needed) - set(known) - {"config"}:
        raise LookupError(f"{cls.__name__} requires {sorted(unknown)}")
    if "config" not in needed:
        yield known
        return
    for config in _configurations(cls):
        for degree in range(3):
            yield known | {"config": config_of(config, degree)}


def _configurations(cls: type[nn.Module]) -> list[type]:
    """Classes of the configuration that a class is annotated with, or that those in its module have."""
    declared: list[Any] = []
    try:
        hint = typing.get_type_hints(cls.__init__).get("config")
        declared += typing.get_args(hint) or [hint]
    except (NameError, TypeError):  # an annotation that is no name when the program runs
        pass
    module = inspect.getmodule(cls)
    declared += [getattr(other, "config_class", None) for other in vars(module).values()]
    return list(dict.fromkeys(one for one in declared if isinstance(one, type) and hasattr(one, "model_type")))


def _inputs(model: nn.Module, config: Any) -> Iterator[tuple[tuple[Any, ...], dict[str, Any]]]:
    """The same tensor for all that forward requires, in several shapes; words where it asks for these."""
    parameters = inspect.signature(model.forward).parameters.values()
    needed = [p.name for p in parameters if p.default is p.empty and p.kind is p.POSITIONAL_OR_KEYWORD]
    width = getattr(config, "hidden_size", None)
    shapes = [(_LENGTH, width)] if isinstance(width, int) else []
    image = getattr(config, "image_size", None)
    shapes += [(getattr(config, "num_channels", 3), image, image)] if isinstance(image, int) else []
    for shape in dict.fromkeys((*shapes, *_SHAPES)):
        tensor = torch.randn(_BATCH, *shape)
        yield tuple(_named(name, tensor, config) for name in needed), {}
        yield tuple(_named(name, tensor, config) for name in needed[:1]), {}
        yield tuple(tensor for _ in needed), {}
    yield tuple(torch.randint(0, 8, (_BATCH, _LENGTH)) for _ in needed), {}
    yield tuple(torch.randn(_LENGTH, _WIDTH) for _ in needed), {}


def _named(name: str, tensor: torch.Tensor, config: Any) -> Any:
    """What a parameter of this name may be given beside others that take `tensor`."""
    if name.endswith(("_ids", "ids", "labels", "tokens")):
        return torch.randint(0, 8, tensor.shape[:2])
    if name.endswith("mask"):
        return None
    if name in ("height", "width", "h", "w", "H", "W"):
        return int(tensor.shape[1] ** 0.5)
    if name in ("input_shape", "input_dimensions", "size", "spatial_shape"):
        return tuple(tensor.shape[-2:]) if tensor.dim() == 4 else (4, 4)
    if name in ("timestep", "timesteps", "time", "t", "step"):
        return torch.arange(tensor.shape[0])
    if name == "position_embeddings":
        heads = getattr(config, "num_attention_heads", 4)
        size = getattr(config, "head_dim", None) or tensor.shape[-1] // heads
        return torch.randn(1, tensor.shape[1], size).cos(), torch.randn(1, tensor.shape[1], size).sin()
    return tensor.clone()
