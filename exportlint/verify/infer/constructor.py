"""Arguments for a class or factory that cannot be called without: from calls in the project, annotations, names."""

from __future__ import annotations

import inspect
import itertools
import time
import typing
import warnings
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from exportlint.verify.contract import Job
from exportlint.verify.infer.configurations import is_configuration, tiny
from exportlint.verify.infer.inputs import NotFound
from exportlint.verify.infer.meanings import list_of, value_of
from exportlint.verify.specs import made

MOST_BUILDS = 40
_FALLBACKS: tuple[object, ...] = (4, [4, 8], {"make": "torch.nn:Identity"}, "relu", 0.5, True)


@dataclass(frozen=True)
class Arguments:
    """Plain arguments with which the model could be built, and where they come from."""

    args: tuple[object, ...]
    kwargs: Mapping[str, object]
    origin: str


def arguments(factory: Any, job: Job, seconds: float) -> Arguments:
    """The first arguments with which `factory` makes a model; those of the job are kept. Raises NotFound."""
    signature, root = inspect.signature(factory), Path(job.root)
    deadline, complaint, builds = time.monotonic() + seconds, "", 0
    for offered in _offered(factory, signature, job.calls, job.kwargs):
        if builds >= MOST_BUILDS or time.monotonic() > deadline:
            break
        builds += 1
        error = _refusal(factory, offered, root)
        if error is None:
            return offered
        complaint = complaint or f"{offered.origin}: {error}"
    raise NotFound(f"no arguments fit in {builds} attempts; {complaint or 'no value is known for them'}")


def _refusal(factory: Any, offered: Arguments, root: Path) -> str | None:
    """What the constructor says to arguments, None where it makes a model. On the meta device first: no memory."""
    said = None
    for device in ("meta", None):
        try:
            with warnings.catch_warnings(), torch.device(device) if device else warnings.catch_warnings():
                warnings.simplefilter("ignore")
                model = factory(*made(list(offered.args), root), **made(dict(offered.kwargs), root))
        except Exception as error:  # the user's constructor: what it raises says that these do not fit
            said = " ".join(f"{type(error).__name__}: {error}".split())[:200]
            if device and not _wants_values(said):
                return said
            continue
        return None if isinstance(model, torch.nn.Module) else f"made a {type(model).__name__}"
    return said


def _wants_values(said: str) -> bool:
    return "meta" in said or "NotImplementedError" in said


def _offered(
    factory: Any, signature: inspect.Signature, calls: Sequence[Mapping[str, Any]], given: Mapping[str, object]
) -> Iterator[Arguments]:
    for call in calls:
        args, kwargs = tuple(call["args"]), {**call["kwargs"], **given}
        if _binds(signature, args, kwargs):
            yield Arguments(args, kwargs, f"the call at {call['at']}")
    plain = [p for p in signature.parameters.values() if p.kind not in (p.VAR_POSITIONAL, p.VAR_KEYWORD)]
    needed = [p for p in plain if p.default is p.empty and p.name not in given]
    hints = _hints(factory)
    lists = [_values(factory, parameter, hints.get(parameter.name, parameter.annotation)) for parameter in needed]
    for values in _likeliest(lists):
        named = {p.name: value for p, value in zip(needed, values, strict=True)}
        yield Arguments((), {**named, **given}, "names and annotations")


def _binds(signature: inspect.Signature, args: Sequence[object], kwargs: Mapping[str, object]) -> bool:
    try:
        signature.bind(*args, **kwargs)
    except TypeError:
        return False
    return True


def _hints(factory: Any) -> dict[str, Any]:
    try:
        return typing.get_type_hints(factory.__init__ if isinstance(factory, type) else factory)
    except Exception:  # annotations are the user's code: names that exist for a type checker only
        return {}


def _likeliest(lists: list[list[object]]) -> Iterator[tuple[object, ...]]:
    """Combinations, those that take the first choice for most arguments before the others."""
    first = tuple(values[0] for values in lists)
    yield first
    for at, values in enumerate(lists):
        for value in values[1:]:
            yield (*first[:at], value, *first[at + 1 :])
    # sequences go together: stages have as many depths as widths
    yield tuple(next((v for v in values if isinstance(v, list)), values[0]) for values in lists)
    for one, other in itertools.combinations(range(len(lists)), 2):
        for value, second in itertools.product(lists[one][1:4], lists[other][1:4]):
            yield tuple({one: value, other: second}.get(at, chosen) for at, chosen in enumerate(first))


def _values(factory: Any, parameter: inspect.Parameter, noted: Any) -> list[object]:
    """Values to try for one argument, the likeliest first; never empty."""
    kinds = [kind for kind in (typing.get_args(noted) or (noted,)) if isinstance(kind, type)]
    for kind in (*kinds, getattr(factory, "config_class", None) if "config" in parameter.name.lower() else None):
        if is_configuration(kind):
            return list(tiny(kind)) or [{"make": f"{kind.__module__}:{kind.__qualname__}"}]
    if typing.get_origin(noted) is typing.Literal:
        return list(typing.get_args(noted))
    if any(issubclass(kind, torch.nn.Module) for kind in kinds):
        return [{"make": "torch.nn:Identity"}]
    named = value_of(parameter.name)
    many = list_of(parameter.name)
    text = noted if isinstance(noted, str) else str(noted)
    if any(word in text.lower() for word in ("list", "tuple", "sequence", "iterable")):
        return [many, many * 2, many[:1] * 3, named if named is not None else 4]
    if bool in kinds and len(kinds) == 1:
        return [False, True]
    others = [value for value in _FALLBACKS if value != named]
    if named is None and str in kinds:
        return ["relu", *others]
    if parameter.name.endswith("s") and not isinstance(named, (str, bool)):
        return [named if named is not None else 4, many, many * 2, *others[2:]]
    return [named, *others] if named is not None else others
