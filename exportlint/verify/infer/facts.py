"""What a built model says about its inputs by the names of its attributes, and of its configuration's."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import torch

from exportlint.verify.infer.layers import Layer, layers, real_dtype

_SIZE = re.compile(
    r"(default_|native_)?(image|img|input|crop|spatial)_?(size|shape|resolution|dims?)|resolution|roi_size"
)
_CHANNELS = re.compile(r"(in|input|num|n|image|img)_?(channels|chans|channel)|channels|in_c|chans")
_LENGTH = re.compile(
    r"(max_|n_|num_)?(seq|sequence|context|ctx|block|clip)_?(len|length|size)|(max_)?(length|positions|position_embeddings)"
    r"|n_positions|n_ctx|max_source_positions|window"
)
_FRAMES = re.compile(r"(num_|n_|max_|image_)?(frames|frame_size)|frames_per_clip|temporal_size")
_WIDTH = re.compile(
    r"(input_|in_|embed_|d_|hidden_|model_)?(dim|dims|size|features|model)|n_features|num_features|n_mels|num_mel_bins"
)
_CONFIGURATIONS = ("config", "cfg", "pretrained_cfg", "default_cfg", "hparams", "args")
_DEEPEST = 2  # levels of submodules that are asked


@dataclass(frozen=True)
class Facts:
    """Numbers by what their names say, the outermost module's first; `layers` in the order of construction."""

    layers: tuple[Layer, ...]
    dtype: str
    sizes: tuple[tuple[int, ...], ...]
    channels: tuple[int, ...]
    lengths: tuple[int, ...]
    frames: tuple[int, ...]
    widths: tuple[int, ...]

    @property
    def vocabulary(self) -> int | None:
        """The number of entries of the first embedding."""
        return next((layer.features for layer in self.layers if layer.kind == "embedding"), None)


def facts_of(model: torch.nn.Module) -> Facts:
    """Facts of a model in eval mode."""
    named = list(_attributes(model))
    return Facts(
        tuple(layers(model)),
        str(real_dtype(model)).removeprefix("torch."),
        tuple(dict.fromkeys(_sizes(_matching(named, _SIZE)))),
        _numbers(named, _CHANNELS, 4096),
        _numbers(named, _LENGTH, 8192),
        _numbers(named, _FRAMES, 128),
        _numbers(named, _WIDTH, 8192),
    )


def _attributes(model: torch.nn.Module) -> Iterator[tuple[str, Any]]:
    """Attributes of the outer modules by name, and those of the configurations they hold."""
    for name, module in model.named_modules():
        if name.count(".") >= _DEEPEST:
            continue
        for attribute, value in vars(module).items():
            yield attribute, value
            if attribute in _CONFIGURATIONS:
                yield from _configured(value, 1)


def _configured(value: Any, deeper: int) -> Iterator[tuple[str, Any]]:
    table = value if isinstance(value, Mapping) else getattr(value, "__dict__", {})
    for name, item in table.items():
        yield str(name), item
        if deeper and (isinstance(item, Mapping) or str(name).endswith("config")):
            yield from _configured(item, deeper - 1)


def _matching(named: list[tuple[str, Any]], pattern: re.Pattern[str]) -> Iterator[Any]:
    return (value for name, value in named if pattern.fullmatch(name.lstrip("_")))


def _whole(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _numbers(named: list[tuple[str, Any]], pattern: re.Pattern[str], most: int) -> tuple[int, ...]:
    found = (value for value in _matching(named, pattern) if _whole(value) and 1 <= value <= most)
    return tuple(dict.fromkeys(found))


def _sizes(values: Iterator[Any]) -> Iterator[tuple[int, ...]]:
    """Spatial sizes: a number is a square, (channels, height, width) leaves its channels to the layers."""
    for value in values:
        if _whole(value) and 4 <= value <= 2048:
            yield (value,)
        elif isinstance(value, (list, tuple)) and 2 <= len(value) <= 4 and all(map(_whole, value)):
            whole = tuple(value)
            yield whole[1:] if len(whole) > 2 and whole[0] <= 4 else whole
