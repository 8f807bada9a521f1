"""One attempt to call a model: on fake tensors, which compute shapes only, or on real ones."""

from __future__ import annotations

import linecache
import logging
import re
import traceback
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from typing import Any

import torch
from torch._subclasses.fake_tensor import FakeTensorMode

from exportlint.verify.eager import limited, seed_all
from exportlint.verify.infer.layers import Layer, layer_of
from exportlint.verify.shapes import Shape
from exportlint.verify.specs import tensor_of
from exportlint.verify.structure import tensors

SLOWEST = 20.0  # seconds for one attempt
# what fake tensors cannot do and real ones can: values are needed, or an operator knows no fake
_ONLY_FAKE = re.compile(r"fake|meta tensor|data.dependent|dynamic.?output|numpy|unbacked|\.item\(\)", re.IGNORECASE)

Proposal = Mapping[str, Shape]


@dataclass(frozen=True)
class Entered:
    """A layer that was called: what it takes, the shape and dtype it got, and which input that is, if it is one."""

    layer: Layer
    shape: tuple[int, ...]
    dtype: torch.dtype
    direct: str | None


@dataclass(frozen=True)
class Trial:
    """How a call went. `error` is None where it ran; `failed` is the layer that refused its argument, if one did.

    `absent`: arguments that were None where the line that failed names them. `fake` says whether values were missing.
    """

    error: Exception | None
    output: Any = None
    first: Entered | None = None
    failed: Entered | None = None
    absent: tuple[str, ...] = ()
    fake: bool = False

    @property
    def ran(self) -> bool:
        """Whether the model returned at least one tensor."""
        return self.error is None and bool(tensors(self.output))

    @property
    def message(self) -> str:
        """What the model raised, in one line; "" where it ran."""
        return "" if self.error is None else " ".join(f"{type(self.error).__name__}: {self.error}".split())

    @property
    def needs_values(self) -> bool:
        """Whether it failed for want of values only, so that a run on real tensors may succeed."""
        known = type(self.error).__module__.startswith("torch._subclasses") or isinstance(
            self.error, NotImplementedError
        )
        return self.fake and self.error is not None and (known or bool(_ONLY_FAKE.search(self.message)))


def attempt(model: torch.nn.Module, proposal: Proposal, seed: int, fake: bool) -> Trial:
    """Calls forward with tensors of the proposed shapes, by keyword. Never raises for what the model does."""
    watched = _Watch()
    mode = FakeTensorMode(allow_non_fake_inputs=True) if fake else nullcontext()
    with warnings.catch_warnings(), _quiet(), torch.no_grad(), _restored(model), watched.hooked():
        warnings.simplefilter("ignore")
        seed_all(seed)
        given = {name: tensor_of(shape, seed + at) for at, (name, shape) in enumerate(proposal.items())}
        try:
            with mode, limited(SLOWEST):
                if fake:
                    given = {name: mode.from_tensor(tensor) for name, tensor in given.items()}
                watched.inputs = {id(tensor): name for name, tensor in given.items()}
                output = model(**given)
        except Exception as error:  # the model's own code; what it raises is what is learned from
            absent = tuple(_absent(error))
            return Trial(error.with_traceback(None), None, watched.first, watched.inside(), absent, fake)
    return Trial(None, output, watched.first, None, (), fake)


class _Watch:
    """Notes which layers are called with what: the first, and those not yet left."""

    def __init__(self) -> None:
        self.inputs: dict[int, str] = {}
        self.first: Entered | None = None
        self._stack: list[Entered] = []

    @contextmanager
    def hooked(self) -> Iterator[None]:
        enter = torch.nn.modules.module.register_module_forward_pre_hook(self._enter)
        leave = torch.nn.modules.module.register_module_forward_hook(self._leave)
        try:
            yield
        finally:
            enter.remove()
            leave.remove()

    def inside(self) -> Entered | None:
        return self._stack[-1] if self._stack else None

    def _enter(self, module: torch.nn.Module, args: tuple[Any, ...]) -> None:
        layer = layer_of(module)
        if layer and args and isinstance(args[0], torch.Tensor):
            entered = Entered(layer, tuple(args[0].shape), args[0].dtype, self.inputs.get(id(args[0])))
            self._stack.append(entered)
            self.first = self.first or entered

    def _leave(self, module: torch.nn.Module, args: tuple[Any, ...], output: object) -> None:
        if self._stack and layer_of(module) and args and isinstance(args[0], torch.Tensor):
            self._stack.pop()


@contextmanager
def _quiet() -> Iterator[None]:
    """Fake tensors log each refusal with its stack, as if it were an accident."""
    log = logging.getLogger("torch._subclasses.fake_tensor")
    before, log.disabled = log.disabled, True
    try:
        yield
    finally:
        log.disabled = before


@contextmanager
def _restored(model: torch.nn.Module) -> Iterator[None]:
    """Puts back every attribute that a call sets, and what the dicts and lists among them hold.

    A cache of fake tensors must not outlive its trial.
    """
    before = [(module.__dict__, dict(module.__dict__)) for module in model.modules()]
    before += [(held, dict(held)) for _, attributes in before for held in attributes.values() if isinstance(held, dict)]
    lists = [(held, list(held)) for _, attributes in before for held in attributes.values() if isinstance(held, list)]
    try:
        yield
    finally:
        for held, content in before:
            held.clear()
            held.update(content)
        for held, content in lists:
            held[:] = content


def _absent(error: Exception) -> Iterator[str]:
    """Variables that are None and stand in a line that failed, innermost line first."""
    for frame, line in reversed(list(traceback.walk_tb(error.__traceback__))):
        text = linecache.getline(frame.f_code.co_filename, line)
        words = re.findall(r"(?<![\w.])[a-z_]\w*", text)
        yield from (word for word in words if frame.f_locals.get(word, 0) is None)
