"""monai: the networks whose constructors are understood, on images of two dimensions, or of three."""

from __future__ import annotations

import inspect
from typing import Any

import torch
from torch import nn

from truth.called import Built, fitting, from_parameters, small

_VALUES: dict[str, Any] = {
    "in_channels": 1, "out_channels": 1, "channels": (4, 8, 16), "strides": (2, 2), "num_classes": 2,
    "n_classes": 2, "hidden_size": 24, "mlp_dim": 48, "num_heads": 4, "feature_size": 12, "patch_size": 8,
    "img_size": 32, "num_res_blocks": 1, "norm_num_groups": 4, "attention_levels": (False, False, True),
    "num_layers": 2, "kernel_size": 3, "latent_size": 8, "in_shape": (1, 32, 32), "out_shape": (1, 32, 32),
    "depth": 2, "extract": 4, "num_channel_initial": 4, "layers": (1, 1, 1, 1), "block": "basic",
    "block_inplanes": (8, 8, 16, 16), "num_capsules": 2, "label_nc": 3, "dropout_dim": 2,
    "num_features": (4, 4, 8, 8, 16, 4), "kernel_sizes": (3, 3), "latent_shape": (1, 32, 32), "groups": 1,
    "reduction": 2, "init_features": 8, "growth_rate": 4, "block_config": (2, 2), "filters": (4, 8, 16),
    "upsample_kernel_size": (2, 2), "start_channel": 4, "dropout_prob": None, "num_tokens": 16,
    "max_seq_len": 16, "attn_layers_dim": 16, "attn_layers_depth": 2, "attn_layers_heads": 2,
    "latent_channels": 3, "num_embeddings": 8, "embedding_dim": 4, "cross_attention_dim": 8,
    "num_channels": (4, 4, 4), "num_layers_d": 2, "inner_size": 8, "conditioning_embedding_in_channels": 1,
}  # fmt: skip
_SHAPES = ((2, 1, 64, 64), (2, 1, 32, 32), (2, 1, 32, 32, 32), (2, 1, 64, 64, 64), (2, 3, 64, 64), (2, 8), (2, 16))


def names() -> list[str]:
    """Classes of monai.networks.nets, once each."""
    import monai.networks.nets as nets

    found = {value: name for name, value in sorted(vars(nets).items()) if _is_network(value)}
    return sorted(found.values())


def build(name: str) -> Built:
    """One of `names()`. Raises LookupError where neither constructor nor inputs are understood."""
    import monai.networks.nets as nets

    cls = getattr(nets, name)
    refusal: Exception | None = None
    for dims, image in ((2, (32, 32)), (3, (32, 32, 32)), (2, 32)):
        try:
            model = small(_built(cls, _VALUES | {"spatial_dims": dims, "dimensions": dims, "img_size": image}))
            return fitting(model, _inputs(model))
        except Exception as error:  # a constructor says in its own way that values do not fit together
            refusal = refusal or error
    raise LookupError(f"{refusal}")


def _built(cls: type[nn.Module], values: dict[str, Any]) -> nn.Module:
    """With small values also where there are defaults; with defaults where these do not fit together."""
    known = {name: values[name] for name in inspect.signature(cls).parameters if name in values}
    for chosen in (known, {name: known[name] for name in known if name in ("spatial_dims", "img_size")}):
        try:
            return cls(**chosen)
        except Exception:  # as above
            continue
    return from_parameters(cls, values)


def _inputs(model: nn.Module) -> Any:
    second = {"timesteps": torch.tensor([3, 7]), "seg": torch.randn(2, 3, 64, 64), "context": torch.randn(2, 4, 8)}
    required = [p.name for p in inspect.signature(model.forward).parameters.values() if p.default is p.empty][1:]
    for shape in _SHAPES:
        more = {name: second[name] for name in required if name in second}
        yield (torch.randn(shape),), {name: _like(value, shape) for name, value in more.items()}
    yield (torch.randint(0, 16, (2, 16)),), {}


def _like(value: torch.Tensor, shape: tuple[int, ...]) -> torch.Tensor:
    return torch.randn(2, 3, *shape[2:]) if value.dim() == 4 else value


def _is_network(value: object) -> bool:
    return (
        isinstance(value, type) and issubclass(value, nn.Module) and value.__module__.startswith("monai.networks.nets")
    )
