"""x-transformers: a decoder for each switch of the attention layers, and the examples of its README."""

from __future__ import annotations

import inspect

import torch

from truth import readme
from truth.called import Built, fitting

_TOKENS = 64


def names() -> list[str]:
    """Switches that are off by default, then blocks of the README."""
    from x_transformers.x_transformers import AttentionLayers

    parameters = inspect.signature(AttentionLayers).parameters.values()
    return [*(p.name for p in parameters if p.default is False), *readme.names("x-transformers")]


def build(name: str) -> Built:
    """One of `names()`."""
    if name.startswith("readme-"):
        return readme.build("x-transformers", name)
    from x_transformers import Decoder, TransformerWrapper

    layers = Decoder(dim=32, depth=2, heads=2, **{name: True})
    model = TransformerWrapper(num_tokens=_TOKENS, max_seq_len=128, attn_layers=layers)
    return fitting(model, [((torch.randint(0, _TOKENS, (2, 16)),), {})])
