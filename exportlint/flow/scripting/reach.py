"""What torch.jit.script compiles of a model, and where it reports what it would reject."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from exportlint.finding import Confidence
from exportlint.flow.events import Parameter, Place, ScriptFault
from exportlint.flow.frame import Frame
from exportlint.flow.objects import decorators, dotted, members
from exportlint.flow.scripting import syntax
from exportlint.flow.scripting.names import NOT_COMPILED, TRANSPARENT
from exportlint.flow.scripting.types import (
    NONE,
    TENSOR,
    NoType,
    Type,
    annotation,
    of_attribute,
    of_constant,
)
from exportlint.flow.values import UNKNOWN, Function, Instance, Layer, Map, Seq, Union, Value, options
from exportlint.source.module import Module
from exportlint.source.project import Assigned, Defined, External

if TYPE_CHECKING:
    from exportlint.flow.interpreter import Interpreter

TARGET = frozenset(["script"])
MOST_RECEIVERS = 4  # objects that one method is compiled for; its faults rarely differ further
MOST_NESTED = 60  # functions within functions, modules within modules


class Program:
    """Everything that scripting the models of one run compiles; each function once an object, each object once."""

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

    # -- modules

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
        self._hooks(instance, doubt)
        for value in list(self.interpreter.attributes.of(instance).values()):
            self._held(value, doubt)
        self._depth -= 1

    def compiles(self, cls: Defined) -> bool:
        """Whether an object of a class was compiled, for sure."""
        return any(instance.cls == cls and not doubt for instance, doubt in self._modules.items())

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
                    return self.declared(owner.module, statement.annotation)
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

    # -- hooks

    def _hooks(self, instance: Instance, doubt: bool) -> None:
        for owner in self.classes.order(instance.cls)[0]:
            init = members(owner.node).get("__init__")
            for statement in init.body if isinstance(init, ast.FunctionDef) else ():
                certain = isinstance(statement, ast.Expr)
                for node in ast.walk(statement):
                    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
                        self._hook(owner, node, doubt or not certain)

    def _hook(self, owner: Defined, node: ast.Call, doubt: bool) -> None:
        if node.func.attr not in ("register_forward_hook", "register_forward_pre_hook") or not node.args:
            return
        hook, why = node.args[0], None
        resolved = self.project.resolve(owner.module, dotted(hook)) if dotted(hook) else None
        if isinstance(hook, ast.Lambda):
            why = "a lambda"
        elif dotted(hook).startswith("self."):
            why = "a method"
        elif isinstance(resolved, Defined) and isinstance(resolved.node, ast.FunctionDef):
            inputs = resolved.node.args.args[1:2]
            why = "a function without types" if inputs and inputs[0].annotation is None else None
        if why:
            self.report(owner.module, node, f"{owner.qualname}.__init__", "hook", why, doubt)

    # -- functions

    def function(self, function: Function, doubt: bool, is_forward: bool = False) -> Value:
        """Compile a function; the type of what it returns, Unknown while it is being compiled."""
        node = function.node
        if not isinstance(node, ast.FunctionDef):
            return UNKNOWN
        names = decorators(node)
        declared = self.declared(function.module, node.returns)
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
            result = self._decorated(function, doubt)
        else:
            self._depth += 1
            self._active.append(key)
            result = self._compile(function, doubt)
            self._active.pop()
            self._depth -= 1
        self._results[key] = result
        return result

    def is_active(self, function: Function) -> bool:
        """Whether a function is being compiled."""
        return (id(function.node), function.receiver) in self._active

    def _compile(self, function: Function, doubt: bool) -> Value:
        from exportlint.flow.scripting.body import Body

        node, where = function.node, function.qualname
        refused = list(syntax.refusals(node))
        for refusal in refused:
            self.report(function.module, refusal.node, where, refusal.reason, refusal.detail, doubt)
        env = self._parameters(function, doubt)
        declared = self.declared(function.module, node.returns)
        return Body(self, function, env, declared if node.returns is not None else None, doubt).run()

    def _decorated(self, function: Function, doubt: bool) -> Value:
        """torch reads the source of what a decorator wraps, but looks its names up where the wrapper stands."""
        for decorator in function.node.decorator_list:
            name = dotted(decorator.func if isinstance(decorator, ast.Call) else decorator)
            resolved = self.project.resolve(function.module, name) if name else None
            if isinstance(resolved, External) and resolved.name in WRAPPERS:
                for refusal in syntax.refusals(function.node):
                    self.report(function.module, refusal.node, function.qualname, refusal.reason, refusal.detail, doubt)
                self._lost_names(function, decorator, name, doubt)
                return UNKNOWN
            wrapper = _returned_function(resolved)
            if wrapper is not None and wrapper is not resolved.node:
                wraps = any(d.endswith("wraps") for d in decorators(wrapper))
                if not wraps and (wrapper.args.vararg or wrapper.args.kwarg):
                    inner = Function(resolved.module, wrapper, f"{resolved.qualname}.{wrapper.name}", function.receiver)
                    return self._compile(inner, doubt)
                if wraps and resolved.module is function.module:
                    return self._compile(function, doubt)
            if wrapper is None and _returns_parameter(resolved):
                return self._compile(function, doubt)
        return self._compile(function, True)

    def _lost_names(self, function: Function, decorator: ast.expr, name: str, doubt: bool) -> None:
        local = {n.id for n in ast.walk(function.node) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)}
        local |= {a.arg for a in ast.walk(function.node.args) if isinstance(a, ast.arg)}
        if "grad" not in name and "inference" not in name:
            local.add("torch")  # the files of these wrappers import torch, that of torch.no_grad does not
        for node in (n for statement in function.node.body for n in ast.walk(statement)):
            if not isinstance(node, ast.Name) or node.id in local:
                continue
            if self.project.resolve(function.module, node.id) is not None:
                detail = f"`@{name}` hides `{node.id}`"
                self.report(function.module, decorator, function.qualname, "wrapped-function", detail, doubt)
                return

    def _parameters(self, function: Function, doubt: bool) -> dict[str, Value]:
        arguments = function.node.args
        positional = [*arguments.posonlyargs, *arguments.args]
        static = "staticmethod" in decorators(function.node) or function.receiver is None
        defaults = [None] * (len(positional) - len(arguments.defaults)) + list(arguments.defaults)
        pairs = [*zip(positional, defaults, strict=True), *((a, None) for a in arguments.kwonlyargs)]
        env: dict[str, Value] = {}
        for index, (argument, default) in enumerate(pairs):
            if index == 0 and not static:
                env[argument.arg] = function.receiver
                continue
            env[argument.arg] = self._parameter(function, argument, default, doubt)
        return env

    def _parameter(self, function: Function, argument: ast.arg, default: ast.expr | None, doubt: bool) -> Value:
        kind, where = TENSOR, function.qualname
        if argument.annotation is not None:
            try:
                kind = annotation(self.project, function.module, argument.annotation)
            except NoType as error:
                text = function.module.source(argument.annotation)
                self.report(function.module, argument.annotation, where, "annotation", text, doubt, error.node)
                return UNKNOWN
        given = of_constant(default.value) if isinstance(default, ast.Constant) else UNKNOWN
        if isinstance(default, ast.Tuple | ast.List | ast.Dict):
            given = Type({"Tuple": "Tuple", "List": "List", "Dict": "Dict"}[type(default).__name__])
        if isinstance(default, ast.UnaryOp) and isinstance(default.operand, ast.Constant):
            given = of_constant(default.operand.value)
        if default is not None and given != UNKNOWN:
            tested = _tested(function, argument.arg) if kind == TENSOR and given == NONE else ()
            if tested or self._bad_default(kind, given):
                self._bad_parameter(function, argument, default, given, doubt, tested)
        return kind

    def _bad_default(self, kind: Value, given: Type) -> bool:
        """Tensor parameters may default to None; a float may default to an int, an int to a bool."""
        if kind == TENSOR:
            return given.name != "None"
        plain = ("int", "float", "bool", "str")
        if not isinstance(kind, Type) or kind.name not in plain:
            return False
        return given.name == "None" or (kind.name in ("int", "bool", "str") and given.name in plain and given != kind)

    def _bad_parameter(
        self,
        function: Function,
        argument: ast.arg,
        default: ast.expr,
        given: Type,
        doubt: bool,
        tested: tuple[Place, ...],
    ) -> None:
        module, annotated = function.module, argument.annotation
        at = ast.Pass(
            lineno=argument.end_lineno,
            col_offset=argument.end_col_offset,
            end_lineno=argument.end_lineno,
            end_col_offset=argument.end_col_offset,
        )
        self.interpreter.collector.add(
            Parameter(
                module.span(argument),
                function.qualname,
                TARGET,
                Confidence.HIGH,
                not doubt,
                argument.arg,
                module.source(annotated) if annotated is not None else None,
                module.source(default),
                given.name if given.name in ("int", "float", "bool", "str", "None") else given.name.lower(),
                module.span(at),
                tested,
            )
        )

    # -- reporting

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
        text = module.source(text_of or node, 60) if hasattr(text_of or node, "end_lineno") else ""
        self.interpreter.collector.add(
            ScriptFault(
                module.span(node),
                symbol,
                TARGET,
                Confidence.HIGH,
                not doubt,
                reason=reason,
                text=text,
                detail=detail,
                other=other,
            )
        )


def _tested(function: Function, name: str) -> tuple[Place, ...]:
    """Where a parameter is used, if somewhere it is tested for None."""
    nodes = [n for statement in function.node.body for n in ast.walk(statement)]
    tests = [n for n in nodes if isinstance(n, ast.Compare) and dotted(n.left) == name]
    if not any(isinstance(t.ops[0], ast.Is | ast.IsNot) for t in tests):
        return ()
    lines = sorted({n.lineno for n in nodes if isinstance(n, ast.Name) and n.id == name})
    return tuple(Place(function.module.path, line, f"`{name}` is used") for line in lines[:8])


WRAPPERS = frozenset(
    "torch.no_grad torch.enable_grad torch.inference_mode torch.autocast torch.amp.autocast torch.cuda.amp.autocast "
    "torch.compile torch.compiler.disable torch._dynamo.disable".split()
)


def _is_module_value(value: Value | None) -> bool:
    return isinstance(value, Instance | Layer) or (
        isinstance(value, Seq | Map) and value.type.startswith(("Module", "Seq"))
    )


def _returned_function(resolved) -> ast.FunctionDef | None:
    """The inner function that a decorator of the project returns."""
    if not isinstance(resolved, Defined) or not isinstance(resolved.node, ast.FunctionDef):
        return None
    inner = {s.name: s for s in resolved.node.body if isinstance(s, ast.FunctionDef)}
    last = resolved.node.body[-1]
    return inner.get(dotted(last.value)) if isinstance(last, ast.Return) and last.value is not None else None


def _returns_parameter(resolved) -> bool:
    """Decorators that register a function and give it back."""
    if (
        isinstance(resolved, Assigned)
        or not isinstance(resolved, Defined)
        or not isinstance(resolved.node, ast.FunctionDef)
    ):
        return False
    arguments = {a.arg for a in resolved.node.args.args}
    returns = [s for s in ast.walk(resolved.node) if isinstance(s, ast.Return) and s.value is not None]
    return bool(returns) and all(dotted(s.value) in arguments for s in returns)


def frame_of(program: Program, module: Module) -> Frame:
    """A frame at the top level of a module, to look names up with."""
    holder = ast.Lambda(ast.arguments([], [], None, [], [], None, []), ast.Constant(None))
    return Frame(program.interpreter, Function(module, holder, module.name), TARGET, True, None)
