"""Shapes written as text."""

from __future__ import annotations

import pytest

from exportlint.verify.shapes import ShapeError, parse_shapes


def test_sizes_names_and_bounds() -> None:
    shapes = parse_shapes(
        {"x": "float32[batch, 3, h=32, w = 32]", "ids": "int64[batch, time] < 1000", "flag": "bool[]"}
    )
    assert shapes["x"].sizes == (2, 3, 32, 32)
    assert shapes["x"].dynamic == {0: "batch", 2: "h", 3: "w"}
    assert shapes["x"].bound is None
    assert (shapes["ids"].sizes, shapes["ids"].bound) == ((2, 3), 1000)
    assert (shapes["flag"].sizes, shapes["flag"].dynamic) == ((), {})


def test_no_two_names_share_a_size_that_was_not_asked_for() -> None:
    shapes = parse_shapes({"x": "float32[a, b=3, c]", "y": "int8[d]"})
    assert shapes["x"].sizes == (2, 3, 5)
    assert shapes["y"].sizes == (7,)
    assert shapes["y"].bound == 2


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("float32", "no shape"),
        ("float33[2]", "no shape"),
        ("float32[2", "no shape"),
        ("float32[-1]", '"-1"'),
        ("float32[2,,3]", '""'),
        ("float32[n=]", '"n="'),
        ("float32[2] < 5", "whole numbers"),
        ("int64[2] < 0", "at least 1"),
    ],
)
def test_what_is_no_shape_names_the_input(text: str, said: str) -> None:
    with pytest.raises(ShapeError, match=r"inputs\.x") as caught:
        parse_shapes({"x": text})
    assert said in str(caught.value)


def test_one_name_with_two_sizes_is_refused() -> None:
    with pytest.raises(ShapeError, match="two sizes"):
        parse_shapes({"x": "float32[n=3]", "y": "float32[n=4]"})
