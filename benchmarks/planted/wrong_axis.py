"""An operator works along another axis."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional


class Scores(nn.Module):
    fault = "Softmax"

    def __init__(self) -> None:
        super().__init__()
        self.project = nn.Linear(4, 4)

    def forward(self, x: Tensor) -> Tensor:
        scores = self.project(x) @ x.transpose(1, 2)
        weights = scores.softmax(dim=-1)
        return weights @ x

    def example_inputs(self) -> tuple:
        return (torch.randn(2, 4, 4),)


class Pooled(nn.Module):
    fault = "ReduceMean"

    def __init__(self) -> None:
        super().__init__()
        self.embed = nn.Linear(5, 6)

    def forward(self, x: Tensor) -> Tensor:
        tokens = functional.gelu(self.embed(x))
        pooled = tokens.mean(dim=1, keepdim=True)
        return tokens - pooled

    def example_inputs(self) -> tuple:
        return (torch.randn(2, 6, 5),)


class Stacked(nn.Module):
    fault = "Concat"

    def forward(self, x: Tensor, y: Tensor) -> Tensor:
        pair = torch.cat([x, y], dim=1)
        return pair.flatten().cumsum(0)

    def example_inputs(self) -> tuple:
        return torch.randn(3, 3), torch.randn(3, 3)


class Turned(nn.Module):
    fault = "Transpose"

    def __init__(self) -> None:
        super().__init__()
        self.mix = nn.Linear(4, 4)

    def forward(self, x: Tensor) -> Tensor:
        turned = x.permute(0, 2, 1, 3)
        return self.mix(turned).tanh()

    def example_inputs(self) -> tuple:
        return (torch.randn(2, 4, 4, 4),)


class Winner(nn.Module):
    fault = "ArgMax"

    def __init__(self) -> None:
        super().__init__()
        self.head = nn.Linear(4, 4)

    def forward(self, x: Tensor) -> Tensor:
        votes = self.head(x)
        return votes.argmax(dim=1)

    def example_inputs(self) -> tuple:
        return (torch.randn(4, 4),)


class Running(nn.Module):
    fault = "CumSum"

    def forward(self, x: Tensor) -> Tensor:
        totals = torch.cumsum(x, dim=1)
        return totals / (totals.abs().max() + 1)

    def example_inputs(self) -> tuple:
        return (torch.randn(4, 4),)


class Energy(nn.Module):
    fault = "ReduceSum"

    def forward(self, x: Tensor) -> Tensor:
        squares = x * x
        energy = squares.sum(dim=2)
        return energy.sqrt()

    def example_inputs(self) -> tuple:
        return (torch.randn(2, 3, 3),)


class Peak(nn.Module):
    fault = "ReduceMax"

    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv1d(2, 5, 3, padding=1)

    def forward(self, x: Tensor) -> Tensor:
        seen = self.conv(x)
        peak = seen.amax(dim=2, keepdim=True)
        return seen - peak

    def example_inputs(self) -> tuple:
        return (torch.randn(1, 2, 5),)
