"""A slice or an index is off by one."""

from __future__ import annotations

from typing import ClassVar

import torch
from torch import Tensor, nn
from torch.nn import functional


class Window(nn.Module):
    fault = "Slice"

    def forward(self, x: Tensor) -> Tensor:
        inner = x[:, 1:5]
        return inner * 2 - inner.mean()

    def example_inputs(self) -> tuple:
        return (torch.randn(2, 8),)


class Differences(nn.Module):
    fault = "Slice"
    dynamic: ClassVar = {"series": {0: "batch"}}

    def forward(self, series: Tensor) -> Tensor:
        later = series[:, 2:]
        earlier = series[:, :-2]
        return (later - earlier).abs()

    def example_inputs(self) -> tuple:
        return (torch.randn(3, 9),)


class ClassToken(nn.Module):
    fault = "Gather"

    def __init__(self) -> None:
        super().__init__()
        self.encode = nn.TransformerEncoderLayer(8, 2, 16, batch_first=True)
        self.head = nn.Linear(8, 3)

    def forward(self, tokens: Tensor) -> Tensor:
        encoded = self.encode(tokens)
        first = encoded[:, 0]
        return self.head(first)

    def example_inputs(self) -> tuple:
        return (torch.randn(2, 5, 8),)


class Halves(nn.Module):
    fault = "Slice"

    def __init__(self) -> None:
        super().__init__()
        self.lift = nn.Linear(6, 12)

    def forward(self, x: Tensor) -> Tensor:
        lifted = self.lift(x)
        value = lifted[..., 2:8]
        return value.sigmoid() * x

    def example_inputs(self) -> tuple:
        return (torch.randn(2, 6),)


class Cropped(nn.Module):
    fault = "Slice"

    def __init__(self) -> None:
        super().__init__()
        self.down = nn.Conv2d(1, 3, 3, padding=1)

    def forward(self, image: Tensor) -> Tensor:
        features = functional.relu(self.down(image))
        middle = features[:, :, 2:6, 1:5]
        return functional.avg_pool2d(middle, 2)

    def example_inputs(self) -> tuple:
        return (torch.randn(1, 1, 8, 8),)


class Rotary(nn.Module):
    fault = "Slice"

    def forward(self, x: Tensor, angle: Tensor) -> Tensor:
        left = x[..., 0:3]
        right = x[..., 3:6]
        turned = torch.cat([-right, left], dim=-1)
        return x * angle.cos() + turned * angle.sin()

    def example_inputs(self) -> tuple:
        return torch.randn(2, 6), torch.randn(2, 6)


class Shift(nn.Module):
    def forward(self, x: Tensor) -> Tensor:
        padded = functional.pad(x, (2, 2))
        return padded[..., 1:7] + x


class Shifted(nn.Module):
    fault = "Slice"

    def __init__(self) -> None:
        super().__init__()
        self.shift = Shift()
        self.scale = nn.Parameter(torch.randn(6))

    def forward(self, x: Tensor) -> Tensor:
        return self.shift(x) * self.scale

    def example_inputs(self) -> tuple:
        return (torch.randn(2, 6),)


class LastStep(nn.Module):
    fault = "Gather"

    def __init__(self) -> None:
        super().__init__()
        self.read = nn.LSTM(3, 4, batch_first=True)

    def forward(self, x: Tensor) -> Tensor:
        states, _ = self.read(x)
        return states.select(1, 3).tanh()

    def example_inputs(self) -> tuple:
        return (torch.randn(2, 5, 3),)
