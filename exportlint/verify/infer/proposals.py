"""Shapes to try first, the likeliest before the others: from names, documentation, attributes and the first layers."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

from exportlint.verify.infer.documented import documented
from exportlint.verify.infer.facts import Facts
from exportlint.verify.infer.layers import Layer
from exportlint.verify.infer.parameters import Wanted
from exportlint.verify.infer.trial import Proposal
from exportlint.verify.shapes import Shape

BATCH = 2
STEPS = 16  # tokens of a sequence, where nothing says how many
NODES, EDGES = 20, 60
WIDTH = 32  # features, where nothing says how many
SIDES = (64, 224, 32, 256, 128, 96, 28, 512, 384, 192, 160, 240, 299, 112, 16, 8)
"""Sides of images in the order of how many published models take them, small before large."""

LENGTHS = (256, 1024, 4000, 16000, 64, 16)
"""Lengths of signals."""

CUBES = (32, 64, 96, 16)
"""Sides of volumes."""


def real(facts: Facts, *sizes: int) -> Shape:
    """A tensor of real numbers in the model's own dtype."""
    return Shape(facts.dtype, sizes, None, {})


def whole(bound: int, *sizes: int) -> Shape:
    """Whole numbers from 0 up to `bound`."""
    return Shape("int64", sizes, max(bound, 1), {})


def proposals(starting: list[Wanted], facts: Facts, text: str) -> Iterator[Proposal]:
    """Proposals for the parameters that every call gives; `text` is the documentation of the model."""
    if not starting:
        return
    main, others = starting[0], starting[1:]
    graph = any(other.role == "edges" for other in others)
    mains = _graph_nodes(facts) if graph else list(dict.fromkeys(_mains(main, facts, text)))
    for shape in mains:
        yield {main.name: shape, **{other.name: beside(other, shape, facts, text)[0] for other in others}}
    for shape in mains[:3]:
        lists = [beside(other, shape, facts, text) for other in others]
        for rest in itertools.islice(itertools.product(*lists), 24):
            yield {main.name: shape, **{other.name: one for other, one in zip(others, rest, strict=True)}}


def images(facts: Facts, channels: int | None = None) -> Iterator[Shape]:
    """Images of the sizes that the model names, then of the usual ones."""
    channels = channels or _channels(facts)
    squares = [size * 2 if len(size) == 1 else size for size in facts.sizes if len(size) <= 2]
    for height, width in dict.fromkeys([*squares, *((side, side) for side in SIDES)]):
        yield real(facts, BATCH, channels, height, width)


def tokens(facts: Facts) -> list[Shape]:
    """Whole numbers below the size of the first embedding."""
    bound = facts.vocabulary or 100
    lengths = [STEPS, *(n for n in facts.lengths if n <= 2048)]
    return [whole(bound, BATCH, length) for length in dict.fromkeys(lengths)] + [whole(bound, BATCH)]


def by_layer(layer: Layer, facts: Facts) -> Iterator[Shape]:
    """Shapes that a layer takes when it gets an input directly."""
    if layer.kind == "embedding":
        yield from tokens(facts)
    elif layer.rank == 4:
        yield from images(facts, layer.features)
    elif layer.rank == 5:
        yield from _volumes(facts, layer.features)
    elif layer.kind in ("conv", "norm") and layer.axis == 1:
        for length in dict.fromkeys([*facts.lengths, *LENGTHS]):
            yield real(facts, BATCH, layer.features, length)
    else:
        flat = [real(facts, BATCH, layer.features)] if layer.kind == "linear" else []
        lengths = dict.fromkeys([STEPS, *facts.lengths])
        yield from (*flat, *(real(facts, BATCH, length, layer.features) for length in lengths))


def beside(other: Wanted, main: Shape, facts: Facts, text: str = "") -> list[Shape]:
    """Shapes for a further input, given that of the first."""
    batch = main.sizes[0] if main.sizes else BATCH
    steps = main.sizes[1] if len(main.sizes) in (2, 3) else STEPS
    width = main.sizes[-1] if len(main.sizes) == 3 else (facts.widths or (WIDTH,))[0]
    noted = list(documented(other, facts, text))
    if other.role == "edges":
        return [whole(batch, 2, EDGES)]
    if other.role == "mask":
        space = main.sizes[-2:] if len(main.sizes) > 3 else ()
        sizes = [(batch, *space), (batch, 1, *space)] if space else [(batch, steps), (steps, steps)]
        masks = [Shape(dtype, size, bound, {}) for size in sizes for dtype, bound in (("bool", None), ("int64", 2))]
        return noted + masks
    if other.role == "time":
        return [*noted, whole(10, batch), real(facts, batch), real(facts)]
    if other.role == "tokens":
        bound = facts.vocabulary or 10
        return [*noted, whole(bound, batch, steps), whole(2, batch, steps), whole(2, batch)]
    if other.role == "sequence":
        widths = dict.fromkeys([width, *facts.widths[:4]])
        return [*noted, *(real(facts, batch, steps, one) for one in widths), main]
    if other.role and other.role not in ("", "image"):
        return [*noted, *itertools.islice(_by_role(other.role, facts), 4), main]
    return [
        *noted,
        main,
        real(facts, batch, steps, width),
        real(facts, batch, width),
        real(facts, batch),
        whole(10, batch),
    ]


def _mains(main: Wanted, facts: Facts, text: str) -> Iterator[Shape]:
    yield from documented(main, facts, text)
    by_name = list(_by_role(main.role, facts))
    if main.role in ("tokens", "image", "video", "time", "mask"):
        yield from by_name
    first = facts.layers[0] if facts.layers else None
    if facts.sizes and (first is None or first.rank != 5):
        yield from images(facts)
    for layer in facts.layers[:3]:
        yield from itertools.islice(by_layer(layer, facts), 6)
    yield from by_name
    yield from images(facts)
    for width in dict.fromkeys([*facts.widths[:3], WIDTH]):
        yield from (real(facts, BATCH, STEPS, width), real(facts, BATCH, width))
    yield from tokens(facts)
    yield from (real(facts, BATCH, STEPS), real(facts, BATCH), real(facts))


def _by_role(role: str, facts: Facts) -> Iterator[Shape]:
    """Shapes for the first input by what its name says; nothing for a name that says nothing."""
    if role == "tokens":
        yield from tokens(facts)
    elif role == "image":
        yield from images(facts)
    elif role == "video":
        yield from _videos(facts)
    elif role == "volume":
        yield from _volumes(facts, _channels(facts, 1))
    elif role == "time":
        yield from (real(facts, BATCH), whole(10, BATCH))
    elif role == "mask":
        yield Shape("bool", (BATCH, STEPS), None, {})
    elif role == "audio":
        for length in dict.fromkeys([*LENGTHS[2:], *LENGTHS[:2]]):
            yield from (real(facts, BATCH, length), real(facts, BATCH, 1, length))
    elif role == "spectrum":
        bins = next(iter(facts.widths), 80)
        for length in dict.fromkeys([*(n * m for n in facts.lengths for m in (1, 2)), 64, 128]):
            yield from (real(facts, BATCH, bins, length), real(facts, BATCH, length, bins))
    elif role == "sequence":
        for width in dict.fromkeys([*(layer.features for layer in facts.layers if layer.axis == -1), *facts.widths]):
            yield real(facts, BATCH, STEPS, width)


def _channels(facts: Facts, otherwise: int = 3) -> int:
    convolved = [layer.features for layer in facts.layers[:2] if layer.kind == "conv"]
    return next(iter([*convolved, *(n for n in facts.channels if n <= 4)]), otherwise)


def _volumes(facts: Facts, channels: int) -> Iterator[Shape]:
    for frames in facts.frames:
        for side in dict.fromkeys([*(size[0] for size in facts.sizes), *SIDES[:4]]):
            yield real(facts, BATCH, channels, frames, side, side)
    cubes = [size * 3 if len(size) == 1 else size for size in facts.sizes if len(size) in (1, 3)]
    for cube in dict.fromkeys([*cubes, *((side,) * 3 for side in CUBES)]):
        yield real(facts, BATCH, channels, *cube)
    yield real(facts, BATCH, channels, 4, 32, 32)


def _videos(facts: Facts) -> Iterator[Shape]:
    channels = next((n for n in facts.channels if n <= 4), 3)
    for frames in dict.fromkeys([*facts.frames, 4, 8, 16]):
        for side in dict.fromkeys([*(size[0] for size in facts.sizes), 64, 32, 224]):
            yield real(facts, BATCH, channels, frames, side, side)
            yield real(facts, BATCH, frames, channels, side, side)


def _graph_nodes(facts: Facts) -> list[Shape]:
    widths = [layer.features for layer in facts.layers if layer.axis == -1] + list(facts.widths)
    return [real(facts, NODES, width) for width in dict.fromkeys([*widths[:4], WIDTH])]
