"""What torch.jit.script compiles of a model, and where it reports what it would reject."""

from __future__ import annotations

import ast
from contextlib import suppress
from typing import TYPE_CHECKING

from exportlint.finding import Confidence, Span
from exportlint.flow.events import Iteration, Place, ScriptFault
from exportlint.flow.frame import Frame
from exportlint.flow.interpreter import OutOfBudget
from exportlint.flow.objects import decorators, dotted, members
from exportlint.flow.scripting import hooks, parameters, syntax, wrappers
from exportlint.flow.scripting.call_arguments import overloads
from exportlint.flow.scripting.names import NOT_COMPILED, TRANSPARENT
from exportlint.flow.scripting.types import (
    NoType,
    Type,
    annotation,
    has_union,
    is_bare,
    of_attribute,
)
from exportlint.flow.values import UNKNOWN, Function, Instance, Layer, Map, Seq, Union, Value, options
from exportlint.source.module import Module
from exportlint.source.project import Defined

if TYPE_CHECKING:
    from exportlint.flow.interpreter import Interpreter

TARGET = frozenset(["script"])
MOST_RECEIVERS = 4  # objects that one method is compiled for; its faults rarely differ further
MOST_NESTED = 60  # functions within functions, modules within modules


class Program:
    """Everything that scripting the models of one run compiles; each function once an object, each object once."""

    exact = False  # whether objects are what one configuration makes of them

    def __init__(self, interpreter: Interpreter) -> None:
        self.interpreter = interpreter
        self.classes = interpreter.classes
        self.project = interpreter.project
        self._functions: dict[tuple, bool] = {}
        self._receivers: dict[int, int] = {}
        self._results: dict[tuple, Value] = {}
        self._modules: dict[Instance, bool] = {}
        self._depth = 0
        self._active: list[tuple] = []
        self.said: set[tuple[Span, str]] = set()
        self.for_training = False  # whether what is started is a loss, which few script

    # -- modules

    def start(self, instance: Instance) -> None:
        """Compile a model with a fresh budget for its constructors; what is found until that runs out is kept."""
        self.interpreter.renew()
        self._depth, self._active = 0, []
        with suppress(OutOfBudget):
            self.module(instance)

    def module(self, instance: Instance, doubt: bool = False) -> None:
        """Compile a module: its forward, exported methods and properties, hooks, and every module it holds."""
        if instance in self._modules and self._modules[instance] <= doubt:
            return
        self._modules[instance] = doubt
        if self._depth > MOST_NESTED:
            return
        self._depth += 1
        for name, kind in self._compiled_members(instance):
            found = self.classes.find(instance.cls, name)
            if found is not None and isinstance(found[1], ast.FunctionDef):
                function = Function(found[0].module, found[1], f"{found[0].qualname}.{name}", instance, found[0])
                self.function(function, doubt, kind == "forward")
        hooks.hooks(self, instance, doubt)
        for value in list(self.interpreter.attributes.of(instance).values()):
            self._held(value, doubt)
        self._depth -= 1

    def compiled(self) -> list[Defined]:
        """Classes of which an object was compiled, for sure."""
        return list(dict.fromkeys(instance.cls for instance, doubt in self._modules.items() if not doubt))

    def _compiled_members(self, instance: Instance) -> list[tuple[str, str]]:
        names = {"forward": "forward"}
        unused = self.classes.find(instance.cls, "__jit_unused_properties__")
        skipped = {c.value for c in ast.walk(unused[1]) if isinstance(c, ast.Constant)} if unused else set()
        for owner in self.classes.order(instance.cls)[0]:
            for name, member in members(owner.node).items():
                marks = decorators(member)
                if any(mark.endswith("jit.export") for mark in marks):
                    names.setdefault(name, "exported")
                elif "property" in marks and name not in skipped:
                    names.setdefault(name, "property")
        return list(names.items())

    def _held(self, value: Value, doubt: bool) -> None:
        kinds = options(value)
        for kind in kinds:
            self._held_kind(kind, doubt or isinstance(value, Union))

    def _held_kind(self, kind: Value, doubt: bool) -> None:
        if isinstance(kind, Instance) and self.is_module(kind.cls):
            self.module(kind, doubt)
        elif isinstance(kind, Seq) and kind.type in ("ModuleList", "Sequential"):
            for item in kind.items if kind.items is not None else (kind.element,):
                self._held(item, doubt or kind.items is None)
        elif isinstance(kind, Map) and kind.type == "ModuleDict":
            for _, item in kind.items:
                self._held(item, doubt)

    def is_module(self, cls: Defined) -> bool:
        """Whether a class of the project is an nn.Module."""
        return self.classes.is_module(cls)

    def attribute(self, instance: Instance, name: str) -> Value:
        """What `self.name` is to torch, for a module as its constructor left it."""
        if name == "training":
            return Type("bool")
        declared = self._declared(instance, name)
        held = self.interpreter.attributes.of(instance).get(name)
        if declared is not None and not _is_module_value(held):
            return declared
        if held is None:
            return self._unset(instance, name)
        if isinstance(held, Union):
            kinds = [of_attribute(kind, self.is_module) for kind in options(held)]
            return kinds[0] if len(set(kinds)) == 1 else UNKNOWN
        return of_attribute(held, self.is_module)

    def _unset(self, instance: Instance, name: str) -> Value:
        found = self.classes.find(instance.cls, name)
        if found is None:
            return UNKNOWN
        owner, node = found
        if isinstance(node, ast.FunctionDef):
            if "property" in decorators(node):
                return self.declared(owner.module, node.returns)
            return Function(owner.module, node, f"{owner.qualname}.{name}", instance, owner)
        return UNKNOWN

    def _declared(self, instance: Instance, name: str) -> Value | None:
        for owner in self.classes.order(instance.cls)[0]:
            for statement in owner.node.body:
                if isinstance(statement, ast.AnnAssign) and dotted(statement.target) == name:
                    found = self.declared(owner.module, statement.annotation)
                    return UNKNOWN if is_bare(found) else found
        return None

    def declared(self, module: Module, node: ast.expr | None) -> Value:
        """The type of an annotation, Unknown for one that torch cannot read."""
        try:
            return annotation(self.project, module, node)
        except NoType:
            return UNKNOWN

    def is_constant(self, instance: Instance, name: str) -> bool:
        """Whether an attribute is Final or among `__constants__`, so that torch decides branches on it."""
        for owner in self.classes.order(instance.cls)[0]:
            listed = members(owner.node).get("__constants__")
            if listed is not None and any(isinstance(c, ast.Constant) and c.value == name for c in ast.walk(listed)):
                return True
            for statement in owner.node.body:
                if isinstance(statement, ast.AnnAssign) and dotted(statement.target) == name:
                    head = statement.annotation
                    head = head.value if isinstance(head, ast.Subscript) else head
                    if dotted(head).rpartition(".")[2] == "Final":
                        return True
        return False

    # -- functions

    def function(self, function: Function, doubt: bool, is_forward: bool = False) -> Value:
        """Compile a function; the type of what it returns, Unknown while it is being compiled."""
        node = function.node
        if not isinstance(node, ast.FunctionDef):
            return UNKNOWN
        names = decorators(node)
        declared = UNKNOWN if overloads(function) else self.declared(function.module, node.returns)
        if any(name.endswith(NOT_COMPILED) for name in names):
            return declared if node.returns is not None else UNKNOWN
        key = (id(node), function.receiver)
        if key in self._functions and self._functions[key] <= doubt:
            return self._results.get(key, declared)
        count = self._receivers.get(id(node), 0)
        if (count >= MOST_RECEIVERS and key not in self._functions) or self._depth > MOST_NESTED:
            return declared
        self._receivers[id(node)] = count + (key not in self._functions)
        self._functions[key] = doubt
        if any(name.rpartition(".")[2] not in TRANSPARENT for name in names):
            result = wrappers.decorated(self, function, doubt)
        else:
            self._depth += 1
            self._active.append(key)
            result = self.compile(function, doubt)
            self._active.pop()
            self._depth -= 1
        self._results[key] = result
        return result

    def is_active(self, function: Function) -> bool:
        """Whether a function is being compiled."""
        return (id(function.node), function.receiver) in self._active

    def compile(self, function: Function, doubt: bool) -> Value:
        """The type that a function returns; what torch refuses in it is reported."""
        from exportlint.flow.scripting.body import Body

        node, where = function.node, function.qualname
        refused = list(syntax.refusals(node))
        for refusal in refused:
            self.report(function.module, refusal.node, where, refusal.reason, refusal.detail, doubt)
        env = parameters.parameters(self, function, doubt)
        declared = parameters.returned(self, function, doubt)
        if overloads(function):  # one of which gives the types
            env = {name: UNKNOWN if has_union(kind) else kind for name, kind in env.items()}
            declared = UNKNOWN
        return Body(self, function, env, declared if node.returns is not None else None, doubt).run()

    # -- reporting

    def report_unpacking(self, module: Module, node: ast.AST, symbol: str, doubt: bool) -> None:
        """Add an event for a tensor unpacked into names."""
        self.interpreter.collector.add(
            Iteration(
                module.span(node),
                symbol,
                TARGET,
                Confidence.HIGH,
                self.is_certain(doubt),
                form="unpack",
                subject="tensor",
                depends="input",
                text=module.source(node),
                axis=None,
                dynamic="possible",
                origin=None,
            )
        )

    def is_certain(self, doubt: bool) -> bool:
        """Whether a fault stops every export that anybody makes."""
        return not doubt and not self.for_training

    def worded(self, span: Span, reason: str, detail: str, doubt: bool) -> str | None:
        """What is said of a fault; None for nothing."""
        self.said.add((span, reason))
        return detail

    def lacks(self, instance: Instance, name: str) -> bool:
        """Whether a module surely comes without an attribute: some configuration may set any."""
        return False

    def report(
        self,
        module: Module,
        node: ast.AST,
        symbol: str,
        reason: str,
        detail: str,
        doubt: bool,
        text_of: ast.AST | None = None,
        other: tuple[Place, ...] = (),
    ) -> None:
        """Add an event for something that torch would reject."""
        span = module.span(node)
        worded = self.worded(span, reason, detail, doubt)
        if worded is None:
            return
        text = module.source(text_of or node, 60) if hasattr(text_of or node, "end_lineno") else ""
        self.interpreter.collector.add(
            ScriptFault(
                span,
                symbol,
                TARGET,
                Confidence.HIGH,
                self.is_certain(doubt),
                reason=reason,
                text=text,
                detail=worded,
                other=other,
            )
        )


def _is_module_value(value: Value | None) -> bool:
    return isinstance(value, Instance | Layer) or (
        isinstance(value, Seq | Map) and value.type.startswith(("Module", "Seq"))
    )


def frame_of(program: Program, module: Module) -> Frame:
    """A frame at the top level of a module, to look names up with."""
    holder = ast.Lambda(ast.arguments([], [], None, [], [], None, []), ast.Constant(None))
    return Frame(program.interpreter, Function(module, holder, module.name), TARGET, True, None)
