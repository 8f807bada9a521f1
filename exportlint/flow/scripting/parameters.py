"""The parameters of a compiled function: their annotations and defaults."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from exportlint.finding import Confidence
from exportlint.flow.events import Parameter, Place
from exportlint.flow.objects import decorators, dotted
from exportlint.flow.scripting.types import NONE, STR, TENSOR, NoType, Type, annotation, of_constant
from exportlint.flow.values import UNKNOWN, Function, Value

if TYPE_CHECKING:
    from exportlint.flow.scripting.reach import Program

TARGET = frozenset(["script"])


def parameters(program: Program, function: Function, doubt: bool) -> dict[str, Value]:
    """The types of parameters; those that torch refuses are reported."""
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
        env[argument.arg] = _parameter(program, function, argument, default, doubt)
    return env


def returned(program: Program, function: Function, doubt: bool) -> Value:
    """The type that a function is declared to return; one that torch refuses is reported."""
    return _annotated(program, function, function.node.returns, doubt) or UNKNOWN


def _annotated(program: Program, function: Function, node: ast.expr | None, doubt: bool) -> Value | None:
    """The type of an annotation, None for one that torch refuses."""
    try:
        return annotation(program.project, function.module, node)
    except NoType as error:
        text = function.module.source(node)
        program.report(function.module, node, function.qualname, "annotation", text, doubt, error.node)
        return None


def _parameter(program: Program, function: Function, argument: ast.arg, default: ast.expr | None, doubt: bool) -> Value:
    kind: Value | None = TENSOR
    if argument.annotation is not None:
        kind = _annotated(program, function, argument.annotation, doubt)
    if kind is None:
        return UNKNOWN
    given = of_constant(default.value) if isinstance(default, ast.Constant) else UNKNOWN
    if isinstance(default, ast.Tuple | ast.List | ast.Dict):
        given = Type({"Tuple": "Tuple", "List": "List", "Dict": "Dict"}[type(default).__name__])
    if isinstance(default, ast.UnaryOp) and isinstance(default.operand, ast.Constant):
        given = of_constant(default.operand.value)
    if default is not None and given != UNKNOWN:
        tested = _tested(function, argument.arg, given) if kind == TENSOR and given in (NONE, STR) else ()
        bad = _bad_default(kind, given)
        if tested or bad:
            _bad_parameter(program, function, argument, default, given, doubt, tested)
        if bad:
            return UNKNOWN  # it is told; what follows from the type that nobody meant is not
    return kind


def _bad_default(kind: Value, given: Type) -> bool:
    """Tensor parameters may default to None; a float may default to an int, an int to a bool."""
    if kind == TENSOR:
        return given.name != "None"
    plain = ("int", "float", "bool", "str")
    if not isinstance(kind, Type) or kind.name not in plain:
        return False
    return given.name == "None" or (kind.name in ("int", "bool", "str") and given.name in plain and given != kind)


def _bad_parameter(
    program: Program,
    function: Function,
    argument: ast.arg,
    default: ast.expr,
    given: Type,
    doubt: bool,
    tested: tuple[Place, ...],
) -> None:
    module, annotated = function.module, argument.annotation
    header = Place(module.path, function.node.lineno, "torch names this line")
    at = ast.Pass(
        lineno=argument.end_lineno,
        col_offset=argument.end_col_offset,
        end_lineno=argument.end_lineno,
        end_col_offset=argument.end_col_offset,
    )
    program.interpreter.collector.add(
        Parameter(
            module.span(argument),
            function.qualname,
            TARGET,
            Confidence.HIGH,
            program.is_certain(doubt),
            argument.arg,
            module.source(annotated) if annotated is not None else None,
            module.source(default),
            given.name if given.name in ("int", "float", "bool", "str", "None") else given.name.lower(),
            module.span(at),
            tested,
            header if header.line != argument.lineno else None,
        )
    )


def _tested(function: Function, name: str, default: Value) -> tuple[Place, ...]:
    """Where a parameter is used, if somewhere it is tested for None; where one that is a str is compared."""
    nodes = [n for statement in function.node.body for n in ast.walk(statement)]
    tests = [n for n in nodes if isinstance(n, ast.Compare) and dotted(n.left) == name]
    if default == STR:
        compared = [t for t in tests if isinstance(t.ops[0], ast.Eq | ast.NotEq | ast.In | ast.NotIn)]
        return tuple(Place(function.module.path, t.lineno, f"`{name}` is compared") for t in compared[:1])
    if not any(isinstance(t.ops[0], ast.Is | ast.IsNot) for t in tests):
        return ()
    lines = sorted({n.lineno for n in nodes if isinstance(n, ast.Name) and n.id == name})
    return tuple(Place(function.module.path, line, f"`{name}` is used") for line in lines[:8])
