"""One module for each target, with `export(request) -> Exported`: a file was written, read back, and can be run."""

from __future__ import annotations

import importlib
import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch

from exportlint.verify.structure import NUMBERS, children, leaves, replaced

_MODULES = {"trace": "trace", "script": "script", "export": "export", "onnx": "onnx", "onnx-ts": "onnx_ts"}


class FileRefused(Exception):
    """The export succeeded, but what it wrote cannot be used: a checker or the runtime refuses it.

    `stacks` are those that the exporter noted for what the refusal names.
    """

    def __init__(self, reason: str, stacks: str = "") -> None:
        super().__init__(reason)
        self.stacks = stacks


@dataclass(frozen=True)
class Call:
    """Arguments of one call of forward, and their leaves by dotted name in the order of its parameters."""

    args: tuple[Any, ...]
    kwargs: Mapping[str, Any] = field(default_factory=dict)
    signature: inspect.Signature | None = None

    def by_parameter(self) -> dict[str, Any]:
        """Arguments by parameter name; `*args` stand as one tuple, `**kwargs` under their own names."""
        if self.signature is None:
            return {**{str(number): value for number, value in enumerate(self.args)}, **self.kwargs}
        bound = self.signature.bind(*self.args, **self.kwargs).arguments
        loose = [p.name for p in self.signature.parameters.values() if p.kind is p.VAR_KEYWORD]
        return {
            **{name: value for name, value in bound.items() if name not in loose},
            **bound.get((loose or [""])[0], {}),
        }

    def leaves(self) -> dict[str, Any]:
        """Every leaf by its dotted name."""
        return dict(leaf for name, value in self.by_parameter().items() for leaf in leaves(value, name))

    def with_leaves(self, values: Mapping[str, Any]) -> Call:
        """The same call with leaves taken from `values`; containers are copied."""
        flat = iter([values[name] for name in self.passed()])
        args = replaced(list(self.args), lambda _, leaf: next(flat))
        kwargs = replaced(dict(self.kwargs), lambda _, leaf: next(flat))
        return Call(tuple(args), kwargs, self.signature)

    def defaults(self) -> dict[str, Any]:
        """Numbers that parameters after the last argument have by default."""
        if self.signature is None:
            return {}
        given = self.by_parameter()
        left = [parameter for name, parameter in self.signature.parameters.items() if name not in given]
        return {parameter.name: parameter.default for parameter in left if isinstance(parameter.default, NUMBERS)}

    @property
    def ends_with_table(self) -> bool:
        """Whether the last argument is a dict: the ONNX exporters take it for keyword arguments unless `{}` follows."""
        return bool(self.args) and isinstance(self.args[-1], dict) and not self.kwargs

    def passed(self) -> list[str]:
        """Names of the leaves as they are passed, args first; `leaves` has the order of the parameters."""
        if self.signature is None:
            return [*self.leaves()]
        marks = iter(range(10**9))
        args = tuple(replaced(list(self.args), lambda _, leaf: _Mark(next(marks))))
        kwargs = replaced(dict(self.kwargs), lambda _, leaf: _Mark(next(marks)))
        marked = Call(args, kwargs, self.signature).leaves()
        return [name for name, _ in sorted(marked.items(), key=lambda pair: pair[1].number)]


class _Mark:
    """A leaf that knows its place; no dataclass, which would count as a container."""

    def __init__(self, number: int) -> None:
        self.number = number


@dataclass(frozen=True)
class Request:
    """What to export: a model in eval mode, the example call, its dynamic axes by leaf name, where files go."""

    model: torch.nn.Module
    call: Call
    dynamic: Mapping[str, Mapping[int, str]]
    opset: int | None
    folder: Path

    def dynamic_shapes(self, dimension: Callable[[str], Any]) -> dict[str, Any] | None:
        """The dynamic axes in the nesting of the arguments, as torch.export wants them; None without any."""
        if not self.dynamic:
            return None

        def nested(name: str, value: Any) -> Any:
            parts = children(value)
            if parts is None:
                # {} rather than None for a static tensor: torch 2.13 takes a list of None for the axes of one tensor
                axes = {axis: dimension(label) for axis, label in self.dynamic.get(name, {}).items()}
                return axes if isinstance(value, torch.Tensor) else None
            made = [(key, nested(f"{name}.{key}", item)) for key, item in parts]
            return [item for _, item in made] if isinstance(value, (list, tuple)) else dict(made)

        by_parameter = self.call.by_parameter()
        return {name: nested(name, value) for name, value in by_parameter.items()}


@dataclass
class Exported:
    """Something that runs. `run` takes a call and returns the outputs, nested for torch's targets and flat for ONNX.

    `files` were written; `opset` is the one in the file; `plain_inputs` are those Python numbers that are real inputs;
    `mutates`: whether changes that the model makes to its inputs reach the caller; `reload` puts a model that remembers
    back into its first state, None for one that cannot remember. Where the run is not made of torch's operators,
    `values` runs it and returns every intermediate value, and `sources` gives the stacks of the nodes a message names.
    For ONNX, `feed` gives the values that the runtime takes, and `opened(file, options, providers)` runs another
    version of the file; for TorchScript, `called(module)` runs another version of the module.
    `notes` are checks that the export made itself. `inputs` maps the inputs of a file to leaves; `how` is what the
    exporter was told about them, as code.
    """

    run: Callable[[Call], Any]
    files: tuple[Path, ...]
    flat: bool = False
    opset: int | None = None
    plain_inputs: frozenset[str] = frozenset()
    mutates: bool = True
    reload: Callable[[], None] | None = None
    values: Callable[[Call], list[torch.Tensor]] | None = None
    notes: Mapping[str, str] = field(default_factory=dict)
    sources: Callable[[str], str] | None = None
    feed: Callable[[Call], Mapping[str, Any]] | None = None
    opened: Callable[..., Callable[[Call], Any]] | None = None
    called: Callable[[Any], Callable[[Call], Any]] | None = None
    inputs: Mapping[str, str] = field(default_factory=dict)
    how: str = ""


def export_to(target: str, request: Request) -> Exported:
    """Exports for `target`. Raises FileRefused, or whatever the exporter raises."""
    return importlib.import_module(f"exportlint.verify.targets.{_MODULES[target]}").export(request)
