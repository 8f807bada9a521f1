"""Models as one configuration builds them: every branch of a constructor is decided.

What the analysis of all configurations leaves open is known here: which attributes are None, and which ones the
constructor does not set at all. A model is built as it is declared, or else with what its constructor requires: another
configuration may do without the fault then, so that it is no more than a warning.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from exportlint.finding import Span
from exportlint.flow.objects import is_library_base, members
from exportlint.flow.scripting.reach import Program
from exportlint.flow.sizes.example import Built
from exportlint.flow.values import UNKNOWN, Instance, Value
from exportlint.source.remembered import below, once_a_node

if TYPE_CHECKING:
    from exportlint.flow.interpreter import Interpreter

_NAMING = ("register_buffer", "register_parameter", "register_module", "add_module")
_INSIDE = ("__dict__", "__setattr__", "_modules", "_parameters", "_buffers")
_OF_MODULES = frozenset(
    "training to eval train cuda cpu half float double bfloat16 type apply forward requires_grad_ zero_grad state_dict "
    "children modules parameters buffers named_children named_modules named_parameters named_buffers load_state_dict "
    "get_submodule get_parameter get_buffer share_memory extra_repr compile to_empty".split()
)


class Exact(Built):
    """Builds models, and knows which constructors raise: no such model is ever scripted."""

    def __init__(self, interpreter: Interpreter) -> None:
        super().__init__(interpreter.project, interpreter.targets)
        self.collector = interpreter.collector
        self.unbuilt: set[Instance] = set()

    def construct(self, instance: Instance) -> Value | None:
        """Run the constructor of an object."""
        returned = super().construct(instance)
        if returned == UNKNOWN:
            self.unbuilt.add(instance)
        return returned


class BuiltProgram(Program):
    """What scripting such models compiles. What was reported of all configurations is `said`, and not again."""

    exact = True

    def __init__(self, exact: Exact, said: set[tuple[Span, str]], declared: bool) -> None:
        super().__init__(exact)
        self.said = said
        self._exact = exact
        self._is_declared = declared
        self._started: Instance | None = None

    def start(self, instance: Instance) -> None:
        """Compile a model, unless it is a part of an earlier one."""
        if instance not in self._modules:
            self._started = instance
            super().start(instance)

    def module(self, instance: Instance, doubt: bool = False) -> None:
        """Compile a module that is surely there and whose constructor comes to its end."""
        self.interpreter.attributes.of(instance)
        if not doubt and instance not in self._exact.unbuilt:
            super().module(instance)

    def is_certain(self, doubt: bool) -> bool:
        """Whether a fault is one of every configuration that anybody uses."""
        return self._is_declared and super().is_certain(doubt)

    def worded(self, span: Span, reason: str, detail: str, doubt: bool) -> str | None:
        """What is said of a fault; None where it was said already, or torch may not compile what it stands in."""
        if doubt or (span, reason) in self.said:
            return None
        return f"{'as declared' if self._is_declared else 'by default'}, {detail}"

    def lacks(self, instance: Instance, name: str) -> bool:
        """Whether the constructor leaves out an attribute that it could set, or an object that is used lacks it."""
        owners = self.classes.order(instance.cls)[0]
        held = self.interpreter.attributes.of(instance)
        if name in _OF_MODULES or name in held or self.classes.find(instance.cls, name) is not None:
            return False
        if instance in self._exact.unbuilt or not self.classes.is_plain(instance.cls):
            return False
        if any(is_library_base(owner) or _sets_by_name(owner.node) for owner in owners):
            return False
        setters = {method for owner in owners for method in _setters(owner.node).get(name, ())}
        return setters <= {"__init__", "forward"} and (bool(setters) or instance is not self._started)


def compile_built(
    interpreter: Interpreter,
    build: Callable[[Exact], Iterable[Instance | None]],
    said: set[tuple[Span, str]],
    declared: bool,
) -> None:
    """What torch.jit.script says of the models that `build` makes."""
    exact = Exact(interpreter)
    program = BuiltProgram(exact, said, declared)
    for instance in build(exact):
        if instance is not None:
            program.start(instance)
    exact.forget()


@once_a_node
def _setters(cls: ast.AST) -> dict[str, set[str]]:
    """The methods of a class that set an attribute, by its name."""
    found: dict[str, set[str]] = {}
    for name, method in members(cls).items():
        for node in below(method):
            if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store):
                found.setdefault(node.attr, set()).add(name)
    return found


@once_a_node
def _sets_by_name(cls: ast.AST) -> bool:
    """Whether a class sets attributes whose names are computed."""
    for node in below(cls):
        if isinstance(node, ast.Name) and node.id in ("setattr", "vars"):
            return True
        if isinstance(node, ast.Attribute) and node.attr in _INSIDE:
            return True
        named = isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in _NAMING
        if named and not (node.args and isinstance(node.args[0], ast.Constant)):
            return True
    return False
