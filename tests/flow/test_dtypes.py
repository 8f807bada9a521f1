"""The dtypes that the interpreter knows, as the operator calls that it reports carry them."""

from __future__ import annotations

import pytest

from exportlint.finding import TARGETS
from exportlint.flow.events import OperatorCall
from tests.flow.events_of import HEADER, all_events, forward

CASES = [
    ("x > 0", "bool"),
    ("~(x > 0)", "bool"),
    ("(x > 0) & (x < 1)", "bool"),
    ("torch.logical_or(x > 0, x < 1)", "bool"),
    ("x.isnan()", "bool"),
    ("torch.arange(x.shape[0])", "int64"),
    ("torch.arange(0, 1, 0.5)", "float32"),
    ("torch.arange(4, dtype=torch.half)", "float16"),
    ("torch.arange(4) // 2", "int64"),
    ("torch.arange(4) / 2", "float32"),
    ("torch.arange(4) * 0.5", "float32"),
    ("(x > 0) * 2", "int64"),
    ("(x > 0).sum(-1)", "int64"),
    ("(x > 0).float()", "float32"),
    ("x.argmax(1)", "int64"),
    ("x.max(1)[1]", "int64"),
    ("x.topk(2).indices", "int64"),
    ("x.to(torch.bfloat16)", "bfloat16"),
    ("x.to('cpu', torch.double)", "float64"),
    ("x.half().relu().reshape(-1)", "float16"),
    ("torch.tensor([[1, 2], [3, 4]])", "int64"),
    ("torch.tensor([1, 2.5])", "float32"),
    ("torch.zeros_like(x > 0)", "bool"),
    ("torch.where(x > 0, torch.ones(2), 0)", "float32"),
    ("torch.cat([torch.arange(2), torch.arange(3)])", "int64"),
    ("torch.full((2, 2), 1)", "int64"),
    # whatever x is, so is the result
    ("x + 1", None),
    ("x.relu()", None),
    ("x * (x > 0)", None),
    # an int or a float, as x is
    ("x + torch.arange(4)", None),
    ("torch.where(x > 0, x, 0)", None),
    ("torch.zeros(2, dtype=x.dtype)", None),
    ("x.to(self.kind)", None),
]


@pytest.mark.parametrize(("expression", "expected"), CASES)
def test_dtype_of_an_expression(expression, expected, tmp_path):
    path = tmp_path / "net.py"
    path.write_text(HEADER + forward(f"return ({expression}).t()", init="self.kind = config"))
    calls = [event for event in all_events(path, TARGETS) if isinstance(event, OperatorCall)]
    assert [call.dtype for call in calls if call.name == "torch.Tensor.t"] == [expected]
