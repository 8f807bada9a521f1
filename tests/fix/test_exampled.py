"""Models built as the examples in their documentation do it, for the sample of bench-fix."""

from __future__ import annotations

from pathlib import Path

import pytest

torch = pytest.importorskip("torch")

pytestmark = pytest.mark.torch
ROOT = Path(__file__).parents[2]


@pytest.fixture
def build(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.syspath_prepend(str(ROOT / "tools"))
    monkeypatch.syspath_prepend(str(ROOT / "benchmarks"))
    import exampled

    return exampled.build


class Scaled(torch.nn.Module):
    """Multiplies.

    Example:
        >>> net = Scaled(3)
        >>> x = torch.ones(2, 4)
        >>> net(x, shift=torch.zeros(4)).shape
        torch.Size([2, 4])
        >>> net(torch.ones(7))
    """

    def __init__(self, factor):
        super().__init__()
        self.factor = torch.nn.Parameter(torch.tensor(factor, dtype=torch.float64))

    def forward(self, x, shift=None):
        x.mul_(2)
        return x * self.factor + shift


class OfForward(Scaled):
    """
    >>> OfForward(2).forward(torch.ones(1), torch.ones(1))
    """


class Uncalled(Scaled):
    """
    >>> Uncalled(2)
    """


class Broken(Scaled):
    """
    >>> Broken(2, wide=True)(torch.ones(1), torch.ones(1))
    """


class Undocumented(Scaled):
    __doc__ = None


def test_an_example_gives_the_model_and_what_it_is_called_with(build):
    model, args, kwargs = build(Scaled)
    assert type(model) is Scaled
    assert model.factor.item() == 3
    assert model.factor.dtype == torch.float32
    assert [list(x.shape) for x in args] == [[2, 4]]
    assert args[0].eq(1).all(), "what forward does to its input came later"
    assert list(kwargs) == ["shift"]


def test_a_call_of_forward_counts(build):
    model, args, _ = build(OfForward)
    assert type(model) is OfForward
    assert len(args) == 2
    assert "forward" not in vars(OfForward), "the class is as it was"


@pytest.mark.parametrize("cls", [Uncalled, Undocumented])
def test_an_example_that_calls_nothing_is_no_example(build, cls):
    with pytest.raises(LookupError, match=f"no example calls {cls.__name__}"):
        build(cls)


def test_an_example_that_cannot_be_built_says_why(build):
    forward = Scaled.forward
    with pytest.raises(TypeError, match="wide"):
        build(Broken)
    assert Scaled.forward is forward
    assert "forward" not in vars(Broken)
