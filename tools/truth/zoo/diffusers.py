"""diffusers: denoisers and autoencoders as their constructors make them, where these are small or can be made so."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from typing import Any

import torch
from torch import nn

from truth.called import Built, fitting, small
from truth.tiny import less

_BLOCKS = {
    "down_block_types": ("DownBlock2D", "AttnDownBlock2D"), "up_block_types": ("AttnUpBlock2D", "UpBlock2D"),
    "block_out_channels": (32, 64), "layers_per_block": 1, "norm_num_groups": 8, "cross_attention_dim": 16,
}  # fmt: skip


def names() -> list[str]:
    """Models that diffusers exports at its top."""
    import diffusers

    found = (getattr(diffusers, name, None) for name in diffusers._import_structure["models"])
    return sorted(cls.__name__ for cls in found if isinstance(cls, type) and issubclass(cls, nn.Module))


def build(name: str) -> Built:
    """One of `names()`."""
    import diffusers

    cls = getattr(diffusers, name)
    parameters = inspect.signature(cls).parameters.values()
    refusal: Exception | None = None
    for values in (_tiny(parameters, _BLOCKS), _tiny(parameters, {}), {}):
        try:
            with torch.device("meta"):
                small(cls(**values))
            model = cls(**values)
            return fitting(model, _inputs(model))
        except Exception as error:  # a constructor says in its own way that values do not fit together
            refusal = refusal or error
    raise LookupError(f"{refusal}")


def _tiny(parameters: Any, given: dict[str, Any]) -> dict[str, Any]:
    defaults = {p.name: p.default for p in parameters if type(p.default) is int}
    return {name: less(name, value, 0) for name, value in defaults.items()} | {
        p.name: given[p.name] for p in parameters if p.name in given
    }


def _inputs(model: nn.Module) -> Iterator[tuple[tuple[Any, ...], dict[str, Any]]]:
    config = dict(model.config)
    channels = config.get("in_channels") or 4
    width = (
        config.get("cross_attention_dim") or config.get("joint_attention_dim") or config.get("caption_channels") or 16
    )
    takes = inspect.signature(model.forward).parameters
    beside = {
        "timestep": torch.tensor([3, 7]), "encoder_hidden_states": torch.randn(2, 6, width), "class_labels":
        torch.tensor([1, 2]), "pooled_projections": torch.randn(2, config.get("pooled_projection_dim") or 16),
    }  # fmt: skip
    beside = {name: value for name, value in beside.items() if name in takes}
    for shape in ((32, 32), (16, 16), (8, 32, 32), (64,)):
        image = torch.randn(2, channels, *shape)
        yield (image,), beside
        yield (image,), {name: value for name, value in beside.items() if takes[name].default is inspect._empty}
