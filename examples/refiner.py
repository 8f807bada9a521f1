"""A head that is used or not, by a flag: configuration, not data, so either way exports."""

import torch
from torch import nn


class Refiner(nn.Module):
    def __init__(self, refine: bool = True) -> None:
        super().__init__()
        self.body = nn.Linear(8, 8)
        self.extra = nn.Linear(8, 8) if refine else None

    def forward(self, features: torch.Tensor) -> torch.Tensor:
        features = self.body(features)
        if self.extra is not None:
            features = features + self.extra(features)
        return features
