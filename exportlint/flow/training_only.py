"""Code that serves training, data or study alone: losses, metrics, augmentation, explainers. Nobody exports it.

What is seen there is a note: it stays true, and `--pedantic` shows it. Names tell, and a forward that gives nothing but
a loss; a model that the configuration declares is exported, whatever it is and is called.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from typing import TYPE_CHECKING

from exportlint.flow.objects import dotted, says_none
from exportlint.flow.values import GUESS
from exportlint.source.remembered import below, once_a_node

if TYPE_CHECKING:
    from exportlint.flow.frame import Frame

_MODULES = frozenset(  # parts of a module's dotted name
    "loss losses metric metrics augment augmentation augmentations dataset datasets dataloader dataloaders collate "
    "io optim optimizer optimizers trainer trainers distillation plotting visualize visualization explain".split()
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
_DRIVERS = ("Predictor", "Backend", "Validator", "Evaluator", "Pipeline")  # of classes that are no modules
_FUNCTIONS = re.compile(r"_*(\w+_)?(loss(es)?|nll)(_\w+)?")
_LOSSES = re.compile(
    r"torch\.nn\.(functional\.(\w+_loss|cross_entropy|binary_cross_entropy(_with_logits)?|kl_div)|\w+Loss)"
)
_LOSS_VALUE = re.compile(r"(\w+_)?loss(es)?(_\w+)?", re.IGNORECASE)
_DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda, ast.ClassDef)
_LABELS = re.compile(r"labels?|targets?")
_LOSS_CALL = re.compile(r"(\w+_)?(loss(es)?|nll|cross_entropy|kl_div)(_\w+)?|\w*Loss(es)?")


def drives(name: str) -> bool:
    """Whether a class that is no module runs models that are made already: nobody exports it with them."""
    return name.endswith(_DRIVERS)


@once_a_node
def gives_a_loss(function: ast.FunctionDef) -> bool:
    """Whether what a function returns at its end is a loss, alone or before what it was computed from.

    Not one that does nothing else: then somebody wants that loss. Nor one that may give what it computed instead (`if
    labels is None: return logits`); to hand the call on to a member is no such thing.
    """
    last = function.body[-1]
    if not isinstance(last, ast.Return) or last.value is None or last in function.body[:1]:
        return False
    others = [node.value for node in _returns(function) if node is not last]
    without = {
        target.id
        for node in below(function)
        if isinstance(node, ast.Assign) and says_none(node.value)
        for target in node.targets
        if isinstance(target, ast.Name)
    }
    given = (value for value in others if value is not None and not _is_member_call(value))
    return all(_is_loss(value, without) for value in (last.value, *given))


def _returns(function: ast.FunctionDef) -> list[ast.Return]:
    inner = {part for node in below(function) if isinstance(node, _DEFINITIONS) for part in below(node)}
    return [node for node in below(function) if isinstance(node, ast.Return) and node not in inner]


def _is_member_call(node: ast.expr) -> bool:
    """`self.encoder(x)`."""
    return isinstance(node, ast.Call) and dotted(node.func).startswith("self.")


def _is_loss(node: ast.expr, without: set[str]) -> bool:
    """`without`: variables that may as well be None, as a loss is that is only computed where labels are given."""
    if isinstance(node, ast.Name):
        return node.id not in without and _LOSS_VALUE.fullmatch(node.id) is not None
    if isinstance(node, ast.BinOp):
        return _is_loss(node.left, without) or _is_loss(node.right, without)
    if isinstance(node, ast.Tuple):
        return bool(node.elts) and _is_loss(node.elts[0], without)
    if not isinstance(node, ast.Call):
        return False
    if isinstance(node.func, ast.Attribute):
        return _LOSS_CALL.fullmatch(node.func.attr) is not None or _is_loss(node.func.value, without)
    return isinstance(node.func, ast.Name) and _LOSS_CALL.fullmatch(node.func.id) is not None


@contextmanager
def arm(frame: Frame, tests: Sequence[ast.expr]) -> Iterator[None]:
    """While what stands where these tests hold is interpreted: it may be there for training alone."""
    outer = frame.for_training, frame.interpreter.for_training
    if not frame.interpreter.declared and any(_is_supervised(test) for test in tests):
        frame.for_training = frame.interpreter.for_training = True
    try:
        yield
    finally:
        frame.for_training, frame.interpreter.for_training = outer


@once_a_node
def _is_supervised(test: ast.expr) -> bool:
    """Whether a test says that labels are given."""
    return any(
        isinstance(node, ast.Compare)
        and isinstance(node.ops[0], ast.IsNot)
        and isinstance(node.left, ast.Name)
        and _LABELS.fullmatch(node.left.id)
        for node in (test, *below(test))
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
    only = frame.returning is node and len(_returns(frame.function.node)) == 1
    is_answer = frame.interpreter.declared or only
    return GUESS if not is_answer and _LOSSES.fullmatch(operator) else sure
