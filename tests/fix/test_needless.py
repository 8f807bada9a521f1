"""Rewritings that others recommend for exports and that no fixer makes: torch exports the forms as they are."""

from __future__ import annotations

import pytest

from exportlint.check import check
from exportlint.config import ModelSpec, Settings
from exportlint.finding import TARGETS
from tests.fix.examples import HEAD

DYNAMIC = {"x": {0: "batch"}}
FORMS = {
    "flatten(1) for a view": "x.view(x.size(0), -1)",
    "flatten(1) for a reshape": "x.reshape(x.shape[0], -1)",
    "squeeze(1) for squeeze()": "(x[:, :1] * 2).squeeze()",
    "a buffer for a constant": "x * torch.tensor([1.0, 2.0, 3.0])",
}


def model(form: str) -> str:
    """A file with a model that returns this."""
    inputs = "def inputs():\n    return (torch.randn(2, 5, 3),)\n"
    return f"{HEAD}class Net(nn.Module):\n    def forward(self, x):\n        return {form}\n\n\n{inputs}"


@pytest.mark.parametrize("form", FORMS.values(), ids=FORMS)
def test_nothing_is_found(form: str, folder):
    (folder / "net.py").write_text(model(form), "utf-8")
    spec = ModelSpec("net.py::Net", inputs="net.py::inputs", dynamic=DYNAMIC)
    assert check([folder / "net.py"], Settings(folder, targets=TARGETS, models=(spec,)), cache=False).findings == ()


@pytest.mark.torch
@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize("form", FORMS.values(), ids=FORMS)
def test_torch_exports_it_for_batches_of_other_sizes(form: str, target: str, folder):
    from exportlint.verify.contract import Job
    from exportlint.verify.worker import Attempt

    (folder / "net.py").write_text(model(form), "utf-8")
    job = Job("net.py::Net", str(folder), target, inputs="net.py::inputs", dynamic=DYNAMIC, seconds=20.0)
    result = Attempt(job, folder).result()
    assert result.status == "ok", result.reason
    assert result.inputs_tried > 1
