"""What to know of a model before any export: eval mode, determinism, its state dict, members that no file can hold."""

from __future__ import annotations

import inspect
import io
import pickle
import warnings
from collections.abc import Iterator, Mapping
from contextlib import suppress
from typing import Any

import torch

from exportlint.verify.clock import Clock, TimeIsUp
from exportlint.verify.eager import Eager, Run, fresh_call, fresh_model, seed_all
from exportlint.verify.judging.compare import compare
from exportlint.verify.targets import Call

SHARE = 0.4  # of the job's time, from its start
_OWN = frozenset(vars(torch.nn.Module()))  # what every module holds: parameters, buffers, hooks


def preflight(eager: Eager, call: Call, first: Run, seed: int, clock: Clock) -> dict[str, str]:
    """By name, "ok", "failed: why" or "skipped: why". `first` is a run on `call` from `seed`.

    The model is left as it is. What is not done after a `SHARE` of the time is left out: the export comes first.
    """
    model = fresh_model(eager.model)
    checks = {
        "members": lambda: _members(eager.model),
        "eval mode": lambda: _eval_mode(model, call, seed),
        "deterministic": lambda: _deterministic(eager, call, first, seed),
        "state dict": lambda: _state_dict(eager, call, first, seed),
    }
    said = dict.fromkeys(checks, "skipped: no time left")
    with suppress(TimeIsUp), clock.until(SHARE):
        for name, check in checks.items():
            said[name] = check()
    return said


def _said(wrong: list[str]) -> str:
    return f"failed: {'; '.join(wrong[:4])}" if wrong else "ok"


def _state(model: torch.nn.Module) -> dict[str, torch.Tensor]:
    held = {**dict(model.named_parameters()), **dict(model.named_buffers())}
    return {name: tensor.detach().clone() for name, tensor in held.items()}


def _changed(before: Mapping[str, torch.Tensor], after: Mapping[str, torch.Tensor]) -> list[str]:
    def same(one: torch.Tensor, other: torch.Tensor | None) -> bool:
        return other is not None and compare(one, other).difference is None

    return [name for name, tensor in before.items() if tensor.numel() and not same(tensor, after.get(name))]


def _eval_mode(model: torch.nn.Module, call: Call, seed: int) -> str:
    """That eval() reaches every module and changes no tensor, and that forward changes none afterwards."""
    before = _state(model)
    model.eval()
    wrong = [f"{name or 'the model'} stays in training mode" for name, part in model.named_modules() if part.training]
    wrong += [f"eval() changes {name}" for name in _changed(before, _state(model))]
    before, mine = _state(model), fresh_call(call)
    with torch.no_grad(), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        seed_all(seed)
        model(*mine.args, **mine.kwargs)
    return _said(wrong + [f"forward changes {name}" for name in _changed(before, _state(model))])


def _deterministic(eager: Eager, call: Call, first: Run, seed: int) -> str:
    difference = compare(first.output, eager.run(call, seed + 1).output).difference
    return "ok" if difference is None else f"failed: two runs differ: {difference.reason}"


def _state_dict(eager: Eager, call: Call, first: Run, seed: int) -> str:
    """That the state dict, written, read back as weights only, and loaded into a copy, gives the same answer."""
    kept = io.BytesIO()
    other = fresh_model(eager.model)
    try:
        torch.save(eager.model.state_dict(), kept)
        kept.seek(0)
        other.load_state_dict(torch.load(kept, weights_only=True))
    except Exception as error:  # what the user's hooks or torch's unpickler raise is what is to be told
        return f"failed: {type(error).__name__}: {' '.join(str(error).split())[:200]}"
    answer = Eager(other, eager.code).run(call, seed).output
    difference = compare(first.output, answer).difference
    return "ok" if difference is None else f"failed: the model answers otherwise afterwards: {difference.reason}"


def _members(model: torch.nn.Module) -> str:
    """That no attribute is a lambda, a generator, a lock or anything else that cannot be pickled."""
    return _said([f"{name} is {what}" for name, what in _unpicklable(model)])


def _unpicklable(model: torch.nn.Module) -> Iterator[tuple[str, str]]:
    for path, module in model.named_modules():
        for name, value in vars(module).items():
            if name in _OWN or isinstance(value, (torch.Tensor, torch.nn.Module)):
                continue
            what = _refusal(value)
            if what:
                yield f"{path}.{name}".lstrip("."), what


def _refusal(value: Any) -> str | None:
    if inspect.isfunction(value) and value.__name__ == "<lambda>":
        return "a lambda"
    try:
        pickle.dumps(value)
    except Exception as error:  # pickle raises whatever the value's own methods raise
        return f"{type(value).__name__}, which cannot be pickled ({type(error).__name__})"
    return None
