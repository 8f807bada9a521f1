"""Reads picked.txt: cases with the arguments that models really use."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product
from pathlib import Path

import torch

_TENSOR = re.compile(r"(?P<dtype>\w+)\[(?P<shape>[\d, ]*)\](?:<(?P<below>\d+)|~(?P<distinct>\d+)|@(?P<signed>\d+))?")
_CHOICE = re.compile(r"\{([^{}]*)\}")


@dataclass(frozen=True)
class Picked:
    """A call on x0, x1..., the inputs as picked.txt spells them, and the constructor where the call is of a layer."""

    call: str
    inputs: tuple[str, ...]
    layer: str | None = None


def picked() -> tuple[Picked, ...]:
    """Every case of picked.txt, in its order, each once."""
    return tuple(dict.fromkeys(_read(Path(__file__).with_name("picked.txt").read_text())))


def random_tensor(spec: str, seed: int, position: int) -> torch.Tensor:
    """Random values for a spec: normal for floats, below the bound (default 2) for integers, either for bools.

    The tensor at another `position` among the inputs has other values, even for the same spec and seed.
    """
    match = _TENSOR.fullmatch(spec)
    dtype = getattr(torch, match["dtype"])
    shape = [int(n) for n in match["shape"].split(",") if n.strip()]
    generator = torch.Generator().manual_seed(seed * 1000 + position)
    if dtype.is_floating_point or dtype.is_complex:
        return torch.randn(shape, generator=generator, dtype=dtype)
    if match["distinct"]:
        return torch.randperm(int(match["distinct"]), generator=generator)[: shape[0]].to(dtype)
    if match["signed"]:
        sign = torch.randint(0, 2, shape, generator=generator) * 2 - 1
        return (sign * torch.randint(1, int(match["signed"]) + 1, shape, generator=generator)).to(dtype)
    return torch.randint(0, int(match["below"] or 2), shape, generator=generator).to(dtype)


def _read(text: str) -> Iterator[Picked]:
    inputs: tuple[str, ...] = ()
    for line in text.splitlines():
        if line.startswith("inputs "):
            inputs = tuple(match[0] for match in _TENSOR.finditer(line.removeprefix("inputs ")))
        elif line and not line.startswith("#"):
            for case in _expanded(line):
                if case.startswith("nn."):
                    layer, _, call = case.partition(" : ")
                    arguments = ", ".join(f"x{i}" for i in range(len(inputs)))
                    yield Picked(call or f"self.layer({arguments})", inputs, layer)
                else:
                    yield _with_used(case, inputs)


def _with_used(call: str, inputs: tuple[str, ...]) -> Picked:
    """The case with only the inputs that it uses: exporters drop the others, each in its way."""
    used = [i for i in range(len(inputs)) if re.search(rf"\bx{i}\b", call)]
    for position, i in enumerate(used):
        call = re.sub(rf"\bx{i}\b", f"x{position}", call)
    return Picked(call, tuple(inputs[i] for i in used))


def _expanded(line: str) -> Iterator[str]:
    """The line with each {a|b} replaced by each of its alternatives."""
    parts = _CHOICE.split(line)
    for chosen in product(*(part.split("|") if i % 2 else [part] for i, part in enumerate(parts))):
        yield "".join(chosen)
