"""The comparison: nothing broadcast, nothing cut short, nothing compared means nothing proven."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import pytest

torch = pytest.importorskip("torch")

from exportlint.verify.judging.compare import compare, compare_flat  # noqa: E402  torch may be absent
from exportlint.verify.judging.tolerance import Noise  # noqa: E402

pytestmark = pytest.mark.torch


class Pair(NamedTuple):
    first: object
    second: object


@dataclass
class Out:
    logits: object
    hidden: object


ONE, TWO = torch.ones(2), torch.zeros(2)
NAN, INF = float("nan"), float("inf")
DIFFERENT = {
    "a dtype": (ONE, ONE.double(), "dtype"),
    "a whole number as float": (torch.tensor([1]), torch.tensor([1.0]), "dtype"),
    "a shape that would broadcast": (ONE, torch.ones(1, 2), "shape"),
    "a size that would broadcast": (ONE, torch.ones(1), "shape"),
    "one output more": ((ONE,), (ONE, ONE), "structure"),
    "one output less": ([ONE, TWO], [ONE], "structure"),
    "the order": ((ONE, TWO), (TWO, ONE), "value"),
    "a tuple for a tensor": (ONE, (ONE,), "structure"),
    "nesting": ((ONE, (TWO,)), (ONE, TWO), "structure"),
    "names": ({"a": ONE}, {"b": ONE}, "structure"),
    "NaN where there is a number": (ONE, torch.tensor([1.0, NAN]), "nan"),
    "a number where there is NaN": (torch.tensor([1.0, NAN]), ONE, "nan"),
    "the sign of infinity": (torch.tensor([INF]), torch.tensor([-INF]), "value"),
    "infinity for a number": (torch.tensor([1.0]), torch.tensor([INF]), "value"),
    "a value": (ONE, torch.tensor([1.0, 1.001]), "value"),
    "a whole number by one": (torch.tensor([2**40]), torch.tensor([2**40 + 1]), "value"),
    "a truth value": (torch.tensor([True]), torch.tensor([False]), "value"),
    "a Python number": ((ONE, 3), (ONE, 4), "value"),
    "a complex part": (torch.tensor([1 + 1j]), torch.tensor([1 + 2j]), "value"),
    "nothing at all": (None, None, "structure"),
}
SAME = {
    "NaN and infinities in the same places": (torch.tensor([NAN, INF, -INF]), torch.tensor([NAN, INF, -INF])),
    "rounding": (ONE, ONE + 1e-6),
    "a list for a tuple": ((ONE, TWO), [ONE, TWO]),
    "a tuple for a named tuple": (Pair(ONE, TWO), (ONE, TWO)),
    "a tuple for a dataclass": (Out(ONE, TWO), (ONE, TWO)),
    "a table for a dataclass": (Out(ONE, TWO), {"logits": ONE, "hidden": TWO}),
    "no elements": (torch.ones(0, 3), torch.ones(0, 3)),
    "None beside a tensor": ((ONE, None), (ONE, None)),
}


@pytest.mark.parametrize(("expected", "got", "kind"), DIFFERENT.values(), ids=DIFFERENT)
def test_what_differs(expected: object, got: object, kind: str) -> None:
    difference = compare(expected, got).difference
    assert difference is not None
    assert difference.kind == kind


@pytest.mark.parametrize(("expected", "got"), SAME.values(), ids=SAME)
def test_what_agrees(expected: object, got: object) -> None:
    assert compare(expected, got).difference is None


def test_the_worst_place_and_both_values_are_named() -> None:
    comparison = compare(
        {"a": (ONE, torch.tensor([[1.0, 2.0], [3.0, 4.0]]))}, {"a": (ONE, torch.tensor([[1.0, 2.0], [9.0, 4.1]]))}
    )
    difference = comparison.difference
    assert difference is not None
    assert difference.output == "a.1"
    assert "2 of 4, worst at [1, 0]" in difference.reason
    assert (difference.expected, difference.got) == ("3", "9")
    assert comparison.max_abs == pytest.approx(6)


@pytest.mark.parametrize(
    ("dtype", "near", "far"), [("float64", 1e-10, 1e-6), ("float32", 1e-6, 1e-3), ("float16", 1e-3, 1e-1)]
)
def test_the_tolerance_follows_the_dtype(dtype: str, near: float, far: float) -> None:
    one = torch.ones(3, dtype=getattr(torch, dtype))
    assert compare(one, one + near).difference is None
    assert compare(one, one + far).difference is not None


def test_eagers_own_rounding_error_is_allowed_for() -> None:
    expected, noise = torch.tensor([1.0, 1.0]), Noise(exact={"": 0.01})
    assert compare(expected, torch.tensor([1.0, 1.02])).difference is not None
    assert compare(expected, torch.tensor([1.0, 1.02]), noise).difference is None
    assert compare(expected, torch.tensor([1.0, 1.5]), noise).difference is not None


def test_a_quiet_model_may_differ_by_less_than_its_dtype_alone_says() -> None:
    one = torch.tensor([1.0, 0.5])
    quiet, loud = Noise({"": 1e-7}), Noise({"": 1e-4})
    assert compare(one, one + 1e-5).difference is None
    found = compare(one, one + 1e-5, quiet)
    assert found.difference is not None
    assert found.difference.allowed == pytest.approx(1.6e-6)
    assert found.times == pytest.approx(100, rel=0.1)
    assert compare(one, one + 1e-6, quiet).difference is None
    assert compare(one, one + 1e-5, loud).difference is None
    assert compare(one, one + 1e-3, loud).difference is not None, "what is measured tightens, and does not loosen"


def test_an_output_is_as_exact_as_the_coarsest_dtype_that_took_part() -> None:
    one = torch.ones(3)
    half = Noise({"": 1e-3}, coarsest=torch.float16)
    assert compare(one, one + 5e-3).difference is not None
    assert compare(one, one + 5e-3, half).difference is None


def test_whole_numbers_that_float64_decides_otherwise_are_no_evidence() -> None:
    assert compare(torch.tensor([3, 4]), torch.tensor([2, 4]), Noise(exact={"": 1.0})).difference is None
    assert compare(torch.tensor([3, 4]), torch.tensor([2, 4]), Noise(exact={"": 0.0})).difference is not None


def test_flat_outputs_are_counted_before_they_are_compared() -> None:
    assert compare_flat({"a": ONE, "b": [TWO]}, [ONE, TWO]).difference is None
    assert compare_flat((ONE, 3, None, "text"), [ONE]).difference is None
    assert compare_flat((ONE, 3), [ONE, torch.tensor(3)]).difference is None
    for got in ([ONE], [ONE, TWO, ONE], []):
        difference = compare_flat((ONE, TWO), got).difference
        assert difference is not None
        assert difference.kind == "structure"
