"""The kind of each form of expression."""

from __future__ import annotations

import ast
import builtins
import re
from typing import TYPE_CHECKING

from exportlint.flow import (
    attributes,
    calls,
    carried,
    conditions,
    dtypes,
    indexing,
    logic,
    module_level,
    outside_torch,
    own_state,
    reporting,
    shared_state,
    size_tensors,
    tensor_data,
    views,
)
from exportlint.flow.arithmetic import NAMES, binary
from exportlint.flow.assignment import assign
from exportlint.flow.events import OperatorCall
from exportlint.flow.iteration import elements
from exportlint.flow.joins import join, join_all, present
from exportlint.flow.values import (
    GUESS,
    UNKNOWN,
    Api,
    Class,
    Const,
    Function,
    Map,
    Namespace,
    Number,
    Seq,
    Static,
    Tensor,
    Union,
    Value,
    const,
    options,
)
from exportlint.source.module import Module
from exportlint.source.project import Assigned, Defined, External, Resolved

if TYPE_CHECKING:
    from exportlint.flow.frame import Frame

_BUILTINS = frozenset(dir(builtins))
_COUNTED = re.compile(r"len|num|count|id(s|x)?$|ind(ex|ices)|pos|size|shape|grid|thw|step|frames", re.IGNORECASE)
"""Parameters that hold counts and places, none of which is negative: what is divided may be measured for others."""


def evaluate(frame: Frame, node: ast.expr) -> Value:
    """The kind of an expression; events on the way are reported."""
    handler = _FORMS.get(type(node))
    return UNKNOWN if handler is None else handler(frame, node)


def meaning(frame: Frame, resolved: Resolved) -> Value:
    """The kind of a name that the project resolves."""
    if isinstance(resolved, External):
        return Api(resolved.name)
    if isinstance(resolved, Module):
        return Namespace(resolved)
    if isinstance(resolved, Assigned):
        return module_level.assigned(frame, resolved)
    if isinstance(resolved, Defined):
        if isinstance(resolved.node, ast.ClassDef):
            return Class(resolved)
        return Function(resolved.module, resolved.node, resolved.qualname)
    return UNKNOWN


def _name(frame: Frame, node: ast.Name) -> Value:
    if node.id in frame.env:
        return outside_torch.used(frame, frame.env[node.id])
    if node.id in frame.function.closure:
        return frame.function.closure[node.id]
    resolved = frame.project.resolve(frame.module, node.id)
    if resolved is None and node.id in _BUILTINS:
        return Api(f"builtins.{node.id}")
    return meaning(frame, resolved)


def _attribute(frame: Frame, node: ast.Attribute) -> Value:
    carried.read(frame, node)
    value = evaluate(frame, tensor_data.looked_through(node))
    tensor_data.report(frame, node, value)
    if type(value) is not Union:
        return views.of_attribute(node, value, attributes.read(frame, value, node.attr, node))
    return join_all(
        [views.of_attribute(node, option, attributes.read(frame, option, node.attr, node)) for option in present(value)]
    )


def _constant(frame: Frame, node: ast.Constant) -> Value:
    return const(node.value)


def _tuple(frame: Frame, node: ast.Tuple | ast.List | ast.Set) -> Value:
    kind = type(node).__name__.lower()
    items: list[Value] = []
    open_ended = False
    for element in node.elts:
        if isinstance(element, ast.Starred):
            value = evaluate(frame, element.value)
            if isinstance(value, Seq) and value.items is not None:
                items += value.items
            else:
                items.append(elements(frame, element.value, value, "star"))
                open_ended = True
        else:
            items.append(evaluate(frame, element))
    if open_ended or len(items) > 256:
        return Seq(kind, None, join_all(items))
    return Seq(kind, tuple(items))


def _dict(frame: Frame, node: ast.Dict) -> Value:
    items: dict[object, Value] = {}
    rest: Value | None = None
    for key, value_node in zip(node.keys, node.values, strict=True):
        value = evaluate(frame, value_node)
        known = evaluate(frame, key) if key is not None else None
        if isinstance(known, Const):
            items[known.value] = value
        elif key is None and isinstance(value, Map):
            items.update(value.items)
            rest = value.element if rest is None else rest
        else:
            rest = value if rest is None else join(rest, value)
    return Map("dict", tuple(items.items()), rest)


def _binary(frame: Frame, node: ast.BinOp) -> Value:
    left, right = evaluate(frame, node.left), evaluate(frame, node.right)
    return operate(frame, node, NAMES[type(node.op)], left, right)


def augmented(frame: Frame, node: ast.AugAssign) -> Value:
    """The value that `target op= value` leaves."""
    load = ast.copy_location(_loaded(node.target), node.target)
    left, right = evaluate(frame, load), evaluate(frame, node.value)
    for tensor in (kind for kind in options(left) if isinstance(kind, Tensor)):
        reporting.state_write(frame, node, node.target, tensor, "augmented")
        views.written(frame, node, node.target, tensor)
    own_state.augmented(frame, node, left)
    shared_state.counted(frame, node)
    return operate(frame, node, NAMES[type(node.op)], left, right)


def _loaded(target: ast.expr) -> ast.expr:
    if isinstance(target, ast.Name):
        return ast.Name(target.id, ast.Load())
    if isinstance(target, ast.Attribute):
        return ast.Attribute(target.value, target.attr, ast.Load())
    return ast.Subscript(target.value, target.slice, ast.Load())


def operate(frame: Frame, node: ast.AST, name: str, left: Value, right: Value) -> Value:
    """An operator on two values of any kinds; reported when it is a tensor's."""
    results = []
    for one in options(left):
        for other in options(right):
            if isinstance(one, Tensor) or isinstance(other, Tensor):
                tensor = one if isinstance(one, Tensor) else other
                frame.emit(
                    OperatorCall,
                    node,
                    tensor.sure,
                    name=f"operator.{name}",
                    arguments=tuple((str(i), v.value) for i, v in enumerate((one, other)) if isinstance(v, Const)),
                    given=("0", "1"),
                    dtype=dtypes.promoted(one, other),
                    on_input=tensor.source is not None and not _COUNTED.search(tensor.source),
                )
            if isinstance(one, Number) or isinstance(other, Number):
                for number in (v for v in (one, other) if isinstance(v, Number)):
                    reporting.use(frame, number, "arithmetic", node)
            size_tensors.repeated(frame, node, name, one, other)
            if isinstance(left, Const) and isinstance(left.value, str) and name == "mod":
                results.append(Static("str"))
            else:
                results.append(binary(name, one, other))
    return join_all(results)


def _lambda(frame: Frame, node: ast.Lambda) -> Value:
    frame.interpreter.scopes.append(frame.env)
    return Function(frame.module, node, f"{frame.function.qualname}.<lambda>", closure=frame.env)


def _comprehension(frame: Frame, node: ast.ListComp | ast.SetComp | ast.GeneratorExp | ast.DictComp) -> Value:
    before = frame.state()
    frame._nested += 1
    items = 0
    for generator in node.generators:
        value = evaluate(frame, generator.iter)
        if isinstance(value, Seq) and value.items is not None and not generator.ifs:
            items = len(value.items)
        assign(frame, generator.target, elements(frame, generator.iter, value, "comprehension"), generator.iter)
        for test in generator.ifs:
            true, _ = conditions.decide(frame, test, "comprehension", False)
            frame.live = true or frame.live
            conditions.narrow(frame, test, True)
    if isinstance(node, ast.DictComp):
        evaluate(frame, node.key)
        result: Value = Map("dict", (), evaluate(frame, node.value))
    else:
        element = evaluate(frame, node.elt)
        kind = {"ListComp": "list", "SetComp": "set"}.get(type(node).__name__, "generator")
        known = len(node.generators) == 1 and 0 < items <= 16
        result = Seq(kind, (element,) * items if known else None, element)
    frame._nested -= 1
    frame.env, frame.live = before.env, before.live
    return result


def _formatted(frame: Frame, node: ast.JoinedStr) -> Value:
    for part in node.values:
        if not isinstance(part, ast.FormattedValue):
            continue
        for kind in options(evaluate(frame, part.value)):
            if isinstance(kind, Tensor) and kind.sure > GUESS:
                how = "format" if part.format_spec is not None else "str"
                reporting.conversion(frame, node, kind, how, frame.module.source(part.value))
            elif isinstance(kind, Number):
                reporting.use(frame, kind, "text", node)
    return Static("str")


def _named(frame: Frame, node: ast.NamedExpr) -> Value:
    value = evaluate(frame, node.value)
    assign(frame, node.target, value, node.value)
    return value


def _yield(frame: Frame, node: ast.Yield) -> Value:
    frame.yielded.append(evaluate(frame, node.value) if node.value is not None else UNKNOWN)
    return UNKNOWN


def _yield_from(frame: Frame, node: ast.YieldFrom) -> Value:
    frame.yielded.append(elements(frame, node.value, evaluate(frame, node.value), "for"))
    return UNKNOWN


def _slice(frame: Frame, node: ast.Slice) -> Value:
    parts = [evaluate(frame, part) if part is not None else const(None) for part in (node.lower, node.upper, node.step)]
    return Seq("slice", tuple(parts))


_FORMS = {
    ast.Name: _name,
    ast.Attribute: _attribute,
    ast.Constant: _constant,
    ast.Tuple: _tuple,
    ast.List: _tuple,
    ast.Set: _tuple,
    ast.Dict: _dict,
    ast.BinOp: _binary,
    ast.UnaryOp: logic.unary,
    ast.BoolOp: logic.chain,
    ast.IfExp: logic.ternary,
    ast.Compare: logic.compare,
    ast.Lambda: _lambda,
    ast.ListComp: _comprehension,
    ast.SetComp: _comprehension,
    ast.GeneratorExp: _comprehension,
    ast.DictComp: _comprehension,
    ast.JoinedStr: _formatted,
    ast.NamedExpr: _named,
    ast.Yield: _yield,
    ast.YieldFrom: _yield_from,
    ast.Slice: _slice,
    ast.Subscript: lambda frame, node: indexing.subscript(frame, node),
    ast.Call: lambda frame, node: calls.call(frame, node),
    ast.Await: lambda frame, node: evaluate(frame, node.value),
    ast.Starred: lambda frame, node: evaluate(frame, node.value),
}
