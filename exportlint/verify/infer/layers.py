"""What a layer takes: its rank, and how many features on which axis."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import nn


@dataclass(frozen=True)
class Layer:
    """`kind`: conv, linear, embedding, recurrent, norm or attention. `rank` of a batch, None where it is free.

    `features` stand on `axis`. Those of an embedding are the bound of the whole numbers it takes; its axis is None.
    """

    kind: str
    rank: int | None
    features: int
    axis: int | None


def layer_of(module: nn.Module) -> Layer | None:
    """What is known of a module; None for one that takes anything, or that is no layer of torch."""
    if isinstance(module, nn.modules.lazy.LazyModuleMixin):
        return None
    if isinstance(module, nn.modules.conv._ConvNd):
        return Layer("conv", len(module.kernel_size) + 2, module.in_channels, 1)
    if isinstance(module, nn.Linear):
        return Layer("linear", None, module.in_features, -1)
    if isinstance(module, (nn.Embedding, nn.EmbeddingBag)):
        return Layer("embedding", None, module.num_embeddings, None)
    if isinstance(module, nn.RNNBase):
        return Layer("recurrent", 3, module.input_size, -1)
    if isinstance(module, nn.LayerNorm):
        return Layer("norm", None, module.normalized_shape[-1], -1)
    if isinstance(module, nn.MultiheadAttention):
        return Layer("attention", 3, module.embed_dim, -1)
    return _normalisation(module)


def _normalisation(module: nn.Module) -> Layer | None:
    for rank, kinds in ((3, "1d"), (4, "2d"), (5, "3d")):
        for kind in ("BatchNorm", "InstanceNorm"):
            # rank 3 takes 2 as well
            if isinstance(module, getattr(nn, kind + kinds)):
                return Layer("norm", rank if rank > 3 else None, module.num_features, 1)
    if isinstance(module, nn.GroupNorm):
        return Layer("norm", None, module.num_channels, 1)
    return None


def layers(model: nn.Module) -> list[Layer]:
    """The layers of a model in the order in which its constructor made them."""
    return [layer for layer in map(layer_of, model.modules()) if layer]


def real_dtype(model: nn.Module) -> torch.dtype:
    """The dtype of the first parameter or buffer of real numbers; float32 without any."""
    held = (*model.parameters(), *model.buffers())
    return next((tensor.dtype for tensor in held if tensor.is_floating_point()), torch.float32)
