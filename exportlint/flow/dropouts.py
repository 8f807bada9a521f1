"""Functional dropout, and what decides whether it is on."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from exportlint.flow.arguments import Arguments
from exportlint.flow.events import DropoutCall
from exportlint.flow.returns import plain
from exportlint.flow.values import CERTAIN, Const

if TYPE_CHECKING:
    from exportlint.flow.frame import Frame

_DROPOUTS = ("dropout", "dropout1d", "dropout2d", "dropout3d", "alpha_dropout", "feature_alpha_dropout")


def report(frame: Frame, node: ast.AST, name: str, given: Arguments) -> None:
    """Report a call of F.dropout and its kin, with what its `training` is."""
    short = name.removeprefix("torch.nn.functional.")
    if short == "scaled_dot_product_attention":
        _attention(frame, node, short, given)
    if short not in _DROPOUTS or not isinstance(node, ast.Call):
        return
    training = given.get("training", 2)
    source = next((frame.module.source(k.value) for k in node.keywords if k.arg == "training"), None)
    if source is None and len(node.args) > 2:
        source = frame.module.source(node.args[2])
    word = "default" if training is None else "true" if training == Const("bool", True) else "other"
    if source is not None and source.endswith("training"):
        word = "self.training"
    probability = plain(given.get("p", 1) or Const("float", 0.5))
    known = probability if isinstance(probability, int | float) else None
    frame.emit(DropoutCall, node, CERTAIN, function=short, training=word, probability=known)


def _attention(frame: Frame, node: ast.AST, name: str, given: Arguments) -> None:
    """Attention drops by `dropout_p` alone, whatever the mode."""
    probability = plain(given.get("dropout_p", 4) or Const("float", 0.0))
    if isinstance(probability, int | float):
        frame.emit(DropoutCall, node, CERTAIN, function=name, training="default", probability=probability)
