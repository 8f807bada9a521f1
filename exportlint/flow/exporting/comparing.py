"""Comparisons of what was exported with eager PyTorch."""

from __future__ import annotations

import ast

from exportlint.finding import TARGETS
from exportlint.flow.exporting.events import Comparison
from exportlint.flow.exporting.given import Given
from exportlint.flow.exporting.things import Answer, Const, File, Model, Seq, Tensor, Value
from exportlint.flow.exporting.walk import Frame

GIVES_BOOL = frozenset({"torch.allclose", "torch.equal", "numpy.allclose", "numpy.array_equal", "numpy.isclose"})
RAISES = frozenset(
    {
        "torch.testing.assert_close",
        "torch.testing.assert_allclose",
        "numpy.testing.assert_allclose",
        "numpy.testing.assert_almost_equal",
        "numpy.testing.assert_array_almost_equal",
        "numpy.testing.assert_array_equal",
        "numpy.testing.assert_equal",
    }
)
_LEFT = ("input", "a", "actual", "a1")
_RIGHT = ("other", "b", "desired", "expected", "a2")


def call(frame: Frame, node: ast.Call, name: str, given: Given, used: bool) -> Value | None:
    """A function that compares two results."""
    if name not in GIVES_BOOL and name not in RAISES:
        return None
    left, right = _side(given, 0, _LEFT), _side(given, 1, _RIGHT)
    if left is not None and right is not None:
        tolerances = tuple(
            (word, float(value.value))
            for word, _, value in given.kwargs
            if word in ("atol", "rtol") and isinstance(value, Const) and type(value.value) in (int, float)
        )
        _compared(frame, node, name, used or name in RAISES, (left, right), tolerances)
    return frame.make(node)


def _side(given: Given, position: int, names: tuple[str, ...]) -> Value | None:
    for name in names:
        found = given.get(name)
        if found is not None:
            return found
    return given.args[position][1] if position < len(given.args) else None


def difference(frame: Frame, node: ast.BinOp, left: Value, right: Value) -> None:
    """`a - b` of two results, of which something is made."""
    _compared(frame, node, "difference", True, (left, right), ())


def _compared(
    frame: Frame, node: ast.AST, function: str, used: bool, sides: tuple[Value, Value], tolerances: tuple
) -> None:
    left, right = sides
    facts = [frame.state.facts.get(side) for side in sides]
    exported = next((fact for fact in facts if isinstance(fact, Answer) and fact.exported), None)
    export, targets, example = (None, TARGETS, False) if exported is None else _of_export(frame, exported)
    event = Comparison(
        **frame.common(node, targets),
        function=function,
        used=used,
        same=left == right and any(isinstance(fact, Answer) for fact in facts),
        tolerances=tolerances,
        example=example,
        export=export,
    )
    about_models = any(isinstance(fact, Answer) for fact in facts)
    if about_models:
        frame.walk.compare(event, exported.of if exported else left, example)


def _of_export(frame: Frame, answer: Answer) -> tuple:
    """Where the compared thing was exported, and whether its inputs are those it was exported with."""
    fact = frame.state.facts.get(answer.of)
    if isinstance(fact, Model):
        example = fact.example.items if isinstance(fact.example, Seq) else (fact.example,)
        made_with = example if fact.form == "traced" or fact.form == "program" else ()
        return fact.export, fact.targets or TARGETS, _same(frame, answer, made_with)
    if isinstance(fact, File):
        return fact.export, fact.targets or TARGETS, _same(frame, answer, fact.example or ())
    return None, TARGETS, False


def _same(frame: Frame, answer: Answer, example: tuple[Value | None, ...]) -> bool:
    facts = [frame.state.facts.get(value) for value in example if value is not None]
    origins = frozenset(fact.origin for fact in facts if isinstance(fact, Tensor))
    return bool(answer.origins) and answer.origins == origins
