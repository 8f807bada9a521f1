"""Where interpretation starts: the models of the checked files, and what is known of their inputs.

A model with a spec starts with the inputs that it declares. The others start with what their annotations say, a
class that was interpreted as a part of another is not started again, since the call it got says more than a guess.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from exportlint.flow.arguments import Arguments
from exportlint.flow.attributes import method
from exportlint.flow.expressions import meaning
from exportlint.flow.frame import Frame
from exportlint.flow.interpreter import Interpreter
from exportlint.flow.objects import Classes, decorators
from exportlint.flow.scripting.built import compile_built
from exportlint.flow.scripting.reach import Program
from exportlint.flow.sizes import declared
from exportlint.flow.values import CERTAIN, Const, Dim, Function, Instance, Map, Seq, Static, Tensor, Value, const
from exportlint.source.module import Module
from exportlint.source.project import Defined, Definition, bindings, locate

_SHAPED = re.compile(r"\s*(?P<dtype>[a-z]+\d*)\s*\[(?P<sizes>[^\]]*)\]")


@dataclass(frozen=True)
class Spec:
    """How one model is built and called, as the configuration declares it. `file` is absolute; `name` is inside it."""

    file: Path
    name: str
    args: tuple[object, ...] = ()
    kwargs: Mapping[str, object] = field(default_factory=dict)
    inputs: tuple[Path, str] | Mapping[str, str] | None = None
    dynamic: Mapping[str, Mapping[int, str]] = field(default_factory=dict)


def models(classes: Classes, module: Module) -> list[Defined]:
    """The nn.Module classes of a module, in their order."""
    return [cls for cls in classes_of(module) if classes.is_module(cls)]


def classes_of(module: Module) -> list[Defined]:
    """The classes at the top level of a module, in their order."""
    found = (bound for bound in bindings(module).values() if isinstance(bound, Defined))
    return [cls for cls in found if isinstance(cls.node, ast.ClassDef)]


def compile_spec(interpreter: Interpreter, spec: Spec) -> list[Defined]:
    """What torch.jit.script says of a model as it is declared; the classes that it surely compiles."""
    program = Program(interpreter)
    root, name = locate(spec.file)
    module = interpreter.project.module(name, root)
    instance = _built(interpreter, module, spec) if module is not None else None
    if module is not None and instance is not None:
        program.start(instance)
        compile_built(interpreter, lambda exact: [_built(exact, module, spec)], program.said, True)
    return program.compiled()


def compile_classes(interpreter: Interpreter, classes: Iterable[Defined]) -> None:
    """What torch.jit.script says of models; one that is a part of an earlier one is not started again.

    Losses come last. Few are scripted, for the sake of training, so that a fault of theirs is no more than a warning.
    """
    program, started = Program(interpreter), sorted(classes, key=interpreter.classes.is_loss)
    for cls in started:
        if cls not in program.compiled():
            program.for_training = interpreter.classes.is_loss(cls)
            program.start(interpreter.instance(cls, Arguments()))
    compile_built(interpreter, lambda exact: (exact.instance(c, Arguments()) for c in started), program.said, False)


def start_classes(interpreter: Interpreter, classes: Iterable[Defined]) -> None:
    """Interpret models with inputs as they are annotated; one that was entered as a part of another is left out."""
    for cls in classes:
        if cls not in interpreter.entered:
            _start_class(interpreter, cls)


def names_of(module: Module) -> dict[ast.stmt, set[str]]:
    """The names that appear inside each class and function at the top level of a module."""
    return {statement: names_in(statement) for statement in module.tree.body if isinstance(statement, Definition)}


def used_names(names: Mapping[ast.stmt, set[str]]) -> set[str]:
    """Names that appear inside the bodies of classes and functions other than the one of that name."""
    used: set[str] = set()
    for statement, inside in names.items():
        bases = {b.id for b in getattr(statement, "bases", ()) if isinstance(b, ast.Name)}
        used |= inside - {statement.name} - bases
    return used


def names_in(node: ast.AST) -> set[str]:
    """The names below a node. ast.walk would do, and takes four times as long."""
    names: set[str] = set()
    left: list[ast.AST] = [node]
    while left:
        node = left.pop()
        kind = type(node)
        if kind is ast.Name:
            names.add(node.id)
        elif kind is ast.Attribute:
            left.append(node.value)
        elif kind is ast.Call:
            left.append(node.func)
            left += node.args
            left += [keyword.value for keyword in node.keywords]
        elif kind is not ast.Constant:
            for name in kind._fields:
                value = getattr(node, name, None)
                if type(value) is list:
                    left += [part for part in value if isinstance(part, ast.AST)]
                elif isinstance(value, ast.AST):
                    left.append(value)
    return names


def _start_class(interpreter: Interpreter, cls: Defined) -> None:
    instance = interpreter.instance(cls, Arguments())
    interpreter.sizes_fixed = False
    for function, targets in _entry_methods(interpreter, instance):
        interpreter.in_doubt = function.owner is not None and interpreter.classes.chooses_forward(function.owner)
        interpreter.start(function, Arguments(open_kwargs=True), targets)


def _entry_methods(interpreter: Interpreter, instance: Instance) -> list[tuple[Function, frozenset[str]]]:
    """The methods that exporters run, and for which targets: `@torch.jit.export` speaks to scripting alone."""
    names = {"__call__" if interpreter.classes.find(instance.cls, "__call__") else "forward": interpreter.targets}
    scripting = interpreter.targets & {"script"}
    for owner in interpreter.classes.order(instance.cls)[0] if scripting else ():
        for statement in owner.node.body:
            if isinstance(statement, ast.FunctionDef) and any(d.endswith("jit.export") for d in decorators(statement)):
                names.setdefault(statement.name, scripting)
    found = []
    for name, targets in names.items():
        owner = interpreter.classes.find(instance.cls, name)
        function = _frame(interpreter, instance.cls.module, lambda frame, name=name: method(frame, instance, name))
        if owner is not None and function is not None and not _is_abstract(function.node):
            found.append((function, targets))
    return found


def _is_abstract(node: ast.AST) -> bool:
    return any(d.rpartition(".")[2] == "abstractmethod" for d in decorators(node))


def _frame(interpreter: Interpreter, module: Module, action):
    """Do something with a frame that stands at the top level of a module."""
    holder = ast.Lambda(ast.arguments([], [], None, [], [], None, []), ast.Constant(None))
    return action(Frame(interpreter, Function(module, holder, module.name), interpreter.targets, True, None))


def start_spec(interpreter: Interpreter, spec: Spec) -> None:
    """Interpret a model with the inputs that its specification declares."""
    root, name = locate(spec.file)
    module = interpreter.project.module(name, root)
    instance = _built(interpreter, module, spec) if module is not None else None
    if module is None or instance is None:
        return
    forward = _frame(interpreter, module, lambda frame: method(frame, instance, "forward"))
    if forward is None:
        return
    inputs = _inputs(interpreter, spec)
    given = _with_names(forward, inputs, spec.dynamic)
    known = given
    if given is None:
        given = Arguments(open_kwargs=True)
        interpreter.sizes_fixed = False
    else:
        interpreter.sizes_fixed = not any(_declares(value) for value in (*given.args, *given.kwargs.values()))
    interpreter.in_doubt, interpreter.declared = False, True
    interpreter.start(forward, given)
    interpreter.sizes_fixed = interpreter.declared = False
    example = _with_names(forward, inputs, {})
    if known is not None and example is not None and interpreter.project.resolve(module, spec.name) == instance.cls:
        declared.report(interpreter, forward, _constructor(spec), example, known)


def _built(interpreter: Interpreter, module: Module, spec: Spec) -> Instance | None:
    arguments = _constructor(spec)
    resolved = interpreter.project.resolve(module, spec.name)
    if isinstance(resolved, Defined) and isinstance(resolved.node, ast.ClassDef):
        return interpreter.instance(resolved, arguments)
    value = _frame(interpreter, module, lambda frame: meaning(frame, resolved))
    if isinstance(value, Function):
        value = interpreter.run(value, arguments, interpreter.targets, quiet=True)
    return value if isinstance(value, Instance) else None


def _constructor(spec: Spec) -> Arguments:
    return Arguments(tuple(const(a, False) for a in spec.args), {k: const(v, False) for k, v in spec.kwargs.items()})


def _inputs(interpreter: Interpreter, spec: Spec) -> Value | None:
    if isinstance(spec.inputs, Mapping):
        return Map("dict", tuple((name, _shaped(name, text)) for name, text in spec.inputs.items()))
    if spec.inputs is None:
        return None
    root, name = locate(spec.inputs[0])
    module = interpreter.project.module(name, root)
    if module is None:
        return None
    function = _frame(interpreter, module, lambda f: meaning(f, interpreter.project.resolve(module, spec.inputs[1])))
    if not isinstance(function, Function):
        return None
    return interpreter.run(function, Arguments(), interpreter.targets, quiet=True)


def _shaped(name: str, text: str) -> Value:
    """`float32[batch, 3, 224, 224]`: names are dynamic dimensions."""
    match = _SHAPED.match(text)
    if match is None:
        return Static()
    sizes: list[Value] = []
    for axis, size in enumerate(s.strip() for s in match["sizes"].split(",") if s.strip()):
        sizes.append(const(int(size), False) if size.isdigit() else Dim(((name, axis),), True))
    return Tensor("input", CERTAIN, tuple(sizes), match["dtype"], name)


def _with_names(forward: Function, inputs: Value | None, dynamic: Mapping) -> Arguments | None:
    """The inputs as arguments of forward, knowing which parameter each is and which of its sizes are dynamic."""
    parameters = [a.arg for a in (*forward.node.args.posonlyargs, *forward.node.args.args)][1:]
    if isinstance(inputs, Map):
        return Arguments(kwargs={k: _as_input(v, k, dynamic) for k, v in inputs.items if isinstance(k, str)})
    if isinstance(inputs, Tensor):
        inputs = Seq("tuple", (inputs,))
    if not isinstance(inputs, Seq):
        return None
    if inputs.items is None:
        return Arguments(open_args=_as_input(inputs.element, None, dynamic))
    if len(inputs.items) == 2 and isinstance(inputs.items[0], Seq) and isinstance(inputs.items[1], Map):
        positional = inputs.items[0].items or ()
        named = {k: _as_input(v, k, dynamic) for k, v in inputs.items[1].items if isinstance(k, str)}
        return Arguments(tuple(_as_input(v, p, dynamic) for v, p in zip(positional, parameters, strict=False)), named)
    names = parameters + [None] * (len(inputs.items) - len(parameters))
    return Arguments(tuple(_as_input(v, n, dynamic) for v, n in zip(inputs.items, names, strict=False)))


def _as_input(value: Value, name: str | None, dynamic: Mapping) -> Value:
    if isinstance(value, Const):
        return Const(value.type, value.value, False) if value.value is not None else value
    if isinstance(value, Seq) and value.items is not None:
        return replace(value, items=tuple(_as_input(item, name, dynamic) for item in value.items))
    if isinstance(value, Map):
        return replace(value, items=tuple((k, _as_input(v, name, dynamic)) for k, v in value.items))
    if not isinstance(value, Tensor):
        return value
    axes = dynamic.get(name, {}) if name else {}
    shape = value.shape
    if shape is not None:
        wrapped = {axis % len(shape) for axis in axes} if shape else set()
        shape = tuple(Dim(((name, i),), True) if i in wrapped else _open(size) for i, size in enumerate(shape))
    return Tensor("input", CERTAIN, shape, value.dtype, name)


def _open(size: Value) -> Value:
    return Const(size.type, size.value, False) if isinstance(size, Const) else size


def _declares(value: Value) -> bool:
    if isinstance(value, Tensor):
        return value.shape is None or any(isinstance(size, Dim) and size.declared for size in value.shape)
    if isinstance(value, Seq):
        return any(_declares(item) for item in (value.items if value.items is not None else (value.element,)))
    return any(_declares(v) for _, v in value.items) if isinstance(value, Map) else False
