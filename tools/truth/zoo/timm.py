"""timm: of each family of each module, the model whose name says that it is small."""

from __future__ import annotations

import re

import torch

from truth.called import Built, fitting, small

_SMALL = (
    "test atto femto pico nano xxs xxtiny xx_small xs xt tiny ti 050 035 n0 s0 t0 m0 b0 s12 18 small s 26 11".split()
)
_PARTS = re.compile(r"[_.]|(?<=[a-z])(?=\d)")


def names() -> list[str]:
    """`module:model`, one a family: the names of a module that begin with the same word."""
    import timm

    chosen: dict[tuple[str, str], str] = {}
    for module in sorted({timm.models.model_entrypoint(name).__module__ for name in timm.list_models()}):
        word = module.rpartition(".")[2]
        for name in sorted(timm.list_models(module=word), key=_size):
            chosen.setdefault((word, _PARTS.split(name)[0]), name)
    return [f"{module}:{name}" for (module, _), name in chosen.items()]


def build(name: str) -> Built:
    """One of `names()`, with images of 128 pixels where the model takes these, else with its own size."""
    import timm

    model = small(timm.create_model(name.partition(":")[2], pretrained=False))
    own = tuple(model.default_cfg["input_size"])
    sizes = [own] if model.default_cfg.get("fixed_input_size") else [(own[0], 128, 128), own]
    return fitting(model, (((torch.randn(2, *size),), {}) for size in sizes))


def _size(name: str) -> tuple[int, str]:
    parts = _PARTS.split(name)
    return min((_SMALL.index(part) for part in parts if part in _SMALL), default=len(_SMALL)), name
