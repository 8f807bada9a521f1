"""What a parameter is, where the call and the function disagree."""

from __future__ import annotations

import pytest

from exportlint.finding import Confidence
from exportlint.flow.events import Conversion, Decision, Iteration
from tests.flow.events_of import events_in

MODEL = """
class Net(nn.Module):
    def forward(self, x: torch.Tensor):
        return helper(x, x)


def helper(x, given{annotation}):
    {body}
"""


@pytest.mark.parametrize(
    ("annotation", "body"),
    [
        (": bool | None = None", "return x if given else x * 2"),
        (": str", "return x if given else x * 2"),
        (": dict[str, torch.Tensor] | None", "return x * len(given or {})"),
        ("", "return torch.cat([x + record['box'] for record in given])"),
        ("", "return torch.cat([x[i] + record['box'] for i, record in enumerate(given)])"),
        ("", "return torch.cat([row + record['box'] for row, record in zip([x], given)])"),
    ],
)
def test_what_the_function_takes_for_no_tensor_is_none(annotation, body, tmp_path):
    found = events_in(tmp_path, MODEL.format(annotation=annotation, body=body))
    assert not [e for e in found if isinstance(e, Decision | Conversion | Iteration)]


@pytest.mark.parametrize(
    ("annotation", "body"),
    [
        (": torch.Tensor", "return x if given > 0 else x * 2"),
        (": int", "return x if given > 0 else x * 2"),
        ("", "return torch.stack([row[0] for row in given])"),
    ],
)
def test_a_tensor_stays_one_where_nothing_speaks_against_it(annotation, body, tmp_path):
    (event,) = events_in(tmp_path, MODEL.format(annotation=annotation, body=body))
    assert isinstance(event, Decision | Iteration)
    assert event.confidence is Confidence.HIGH


def test_a_tensor_given_to_a_constructor_is_the_same_in_every_call(tmp_path):
    source = """
    class Net(nn.Module):
        def __init__(self, scale: torch.Tensor):
            super().__init__()
            self.scale = scale

        def forward(self, x: torch.Tensor):
            return x if self.scale.max() > 1 else x * 2
    """
    (decision,) = events_in(tmp_path, source)
    assert decision.depends == "state"


def test_a_number_that_is_a_tensor_for_the_tracer_only_is_a_note(tmp_path):
    source = """
    class Net(nn.Module):
        def __init__(self, width):
            super().__init__()
            self.width = width

        def forward(self, x: torch.Tensor):
            n = torch.tensor(self.width) if torch.jit.is_tracing() else self.width
            return x if n > 3 else x * 2
    """
    (decision,) = events_in(tmp_path, source)
    assert decision.confidence is Confidence.LOW


def test_another_tensor_lends_its_dtype_not_its_values(tmp_path):
    source = """
    class Net(nn.Module):
        def __init__(self):
            super().__init__()
            self.register_buffer("kernel", torch.ones(3))

        def forward(self, x: torch.Tensor):
            return x * self.kernel.to(x).sum().item()
    """
    (conversion,) = events_in(tmp_path, source)
    assert conversion.depends == "state"


@pytest.mark.parametrize(
    "annotation", ["int | torch.Tensor", "Union[float, torch.Tensor]", "torch.Tensor | bool | None"]
)
def test_a_number_or_a_tensor_is_a_guess(annotation, tmp_path):
    source = f"""
    from typing import Union

    class Net(nn.Module):
        def forward(self, x: torch.Tensor, n: {annotation}):
            if n > 2:
                return -x
            return x
    """
    assert [event.confidence for event in events_in(tmp_path, source)] == [Confidence.LOW]


def test_one_that_is_used_like_a_tensor_is_none(tmp_path):
    source = """
    class Net(nn.Module):
        def forward(self, x: torch.Tensor, n: float | torch.Tensor):
            n = n.clamp(0, 1)
            if n > 0.5:
                return -x
            return x
    """
    assert [event.confidence for event in events_in(tmp_path, source)] == [Confidence.MEDIUM]
