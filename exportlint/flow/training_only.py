"""Code that serves training, data or study alone: losses, metrics, augmentation, explainers. Nobody exports it.

What is seen there is a note: it stays true, and `--pedantic` shows it. Only names tell; a model that the configuration
declares is exported, whatever it is called.
"""

from __future__ import annotations

import ast
import re
from functools import cache
from typing import TYPE_CHECKING

from exportlint.flow.values import GUESS

if TYPE_CHECKING:
    from exportlint.flow.frame import Frame

_MODULES = frozenset(  # parts of a module's dotted name
    "loss losses metric metrics augment augmentation augmentations dataset datasets dataloader dataloaders collate "
    "optim optimizer optimizers trainer trainers distillation plotting visualize visualization explain".split()
)
_CLASSES = (
    "Loss",
    "Criterion",
    "Metric",
    "Explainer",
    "Trainer",
    "Augmentation",
    "Assigner",
    "Dataset",
    "HungarianMatcher",
)
_FUNCTIONS = re.compile(r"_*(\w+_)?(loss(es)?|nll)(_\w+)?")
_LOSSES = re.compile(
    r"torch\.nn\.(functional\.(\w+_loss|cross_entropy|binary_cross_entropy(_with_logits)?|kl_div)|\w+Loss)"
)


@cache
def serves_training(module: str, qualname: str) -> bool:
    """Whether a function is there for training alone, as its module, its class or its own name says."""
    if not _MODULES.isdisjoint(module.split(".")):
        return True
    return any(part.endswith(_CLASSES) or _FUNCTIONS.fullmatch(part) for part in qualname.split("."))


def surest(frame: Frame, node: ast.AST, operator: str, sure: int) -> int:
    """How sure a call of torch's operator or layer can be: of a loss no surer than a guess.

    But a model that does nothing else with it, whose forward returns it as it is, is there to compute it.
    """
    is_answer = frame.interpreter.declared or frame.returning is node
    return GUESS if not is_answer and _LOSSES.fullmatch(operator) else sure
