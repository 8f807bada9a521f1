"""Two inputs of an operator are swapped."""

from __future__ import annotations

from typing import ClassVar

import torch
from torch import Tensor, nn
from torch.nn import functional


class Residual(nn.Module):
    fault = "Sub"

    def __init__(self) -> None:
        super().__init__()
        self.fit = nn.Linear(4, 4)

    def forward(self, x: Tensor) -> Tensor:
        fitted = self.fit(x)
        left = x - fitted
        return left.relu() + 0.1 * left

    def example_inputs(self) -> tuple:
        return (torch.randn(3, 4),)


class Ratio(nn.Module):
    fault = "Div"
    dynamic: ClassVar = {"x": {0: "batch"}, "y": {0: "batch"}}

    def forward(self, x: Tensor, y: Tensor) -> Tensor:
        size = y.abs() + 1
        part = x / size
        return part.sum(-1)

    def example_inputs(self) -> tuple:
        return torch.randn(2, 5), torch.randn(2, 5)


class Joined(nn.Module):
    fault = "Concat"

    def __init__(self) -> None:
        super().__init__()
        self.left, self.right = nn.Linear(3, 4), nn.Linear(3, 4)
        self.head = nn.Linear(8, 2)

    def forward(self, x: Tensor) -> Tensor:
        one, other = self.left(x), self.right(x)
        both = torch.cat([one, other], dim=1)
        return self.head(both)

    def example_inputs(self) -> tuple:
        return (torch.randn(2, 3),)


class Gram(nn.Module):
    fault = "MatMul"

    def __init__(self) -> None:
        super().__init__()
        self.mix = nn.Parameter(torch.randn(5, 5))

    def forward(self, x: Tensor) -> Tensor:
        square = torch.tanh(x)
        mixed = square @ self.mix
        return mixed + x

    def example_inputs(self) -> tuple:
        return (torch.randn(5, 5),)


class Chosen(nn.Module):
    fault = "Where"

    def forward(self, x: Tensor, mask: Tensor) -> Tensor:
        doubled = x * 2
        picked = torch.where(mask, doubled, x)
        return picked.sum(0)

    def example_inputs(self) -> tuple:
        return torch.randn(3, 4), torch.tensor([[True, False, True, False]])


class Ranked(nn.Module):
    fault = "Greater"

    def __init__(self) -> None:
        super().__init__()
        self.score = nn.Linear(4, 1)

    def forward(self, x: Tensor) -> Tensor:
        scores = self.score(x)[:, 0]
        beats = scores[:, None] > scores[None, :]
        return beats.float().sum(1)

    def example_inputs(self) -> tuple:
        return (torch.randn(5, 4),)


class Gate(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.open = nn.Linear(4, 4)

    def forward(self, x: Tensor) -> Tensor:
        weight = torch.sigmoid(self.open(x))
        return x * weight - weight


class Gated(nn.Module):
    fault = "Sub"

    def __init__(self) -> None:
        super().__init__()
        self.gates = nn.ModuleList([Gate(), Gate()])

    def forward(self, x: Tensor) -> Tensor:
        for gate in self.gates:
            x = gate(x)
        return functional.normalize(x, dim=-1)

    def example_inputs(self) -> tuple:
        return (torch.randn(2, 4),)


class Powers(nn.Module):
    fault = "Pow"

    def forward(self, base: Tensor, exponent: Tensor) -> Tensor:
        size = base.abs() + 0.5
        raised = torch.pow(size, exponent)
        return raised.log1p()

    def example_inputs(self) -> tuple:
        return torch.rand(4), torch.rand(4)
