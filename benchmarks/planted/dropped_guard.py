"""What keeps a value in its range, or a mask from hiding all, is left out."""

from __future__ import annotations

from typing import ClassVar

import torch
from torch import Tensor, nn
from torch.nn import functional


class Bounded(nn.Module):
    fault = "Clip"

    def __init__(self) -> None:
        super().__init__()
        self.head = nn.Linear(3, 3)

    def forward(self, x: Tensor) -> Tensor:
        raw = self.head(x)
        kept = raw.clamp(-5.0, 5.0)
        return kept.exp()

    def example_inputs(self) -> tuple:
        return (torch.rand(2, 3),)


class Divided(nn.Module):
    fault = "Clip"

    def forward(self, x: Tensor, weight: Tensor) -> Tensor:
        total = weight.sum(-1, keepdim=True)
        total = total.clamp(min=1e-3)
        return (x * weight).sum(-1, keepdim=True) / total

    def example_inputs(self) -> tuple:
        return torch.rand(2, 4), torch.rand(2, 4) + 0.5


class Rectified(nn.Module):
    fault = "Relu"
    dynamic: ClassVar = {"x": {0: "batch"}}

    def __init__(self) -> None:
        super().__init__()
        self.layers = nn.Sequential(nn.Linear(4, 8), nn.ReLU(), nn.Linear(8, 2))

    def forward(self, x: Tensor) -> Tensor:
        deep = self.layers(x)
        return deep + 1

    def example_inputs(self) -> tuple:
        return (torch.randn(3, 4),)


class Masked(nn.Module):
    fault = "Where"
    keeps = 2

    def forward(self, scores: Tensor, hidden: Tensor) -> Tensor:
        weighted = scores * 2
        shown = weighted.masked_fill(hidden, -10.0)
        return shown.softmax(-1)

    def example_inputs(self) -> tuple:
        return torch.randn(2, 4), torch.tensor([[False, False, True, False], [False, True, False, False]])


class Floor(nn.Module):
    fault = "Max"

    def forward(self, x: Tensor, least: Tensor) -> Tensor:
        doubled = x * 2
        floored = torch.maximum(doubled, least)
        return floored.log1p()

    def example_inputs(self) -> tuple:
        return torch.rand(5) + 1, torch.zeros(5)


class Ceiling(nn.Module):
    fault = "Min"

    def forward(self, x: Tensor) -> Tensor:
        grown = x.exp()
        capped = torch.minimum(grown, torch.full_like(grown, 50.0))
        return capped / 50

    def example_inputs(self) -> tuple:
        return (torch.rand(4),)


class Finite(nn.Module):
    fault = "Where"
    keeps = 2

    def forward(self, x: Tensor, y: Tensor) -> Tensor:
        size = y.abs()
        quotient = x / (size + 1)
        safe = torch.where(size == 0, torch.zeros_like(quotient), quotient)
        return safe.cumsum(-1)

    def example_inputs(self) -> tuple:
        return torch.rand(3) + 1, torch.rand(3) + 1


class Step(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.inner = nn.Linear(4, 4)

    def forward(self, x: Tensor) -> Tensor:
        change = self.inner(x)
        change = functional.hardtanh(change, -4.0, 4.0)
        return x + change


class Steps(nn.Module):
    fault = "Clip"

    def __init__(self) -> None:
        super().__init__()
        self.steps = nn.ModuleList([Step(), Step()])

    def forward(self, x: Tensor) -> Tensor:
        for step in self.steps:
            x = step(x)
        return x.sum(-1)

    def example_inputs(self) -> tuple:
        return (torch.rand(2, 4),)
