"""An input that is a list of tensors: what exporters make of it, which the fixtures cannot show at a line."""

from __future__ import annotations

from pathlib import Path

import pytest

from exportlint.flow.events import Iteration
from tests.flow.events_of import events_in, forward


def lists(folder: Path, body: str, name: str = "images") -> int:
    events = events_in(folder, forward(body, f"{name}: list[torch.Tensor]"))
    return sum(isinstance(event, Iteration) and event.subject == "list" for event in events)


@pytest.mark.parametrize(
    "body",
    [
        "return torch.stack([i.mean() for i in images])",
        "y = images[0]\nfor i in images:\n    y = y + i\nreturn y",
        "return images[0] / len(images)",
    ],
)
def test_a_computation_that_depends_on_how_many_there_are(body: str, tmp_path: Path) -> None:
    assert lists(tmp_path, body) == 1


def test_a_check_of_how_many_there_are(tmp_path: Path) -> None:
    assert lists(tmp_path, "assert len(images) == 2\nreturn images[0] + images[1]") == 0


def test_a_list_that_a_backbone_fills(tmp_path: Path) -> None:
    assert lists(tmp_path, "return torch.stack([f.mean() for f in features])", "features") == 0


@pytest.mark.torch
def test_exports_take_as_many_tensors_as_the_example_holds() -> None:
    import torch

    class Mean(torch.nn.Module):
        def forward(self, images: list[torch.Tensor]) -> torch.Tensor:
            return torch.stack([i.mean() for i in images])

    model = Mean().eval()
    two, three = ([torch.ones(3)] * 2,), ([torch.ones(3)] * 3,)
    with pytest.raises(RuntimeError, match="Expected 2 elements in a list but found 3"):
        torch.jit.trace(model, two)(*three)
    exported = torch.export.export(model, two)
    with pytest.raises(ValueError, match="tree spec"):
        exported.module()(*three)
    assert len(torch.onnx.export(model, two, dynamo=True).model.graph.inputs) == 2
    assert torch.jit.script(model)(*three).shape == (3,)
