"""Shapes that documentation gives: "x: (B, C, H, W)", "[batch, seq_len, 512]", jaxtyping's Float[Tensor, "b c h w"]."""

from __future__ import annotations

import re
from collections.abc import Iterator

from exportlint.verify.infer.facts import Facts
from exportlint.verify.infer.parameters import Wanted
from exportlint.verify.shapes import Shape

_NEAR = 160  # characters between a parameter's name and its shape
_MEANINGS = (
    ("batch", r"b|n|bs|batch\w*|num_samples|nodes|num_nodes"),
    ("channels", r"c|ch|channels?|in_channels|num_channels|in_chans|cin|c_in"),
    ("side", r"h|w|height|width|h_in|w_in|image_size|img_size|x|y"),
    ("steps", r"t|l|s|seq|seq_?len\w*|sequence_length|length|time|tokens|num_tokens|n_tokens|timesteps|src_len"),
    ("frames", r"f|frames|num_frames|depth"),
    ("width", r"d|e|dim|embed_dim|d_model|hidden\w*|features?|in_features|input_dim|input_size|num_features|emb\w*"),
)


def documented(wanted: Wanted, facts: Facts, text: str) -> Iterator[Shape]:
    """The shapes given for a parameter: in its annotation, then after its name in the documentation."""
    quoted = re.search(r"(?P<kind>\w+)\[\s*[\w.]*Tensor\s*,\s*[\"'](?P<axes>[^\"']+)[\"']", wanted.noted)
    if quoted:
        yield from _shape(quoted["axes"].split(), wanted, facts, quoted["kind"])
    for found in re.finditer(rf"\b{re.escape(wanted.name)}\b", text):
        near = text[found.end() : found.end() + _NEAR]
        listed = re.search(r"[(\[]\s*([\w\s*.+]+(?:[,×x]\s*[\w\s*.+]+)+),?\s*[)\]]", near)
        if listed:
            yield from _shape([axis.strip() for axis in re.split(r"[,×]", listed[1])], wanted, facts, near)


def _shape(axes: list[str], wanted: Wanted, facts: Facts, near: str) -> Iterator[Shape]:
    sizes = [_size(axis, facts) for axis in axes]
    if not 1 <= len(sizes) <= 5 or None in sizes:
        return
    known = tuple(size for size in sizes if size is not None)
    if wanted.role == "tokens" or re.search(r"\b(Int|Long|integer|indices|int64)\w*", near):
        yield Shape("int64", known, facts.vocabulary or 10, {})
    elif wanted.role == "mask":
        yield Shape("bool", known, None, {})
    else:
        yield Shape(facts.dtype, known, None, {})


def _size(axis: str, facts: Facts) -> int | None:
    """The size that a word for an axis stands for, None for a word that is none."""
    if axis.isdecimal():
        return int(axis) if 0 < int(axis) <= 4096 else None
    bare = axis.lower().lstrip("_")
    meaning = next((meaning for meaning, pattern in _MEANINGS if re.fullmatch(pattern, bare)), None)
    features = next((layer.features for layer in facts.layers if layer.axis == -1), 32)
    convolved = next((layer.features for layer in facts.layers if layer.axis == 1), 3)
    side = facts.sizes[0][-1] if facts.sizes else 64
    known = {"batch": 2, "channels": convolved, "side": side, "steps": 16, "width": features}
    return (facts.frames or (4,))[0] if meaning == "frames" else known.get(meaning or "")
