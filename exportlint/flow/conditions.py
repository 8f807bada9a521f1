"""Conditions: which way a test can go for which target, what it decided on, and what is known on either side of it."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from exportlint.flow import reporting, training_only
from exportlint.flow.arithmetic import comparison
from exportlint.flow.joins import has, is_none, join, join_all
from exportlint.flow.objects import says_none
from exportlint.flow.values import (
    GUESS,
    LIKELY,
    NONE,
    UNKNOWN,
    Api,
    Array,
    Class,
    Const,
    Dim,
    Function,
    Guard,
    Instance,
    Layer,
    Map,
    Number,
    Seq,
    Shape,
    Static,
    Tensor,
    Union,
    Value,
    options,
)
from exportlint.source.remembered import once_a_node

if TYPE_CHECKING:
    from exportlint.flow.frame import Frame

Ways = tuple[
    frozenset[str], frozenset[str]
]  # targets for which a test can be true, and those for which it can be false
_TYPES = {
    "torch.Tensor": Tensor,
    "builtins.list": Seq,
    "builtins.tuple": Seq,
    "builtins.dict": Map,
    "torch.Size": Shape,
    "numpy.ndarray": Array,
    "builtins.int": Static | Dim | Number,
    "builtins.float": Static | Number,
}


def decide(frame: Frame, test: ast.expr, form: str, checks: bool) -> Ways:
    """Evaluate a test as a condition, reporting what it decides on; the ways it can go."""
    if isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not):
        true, false = decide(frame, test.operand, form, checks)
        return false, true
    if isinstance(test, ast.BoolOp):
        return _decide_chain(frame, test, form, checks)
    return ways(frame, test, tested(frame, test), form, checks)


def tested(frame: Frame, test: ast.expr) -> Value:
    """The kind of an expression of which nothing but its truth is asked."""
    frame.unrecorded += 1
    value = frame.eval(test)
    frame.unrecorded -= 1
    return value


def ways(frame: Frame, node: ast.expr, value: Value, form: str, checks: bool) -> Ways:
    """The ways a value's truth can go; tensors, numbers taken out of them and sizes are reported."""
    live = frame.live
    if isinstance(value, Guard):
        return live & (value.true | value.maybe), live - value.true
    truth = truth_of(value)
    if truth is not None:
        return (live, frozenset()) if truth else (frozenset(), live)
    report(frame, node, value, form, checks)
    return live, live


def _decide_chain(frame: Frame, test: ast.BoolOp, form: str, checks: bool) -> Ways:
    before = frame.state()
    conjunction = isinstance(test.op, ast.And)
    decided: frozenset[str] = frozenset()
    live = frame.live
    doubts = frame.doubts
    for index, operand in enumerate(test.values):
        frame.live = live
        with training_only.arm(frame, test.values[:index] if conjunction else (), body=() if checks else None):
            true, false = decide(frame, operand, form, checks)
        frame.doubts += bool(true & false)
        onward, ended = (true, false) if conjunction else (false, true)
        decided |= ended
        narrow(frame, operand, conjunction)
        live = onward
        if not live:
            break
    walrus = _named_inside(test)
    kept = {name: value for name, value in frame.env.items() if name in walrus} if walrus else {}
    frame.env, frame.live, frame.doubts = before.env | kept, before.live, doubts
    return (live, decided) if conjunction else (decided, live)


@once_a_node
def _named_inside(test: ast.expr) -> frozenset[str]:
    """The variables that `:=` binds in a test."""
    named = (node.target for node in ast.walk(test) if isinstance(node, ast.NamedExpr))
    return frozenset(target.id for target in named if isinstance(target, ast.Name))


def truth_of(value: Value) -> bool | None:
    """Whether a value counts as true, where that is known and can be no other."""
    if isinstance(value, Const):
        return bool(value.value) if value.fixed else None
    if isinstance(value, Instance | Class | Function | Layer):
        return True
    if isinstance(value, Seq) and value.items is not None and value.type in ("list", "tuple"):
        return bool(value.items)
    return None


def report(frame: Frame, node: ast.expr, value: Value, form: str, checks: bool) -> None:
    """Say that Python decides here on a tensor, on a number taken out of one, or on a size."""
    kinds = [kind for kind in options(value) if kind != NONE]
    for kind in kinds:
        if isinstance(kind, Tensor) and isinstance(node, ast.Name) and kind.sure == GUESS:
            continue  # a parameter nobody annotates or passes, tested bare: far more often a flag than a tensor
        if isinstance(kind, Dim) and kind.ragged and checks and _compares_two(node):
            continue  # whether two sizes are one: they come from one selection, whose size has one name
        if isinstance(kind, Tensor | Number) or (isinstance(kind, Dim) and kind.ragged):
            reporting.decision(frame, node, kind, form, checks, alone=len(kinds) == 1)
        elif isinstance(kind, Dim):
            reporting.dimension(frame, node, kind, form, frame.module.source(node), checks)


def _compares_two(node: ast.expr) -> bool:
    """`x.shape != y.shape`."""
    equals = isinstance(node, ast.Compare) and isinstance(node.ops[0], ast.Eq | ast.NotEq)
    return equals and not any(isinstance(side, ast.Constant) for side in (node.left, *node.comparators))


def narrow(frame: Frame, test: ast.expr, outcome: bool) -> None:
    """What is known of variables once a test came out as `outcome`."""
    if isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not):
        narrow(frame, test.operand, not outcome)
    elif isinstance(test, ast.BoolOp):
        if isinstance(test.op, ast.And) == outcome:
            for operand in test.values:
                narrow(frame, operand, outcome)
    elif isinstance(test, ast.Compare) and len(test.ops) == 1 and isinstance(test.ops[0], ast.Is | ast.IsNot):
        if says_none(test.comparators[0]):
            none = isinstance(test.ops[0], ast.Is) == outcome
            _keep(
                frame,
                test.left,
                lambda kind: (is_none(kind) is not False) if none else kind != NONE,
                NONE if none else None,
            )
    elif (
        isinstance(test, ast.Call)
        and isinstance(test.func, ast.Name)
        and test.func.id == "isinstance"
        and len(test.args) == 2
    ):
        _narrow_instance(frame, test.args[0], frame.eval(test.args[1]), outcome)
    elif isinstance(test, ast.Call) and len(test.args) == 1 and _names_is_tensor(test.func):
        assumed = Tensor("input", LIKELY) if outcome else None
        _keep(frame, test.args[0], lambda kind: isinstance(kind, Tensor) == outcome, assumed)
    elif isinstance(test, ast.Name | ast.Attribute) and outcome:
        _keep(frame, test, lambda kind: kind != NONE, None)


def _names_is_tensor(func: ast.expr) -> bool:
    return (func.attr if isinstance(func, ast.Attribute) else getattr(func, "id", "")) == "is_tensor"


def _narrow_instance(frame: Frame, subject: ast.expr, types: Value, outcome: bool) -> None:
    kinds = types.items if isinstance(types, Seq) and types.items else (types,)
    if outcome and not any(_may_be_tensor(frame, kind) for kind in kinds):
        _keep(frame, subject, lambda kind: not isinstance(kind, Tensor), None)
    wanted = tuple({_TYPES[k.name] for k in kinds if getattr(k, "name", "") in _TYPES})
    if not wanted or len(wanted) < len({getattr(k, "name", k) for k in kinds} & set(_TYPES)):
        return
    known = all(getattr(k, "name", "") in _TYPES for k in kinds)
    if outcome:
        assumed = Tensor("input", LIKELY) if wanted == (Tensor,) else None
        _keep(
            frame,
            subject,
            lambda kind: isinstance(kind, (*wanted, Shape) if Seq in wanted else wanted) or not known,
            assumed,
        )
    else:
        _keep(frame, subject, lambda kind: not isinstance(kind, wanted), None)


def _may_be_tensor(frame: Frame, kind: Value) -> bool:
    """Whether a class of isinstance() may be one of tensors: torch's own, or one of the project derived from it."""
    if isinstance(kind, Class):
        return any(name.endswith("Tensor") for name in frame.interpreter.classes.foreign(kind.defined))
    return not isinstance(kind, Api) or kind.name.startswith("torch.") or kind.name.endswith("Tensor")


def _keep(frame: Frame, subject: ast.expr, wanted, otherwise: Value | None) -> None:
    """Keep the kinds of a variable for which `wanted` holds; `otherwise` replaces Unknown, and what cannot be."""
    if isinstance(subject, ast.NamedExpr):
        subject = subject.target
    if not isinstance(subject, ast.Name) or subject.id not in frame.env:
        return
    value = frame.env[subject.id]
    left = [kind for kind in options(value) if wanted(kind)] or [UNKNOWN]
    if left == [UNKNOWN]:
        frame.env[subject.id] = UNKNOWN if otherwise is None else otherwise
    elif len(left) < len(options(value)):
        frame.env[subject.id] = left[0] if len(left) == 1 else Union(tuple(left))


def instance_of(frame: Frame, value: Value, types: Value) -> bool | None:
    """isinstance(value, types), where the kinds decide it."""
    kinds = types.items if isinstance(types, Seq) and types.items is not None else (types,)
    answers = {_option_is(frame, option, kind) for option in options(value) for kind in kinds}
    if True in answers and len(options(value)) == 1:
        return True
    return False if answers == {False} else None


def _option_is(frame: Frame, value: Value, kind: Value) -> bool | None:
    name = getattr(kind, "name", None)
    if isinstance(value, Tensor) and value.sure > GUESS:
        if name in ("torch.Tensor", "torch.nn.Parameter"):
            return True if name == "torch.Tensor" else None
        return False if name and name.startswith(("builtins.", "numpy.")) else None
    if isinstance(value, Const) and value.value is None:
        return False if value.fixed else None
    if isinstance(value, Seq | Shape | Map) and name in _TYPES:
        if isinstance(value, Shape):
            return name in ("torch.Size", "builtins.tuple")
        if value.type in ("list", "tuple", "dict"):
            return name == f"builtins.{value.type}"
        return False if name == "torch.Tensor" else None
    if isinstance(value, Static | Dim | Number | Array) and name == "torch.Tensor":
        return False
    if isinstance(value, Instance) and isinstance(kind, Class):
        return kind.defined in frame.interpreter.classes.order(value.cls)[0]
    if isinstance(value, Instance | Layer) and name == "torch.Tensor":
        return False
    return None


def _is_layout(value: Value) -> bool:
    return isinstance(value, Api) and value.name.startswith(("torch.sparse_", "torch.strided"))


def compared(frame: Frame, node: ast.Compare, left: Value, operator: ast.cmpop, right: Value) -> Value:
    """The kind of one comparison."""
    if isinstance(operator, ast.Is | ast.IsNot | ast.Eq | ast.NotEq) and NONE in (left, right):
        none = is_none(right if left == NONE else left)
        same = isinstance(operator, ast.Is | ast.Eq)
        return Static("bool") if none is None else Const("bool", none == same)
    if isinstance(operator, ast.Is | ast.IsNot | ast.Eq | ast.NotEq) and isinstance(left, Api) and _is_layout(right):
        return Const("bool", (left == right) == isinstance(operator, ast.Is | ast.Eq))
    if isinstance(operator, ast.Is | ast.IsNot):
        return Static("bool")
    if isinstance(operator, ast.In | ast.NotIn):
        if isinstance(right, Seq) and right.type == "tuple" and right.items == ():
            return Const("bool", isinstance(operator, ast.NotIn))
        for kind in options(right):
            if isinstance(kind, Tensor) and kind.sure > GUESS:
                report(frame, node, kind, "in", False)
            if isinstance(kind, Map | Seq) and has(left, Number):
                return join_all([k for k in options(left) if isinstance(k, Number)])
        return Static("bool")
    return join_all([comparison(operator, a, b) for a in options(left) for b in options(right)])


def promised(frame: Frame, node: ast.AST) -> None:
    """`torch._check(n <= 5)` says what a number may be: an exporter decides on it where that answers the question."""
    for name in (part.id for part in ast.walk(node) if isinstance(part, ast.Name)):
        for kind in options(frame.env.get(name, UNKNOWN)):
            if isinstance(kind, Number):
                frame.env[name] = join(frame.env[name], Static(kind.type))
