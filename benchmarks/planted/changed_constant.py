"""A constant in the graph is another than in the code."""

from __future__ import annotations

import math
from typing import ClassVar

import torch
from torch import Tensor, nn
from torch.nn import functional


class Scaled(nn.Module):
    fault = "Mul"
    dynamic: ClassVar = {"x": {0: "batch"}}

    def __init__(self) -> None:
        super().__init__()
        self.first = nn.Linear(6, 6)

    def forward(self, x: Tensor) -> Tensor:
        hidden = torch.tanh(self.first(x))
        hidden = hidden * 0.125
        return hidden + x

    def example_inputs(self) -> tuple:
        return (torch.randn(3, 6),)


class Positions(nn.Module):
    fault = "Add"

    def __init__(self) -> None:
        super().__init__()
        self.table = nn.Embedding(11, 8)
        self.register_buffer("positions", torch.sin(torch.arange(5)[:, None] / torch.arange(1, 9)))

    def forward(self, ids: Tensor) -> Tensor:
        words = self.table(ids)
        return words + self.positions

    def example_inputs(self) -> tuple:
        return (torch.randint(0, 11, (2, 5)),)


class Attention(nn.Module):
    fault = "Div"

    def __init__(self) -> None:
        super().__init__()
        self.project = nn.Linear(8, 24)

    def forward(self, x: Tensor) -> Tensor:
        q, k, v = self.project(x).chunk(3, dim=-1)
        scores = q @ k.transpose(1, 2)
        scores = scores / math.sqrt(8)
        return scores.softmax(-1) @ v

    def example_inputs(self) -> tuple:
        return (torch.randn(2, 4, 8),)


class Leaky(nn.Module):
    fault = "PRelu"

    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(2, 4, 3, padding=1)
        self.slope = nn.PReLU(4)

    def forward(self, image: Tensor) -> Tensor:
        seen = self.conv(image)
        seen = self.slope(seen)
        return seen.mean((2, 3))

    def example_inputs(self) -> tuple:
        return (torch.randn(1, 2, 6, 6),)


class Normalised(nn.Module):
    fault = "Sub"

    def __init__(self) -> None:
        super().__init__()
        self.register_buffer("mean", torch.tensor([0.485, 0.456, 0.406]).view(3, 1, 1))
        self.register_buffer("deviation", torch.tensor([0.229, 0.224, 0.225]).view(3, 1, 1))
        self.conv = nn.Conv2d(3, 4, 3)

    def forward(self, image: Tensor) -> Tensor:
        centred = image - self.mean
        image = centred / self.deviation
        return functional.relu(self.conv(image)).flatten(1)

    def example_inputs(self) -> tuple:
        return (torch.rand(1, 3, 5, 5),)


class Quadratic(nn.Module):
    fault = "Pow"

    def forward(self, x: Tensor, y: Tensor) -> Tensor:
        distance = (x[:, None] - y[None]).abs()
        near = distance**3
        return torch.exp(-near.sum(-1))

    def example_inputs(self) -> tuple:
        return torch.rand(4, 2), torch.rand(3, 2)


class Bucket(nn.Module):
    fault = "Less"

    def forward(self, x: Tensor) -> Tensor:
        low = x < 0.25
        shifted = torch.where(low, x - 1, x + 1)
        return shifted.cumsum(0)

    def example_inputs(self) -> tuple:
        return (torch.rand(7),)


class Recurrent(nn.Module):
    fault = "Mul"

    def __init__(self) -> None:
        super().__init__()
        self.cell = nn.GRU(4, 5, batch_first=True)
        self.head = nn.Linear(5, 2)

    def forward(self, x: Tensor) -> Tensor:
        states, last = self.cell(x)
        mixed = states.mean(1) + last[0] * 0.3
        return self.head(mixed)

    def example_inputs(self) -> tuple:
        return (torch.randn(2, 3, 4),)
