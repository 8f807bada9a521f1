"""Cases: small models with one operator each, as source text, with an example input and fresh ones like it."""

from __future__ import annotations

import linecache
import random
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import cache, partial
from itertools import islice

import torch
from torch.testing._internal.common_methods_invocations import op_db
from torch.testing._internal.common_modules import module_db

from operators.literals import NotWritable, written_call
from operators.picked import Picked, picked, random_tensor

SEEDS = (0, 1, 2)
# How many samples of one operator, differing in their constants or ranks, are measured at most.
_MOST = 10
# Of these dtypes one sample is measured, an ordinary one among the first.
_TYPED_SAMPLES = 12
_OTHER_DTYPES = (torch.float16, torch.int64, torch.bool, torch.float64)
# Families that models hardly use with those.
_UNTYPED = ("special.", "linalg.", "masked.", "fft.")
# OpInfos that run code generators for other devices.
_NOT_OPERATORS = ("jiterator",)


@dataclass(frozen=True)
class Case:
    """`call` is the expression under test ("torch.max(x0, 1)"), `layer` a module's constructor call, where it is one.

    `inputs` are x0, x1... for each seed: the first is exported with, all are compared on.
    """

    key: str
    call: str
    inputs: tuple[tuple[torch.Tensor, ...], ...]
    layer: str | None = None

    @property
    def source(self) -> str:
        """A file with the class Model, as a user would write it."""
        parameters = "".join(f", x{i}: torch.Tensor" for i in range(len(self.inputs[0])))
        lines = ["import torch", "from torch import nn", "", "", "class Model(nn.Module):"]
        if self.layer:
            lines += ["    def __init__(self):", "        super().__init__()", f"        self.layer = {self.layer}", ""]
        *before, last = self.call.split("; ")
        lines += [
            f"    def forward(self{parameters}):",
            *(f"        {line}" for line in before),
            f"        return {last}",
            "",
        ]
        return "\n".join(lines)

    def described(self) -> list[str]:
        """The inputs' dtypes and shapes: "float32[2, 3]"."""
        return [f"{str(t.dtype)[6:]}{list(t.shape)}" for t in self.inputs[0]]

    def build(self) -> torch.nn.Module:
        """The model, in eval mode."""
        namespace: dict[str, type] = {}
        name = f"<{self.key}>"
        linecache.cache[name] = (len(self.source), None, self.source.splitlines(keepends=True), name)  # for scripting
        exec(compile(self.source, name, "exec"), namespace)
        return namespace["Model"]().eval()


def group_names() -> list[str]:
    """Names of all groups of cases, cheap to list.

    "op:NAME:VARIANT", "module:NAME", "picked:CALL on INPUTS", and "typed:NAME:VARIANT:DTYPE" for operators on inputs of
    other dtypes than the usual one.
    """
    return list(_loaders())


@cache
def group(name: str) -> tuple[Case, ...]:
    """The cases of one group; the first is the most ordinary."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found = _loaders()[name]()
    return tuple(replace(case, key=f"{name}#{i}") for i, case in enumerate(found))


@cache
def _loaders() -> dict[str, Callable[[], list[Case]]]:
    operators = {
        f"op:{info.name}:{info.variant_test_name}": partial(_of_operator, info)
        for info in op_db
        if not info.name.startswith(_NOT_OPERATORS)
    }
    modules = {f"module:{info.module_cls.__name__}": partial(_of_module, info) for info in module_db}
    chosen = {
        f"picked:{one.layer or one.call} on {', '.join(one.inputs)}": partial(_of_picked, one) for one in picked()
    }
    typed = {
        f"typed:{info.name}:{info.variant_test_name}:{str(dtype)[6:]}": partial(_of_dtype, info, dtype, _TYPED_SAMPLES)
        for dtype in _OTHER_DTYPES
        for info in op_db
        if not info.name.startswith((*_NOT_OPERATORS, *_UNTYPED))
        and dtype in info.dtypes
        and dtype is not _usual_dtype(info)
    }
    return operators | modules | chosen | typed


def _of_picked(one: Picked) -> list[Case]:
    inputs = tuple(tuple(random_tensor(spec, seed, i) for i, spec in enumerate(one.inputs)) for seed in SEEDS)
    return [Case("", one.call, inputs, one.layer)]


def _usual_dtype(info: object) -> torch.dtype | None:
    preferred = (torch.float32, torch.int64, torch.bool, torch.complex64)
    return next((dtype for dtype in preferred if dtype in info.dtypes), None)


def _of_operator(info: object) -> list[Case]:
    dtype = _usual_dtype(info)
    return [] if dtype is None else _of_dtype(info, dtype)


def _of_dtype(info: object, dtype: torch.dtype, most: int | None = None) -> list[Case]:
    # By default torch gives the same values whatever the seed; the first run keeps to that.
    runs = [
        _seeded(partial(_samples, info, most), seed, "cpu", dtype, requires_grad=False, set_seed=seed == SEEDS[0])
        for seed in SEEDS
    ]
    found: dict[tuple, Case] = {}
    for samples in zip(
        *runs, strict=False
    ):  # a few draw the number of samples too; what is left over has no fresh values
        try:
            case = _from_samples(info, samples)
        except NotWritable:
            continue
        key = (case.call, tuple(t.dim() for t in case.inputs[0]))
        if key not in found or _strangeness(case) < _strangeness(found[key]):
            found[key] = case
    chosen = _spread(sorted(found.values(), key=_strangeness))
    # torch's own first sample is how others know the operator: never left out, however strange
    return chosen + [case for case in list(found.values())[:1] if all(case is not one for one in chosen)]


def _samples(info: object, most: int | None, *args: object, **kwargs: object) -> Iterator:
    return islice(info.sample_inputs(*args, **kwargs), most)


def _from_samples(info: object, samples: tuple) -> Case:
    """The call as a user writes it: torch.f(input, ...), or input.f(...), whichever gives what the OpInfo gives.

    Some OpInfos swap the first two arguments (embedding). Raises NotWritable where no way gives the same.
    """
    first = samples[0]
    expected = _eager(lambda: info.op(first.input, *first.args, **first.kwargs))
    for write in (_as_function, _as_function_swapped, _as_method):
        texts, inputs = [], []
        for sample in samples:
            tensors: list[torch.Tensor] = []
            texts.append(write(info.name, sample, tensors))
            inputs.append(tuple(tensors))
        if None in texts:
            continue
        # Constants that are random differ by seed; then only the first run's inputs belong to the text.
        same = all(text == texts[0] for text in texts) and all(_alike(inputs[0], other) for other in inputs)
        case = Case(info.name, texts[0], tuple(inputs) if same else (inputs[0],))
        if _same_shapes(_eager(lambda case=case: case.build()(*case.inputs[0])), expected):
            return case
    raise NotWritable(info.name)


def _as_function(name: str, sample: object, tensors: list[torch.Tensor]) -> str | None:
    return (
        written_call(f"torch.{name}", (sample.input, *sample.args), sample.kwargs, tensors) if _exists(name) else None
    )


def _as_function_swapped(name: str, sample: object, tensors: list[torch.Tensor]) -> str | None:
    if not _exists(name) or not sample.args:
        return None
    return written_call(f"torch.{name}", (sample.args[0], sample.input, *sample.args[1:]), sample.kwargs, tensors)


def _as_method(name: str, sample: object, tensors: list[torch.Tensor]) -> str | None:
    if not isinstance(sample.input, torch.Tensor):
        return None
    tensors.append(sample.input.detach())
    return written_call(f"x0.{name}", sample.args, sample.kwargs, tensors)


def _exists(name: str) -> bool:
    owner: object = torch
    for part in name.split("."):
        owner = getattr(owner, part, None)
    return owner is not None


def _eager(run: Callable[[], object]) -> object:
    """What it returns, or None where it raises: a way of writing the call that torch does not accept."""
    try:
        with torch.no_grad():
            return run()
    except (AssertionError, AttributeError, IndexError, NotImplementedError, RuntimeError, TypeError, ValueError):
        return None


def _same_shapes(one: object, other: object) -> bool:
    ones, others = (torch.utils._pytree.tree_leaves(value) for value in (one, other))
    if not any(isinstance(value, torch.Tensor) for value in ones) or len(ones) != len(others):
        return False
    return all(getattr(a, "shape", None) == getattr(b, "shape", None) for a, b in zip(ones, others, strict=True))


def _of_module(info: object) -> list[Case]:
    runs = [
        _seeded(info.module_inputs_func, seed, info, "cpu", torch.float32, requires_grad=False, training=False)
        for seed in SEEDS
    ]
    found: dict[tuple, Case] = {}
    for given in zip(*runs, strict=True):
        if any(g.forward_input is None for g in given):
            continue
        constructor = given[0].constructor_input
        nothing: list[torch.Tensor] = []
        try:
            layer = written_call(f"nn.{info.module_cls.__name__}", constructor.args, constructor.kwargs, nothing)
            calls, inputs = [], []
            for one in given:
                tensors: list[torch.Tensor] = []
                call = written_call("self.layer", one.forward_input.args, one.forward_input.kwargs, tensors)
                calls.append(call)
                inputs.append(tuple(tensors))
        except NotWritable:
            continue
        if nothing or any(call != calls[0] for call in calls):
            continue
        case = Case("", calls[0], tuple(inputs), layer)
        found.setdefault((layer, case.call, tuple(t.dim() for t in inputs[0])), case)
    return _spread(sorted(found.values(), key=_strangeness))


def _seeded(function: object, seed: int, *args: object, **kwargs: object) -> list:
    torch.manual_seed(seed)
    random.seed(seed)
    return list(function(*args, **kwargs))


def _alike(one: tuple[torch.Tensor, ...], other: tuple[torch.Tensor, ...]) -> bool:
    return [(t.shape, t.dtype) for t in one] == [(t.shape, t.dtype) for t in other]


def _strangeness(case: Case) -> int:
    """How far the inputs are from what models see: 2 with empty tensors, 1 where all are scalars."""
    tensors = case.inputs[0]
    return 2 if any(t.numel() == 0 for t in tensors) else int(bool(tensors) and all(t.dim() == 0 for t in tensors))


def _spread(cases: list[Case]) -> list[Case]:
    """At most `_MOST`: the first half from the start, where the plain ones stand, the rest evenly over the others."""
    if len(cases) <= _MOST:
        return cases
    half = _MOST // 2
    rest = cases[half:]
    return cases[:half] + [rest[i * len(rest) // half] for i in range(half)]
