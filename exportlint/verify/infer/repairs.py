"""From a call that failed to calls that may not: what the layer that refused wants, and what the message says."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from dataclasses import replace

from exportlint.verify.infer.facts import Facts
from exportlint.verify.infer.parameters import Wanted
from exportlint.verify.infer.proposals import BATCH, STEPS, beside, by_layer, images, real, tokens, whole
from exportlint.verify.infer.trial import Proposal, Trial
from exportlint.verify.shapes import Shape

_RANK = re.compile(
    r"(?:expected|expects?|must be|should be|requires?)\s+(?:an? )?(?:input to be |input |tensor |exactly )?(?:of )?"
    r"(?P<rank>[1-5])\s*-?(?:d\b|dims?\b|dimension)"
    r"|expected (?P<unpack>\d), got \d|values to unpack \(expected (?P<most>\d)"
    r"|expected (?P<unbatched>\d)D \(unbatched\) or (?P<batched>\d)D",
    re.IGNORECASE,
)
_INTEGERS = re.compile(
    r"indices|expected dtype int|scalar type.*(Long|Int)|IntTensor|must be.*(long|int)\b", re.IGNORECASE
)
_REALS = re.compile(
    r"(same dtype|expected .*(Float|Half|Double)|not implemented for '(Long|Int)|floating point)", re.IGNORECASE
)
_RANGE = re.compile(r"index out of range|out of bounds|IndexError", re.IGNORECASE)
_PRODUCT = re.compile(r"\(?(\d+)\s*[x,]\s*(?P<have>\d+)[)\]]? (?:and|X) [(\[]?(?P<want>\d+)\s*[x,]\s*\d+")
_BROADCAST = re.compile(r"dimension of length (\d+) at -(\d)!.* broadcastable to \[([\d, ]+)\]")
_SIDES = range(4, 1025)


def repaired(proposal: Proposal, trial: Trial, parameters: list[Wanted], facts: Facts) -> Iterator[Proposal]:
    """Other proposals that a failure suggests, the likeliest first."""
    yield from _with_missing(proposal, trial, parameters, facts)
    culprits = [trial.failed.direct] if trial.failed and trial.failed.direct else list(proposal)
    for name in culprits:
        for shape in _shapes(proposal[name], trial, facts):
            yield {**proposal, name: shape}
    if len(proposal) > 1 and len(set(_batches(proposal))) == 1:
        yield from _together(proposal, trial, facts)


def _batches(proposal: Proposal) -> Iterator[int]:
    return (shape.sizes[0] if shape.sizes else 0 for shape in proposal.values())


def _together(proposal: Proposal, trial: Trial, facts: Facts) -> Iterator[Proposal]:
    """The same change to every input of the same shape, as for a query, its keys and its values."""
    main = next(iter(proposal.values()))
    for shape in _shapes(main, trial, facts):
        yield {name: shape if one.sizes == main.sizes else one for name, one in proposal.items()}


def _with_missing(proposal: Proposal, trial: Trial, parameters: list[Wanted], facts: Facts) -> Iterator[Proposal]:
    """Arguments that were None where it failed, or that the message asks for."""
    main = next(iter(proposal.values()))
    named = [*trial.absent, *re.findall(r"[a-z_]+\w*", trial.message)]
    known = {parameter.name: parameter for parameter in parameters}
    for name in dict.fromkeys(named):
        if name in known and name not in proposal:
            for shape in beside(known[name], main, facts):
                yield {**proposal, name: shape}


def _shapes(shape: Shape, trial: Trial, facts: Facts) -> Iterator[Shape]:
    message, failed = trial.message, trial.failed
    if failed and failed.direct:
        yield from _for_layer(shape, trial, facts)
    if _RANGE.search(message) and shape.bound:
        yield from (replace(shape, bound=bound) for bound in _bounds(shape.bound, facts))
    if shape.bound is None and _INTEGERS.search(message):
        yield replace(shape, dtype="int64", bound=facts.vocabulary or 10)
        yield from tokens(facts)
    if shape.bound is not None and _REALS.search(message):
        yield Shape(facts.dtype, shape.sizes, None, {})
    for rank in _ranks(message):
        yield from _of_rank(shape, rank, facts)
    yield from _by_numbers(shape, message)
    for have, want in _mismatches(trial):
        yield from _scaled(shape, have, want)
    if failed and not failed.direct:
        yield from _for_layer(shape, trial, facts)
    if len(shape.sizes) == 4 and shape.bound is None:
        yield from images(facts, shape.sizes[1])
    if len(shape.sizes) == 2 and shape.bound is not None:
        yield from (whole(shape.bound, shape.sizes[0], length) for length in (64, 128, 8, 256, 512))


def _for_layer(shape: Shape, trial: Trial, facts: Facts) -> Iterator[Shape]:
    """What the layer that failed takes, where the input reaches it as it is, or with the same rank."""
    failed = trial.failed
    if failed is None:
        return
    layer = failed.layer
    if layer.axis is None:
        if failed.direct or failed.shape == shape.sizes:
            yield whole(layer.features, *(shape.sizes if len(shape.sizes) <= 2 else shape.sizes[:2]))
        return
    if failed.shape == shape.sizes and layer.rank in (None, len(shape.sizes)) and len(shape.sizes) >= 2:
        sizes = list(shape.sizes)
        sizes[layer.axis] = layer.features
        yield replace(shape, sizes=tuple(sizes))
        if layer.axis == 1 and len(sizes) == 3:  # channels last, turned by the model
            yield replace(shape, sizes=(shape.sizes[0], shape.sizes[1], layer.features))
    if failed.direct or failed.shape == shape.sizes:
        yield from by_layer(layer, facts)


def _bounds(bound: int, facts: Facts) -> list[int]:
    sizes = sorted({layer.features for layer in facts.layers if layer.kind == "embedding"} | {2, 1}, reverse=True)
    return [size for size in sizes if size < bound]


def _ranks(message: str) -> list[int]:
    found = [int(text) for match in _RANK.finditer(message) for text in reversed(match.groups()) if text]
    return [rank for rank in dict.fromkeys(found) if 1 <= rank <= 5]


def _of_rank(shape: Shape, rank: int, facts: Facts) -> Iterator[Shape]:
    if rank == len(shape.sizes):
        return
    if shape.bound is not None:
        yield whole(shape.bound, *(BATCH, STEPS, 4, 4, 4)[:rank])
        return
    width = shape.sizes[-1] if shape.sizes else 32
    if rank == 4:
        yield from images(facts)
        yield from images(facts, 3)
    elif rank == 5:
        channels = shape.sizes[1] if len(shape.sizes) == 4 else 3
        for frames in dict.fromkeys([*facts.frames, 4, 8, 16, 32]):
            for side in dict.fromkeys([*(size[0] for size in facts.sizes), 64, 32]):
                yield real(facts, BATCH, channels, frames, side, side)
                yield real(facts, BATCH, frames, channels, side, side)
    elif rank == 3:
        widths = [width, *(layer.features for layer in facts.layers[:3] if layer.axis == -1), *facts.widths[:3]]
        yield from (real(facts, BATCH, STEPS, one) for one in dict.fromkeys(widths))
        yield from (real(facts, BATCH, layer.features, 64) for layer in facts.layers[:1] if layer.axis == 1)
        yield from (real(facts, *shape.sizes[:2], 256),)
    else:
        widths = [width, *(layer.features for layer in facts.layers[:3] if layer.axis == -1)]
        yield from (real(facts, *(BATCH, one)[:rank]) for one in dict.fromkeys(widths))


def _by_numbers(shape: Shape, message: str) -> Iterator[Shape]:
    """A size of ours that the message names beside other numbers may have to be one of those."""
    numbers = [int(text) for text in re.findall(r"(?<![\w.])\d{1,5}(?![\w.]*\d*\.)", message)]
    ours = [size for size in dict.fromkeys(shape.sizes[1:]) if size in numbers]
    for size in ours:
        for other in dict.fromkeys(numbers):
            if 0 < other <= 2048 and other != size:
                sizes = tuple(other if one == size and axis else one for axis, one in enumerate(shape.sizes))
                yield replace(shape, sizes=sizes)


def _mismatches(trial: Trial) -> Iterator[tuple[int, int]]:
    """Pairs (what was there, what was wanted) of features or elements."""
    failed = trial.failed
    if failed and failed.layer.axis is not None and len(failed.shape) > max(failed.layer.axis, 0):
        yield failed.shape[failed.layer.axis], failed.layer.features
    for match in _PRODUCT.finditer(trial.message):
        yield int(match["have"]), int(match["want"])
    for want, axis, shape in _BROADCAST.findall(trial.message):
        sizes = [int(size) for size in re.findall(r"\d+", shape)]
        if int(axis) <= len(sizes):
            have = sizes[-int(axis)]
            yield have, int(want)
            yield have - 1, int(want) - 1
    for have, want in re.findall(r"tensor a \((\d+)\) must match the size of tensor b \((\d+)\)", trial.message):
        yield int(have), int(want)
        yield int(want), int(have)
        yield int(have) - 1, int(want) - 1  # a class token is among them


def _scaled(shape: Shape, have: int, want: int) -> Iterator[Shape]:
    """Sizes under which `have` would become `want`: one axis in proportion, or the sides of an image by its root."""
    if have <= 0 or want <= 0 or have == want:
        return
    for axis in range(len(shape.sizes) - 1, 0, -1):
        size = shape.sizes[axis] * want / have
        if size == int(size) and 1 <= size <= 4096:
            yield replace(shape, sizes=(*shape.sizes[:axis], int(size), *shape.sizes[axis + 1 :]))
    if len(shape.sizes) >= 4:
        side = shape.sizes[-1] * math.sqrt(want / have)
        for near in dict.fromkeys([round(side), math.floor(side), math.ceil(side)]):
            if near in _SIDES:
                yield replace(shape, sizes=(*shape.sizes[:-2], near, near))
