"""Code that nobody exports: it serves training, data or study alone (losses, metrics, augmentation, explainers).

So does a forward that a decorator of its class puts another in place of, as a library does that dispatches experts.

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

from exportlint.flow.losses import returns
from exportlint.flow.objects import dotted, says_none
from exportlint.flow.only_checks import computes_nothing
from exportlint.flow.values import GUESS
from exportlint.source.remembered import below, once_a_node

if TYPE_CHECKING:
    from exportlint.flow.frame import Frame

_MODULES = frozenset(  # parts of a module's dotted name
    "loss losses metric metrics augment augmentation augmentations dataset datasets dataloader dataloaders collate "
    "io database optim optimizer optimizers trainer trainers distillation plotting visualize visualization "
    "explain preprocess preprocessor preprocessing".split()
)
_TRANSFORMS = "transforms"  # of data, where it is a class; models call functions of such modules
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
    "HMMAligner",
    "ForPreTraining",
    "Searcher",  # decoding: a loop over calls of a model
    "DataParallel",
    "PreProcessor",
    "Preprocessor",
)
_DRIVERS = ("Predictor", "Backend", "Validator", "Evaluator", "Pipeline")  # of classes that are no modules
_FUNCTIONS = re.compile(r"_*(\w+_)?((loss(es)?|nll)(_\w+)?|masking|augment|distributed|perplexity)")
_ONE_DEVICE = re.compile(
    r"\w*((FP|Fp|Int)[48](?!\d)|[48]bit|(^|_)(fp|mxfp|nvfp|int)[48](_|$))\w*|_*(dequant|flash_att(n|ention))_\w+"
)
_LOSSES = re.compile(
    r"torch\.nn\.(functional\.(\w+_loss|cross_entropy|binary_cross_entropy(_with_logits)?|kl_div)|\w+Loss)"
)
_DRAWS = ("random", "random.random", "random.uniform", "np.random.rand", "numpy.random.rand", "torch.rand")
_CAPTURES = re.compile(r"_?is_(\w+_)?(compiling|exporting)")
_LEAVES = re.compile(r"(convert_)?(to|as)_(numpy|pil|pil_image)")
_NEVER_EXPORTED = frozenset(("SparseTensor", "ScriptModule"))
_ASKS_OTHERS = re.compile(r"is_(torch_)?sparse(_tensor)?|is_mps\w*|is_complex")
_LABELS = re.compile(r"(\w+_)?labels?|targets?|target_values")
_SWITCHES = re.compile(
    r"(return|compute|calculate|with)_(\w+_)?loss(es)?|is_training|(\w+_)?(labels|targets)"
    r"|is_flash_att(n|ention)_\w+|_?FLASH_ATT(N|ENTION)_\w+"
)


def drives(name: str) -> bool:
    """Whether a class that is no module runs models that are made already: nobody exports it with them."""
    return name.endswith(_DRIVERS)


def leaves_torch(qualname: str) -> bool:
    """Whether a function is there to hand out what is no tensor any more, to a caller that wants that."""
    return _LEAVES.fullmatch(qualname.rpartition(".")[2]) is not None


@once_a_node
def applies_at_random(function: ast.FunctionDef) -> bool:
    """Whether a function does nothing but apply something, or give what it got: `if random() > self.p: return x`."""
    if len(function.body) != 2 or not isinstance(function.body[0], ast.If):
        return False
    test, arm = function.body[0].test, function.body[0].body
    names = {dotted(node.func) for node in below(test) if isinstance(node, ast.Call)}
    parameters = {argument.arg for argument in function.args.args}
    first = arm[0].value if isinstance(arm[0], ast.Return) else None
    return not names.isdisjoint(_DRAWS) and isinstance(first, ast.Name) and first.id in parameters


@contextmanager
def arm(
    frame: Frame, tests: Sequence[ast.expr], outcome: bool = True, body: Sequence[ast.stmt] | None = None
) -> Iterator[None]:
    """While what stands where these tests come out so is interpreted: it may be there for training alone.

    `body`: the statements that stand there, if that is what stands there; none for what decides whether to raise.
    """
    outer = frame.for_training, frame.interpreter.for_training
    serves = _where_true if outcome else _where_false
    if not frame.interpreter.declared and any(
        serves(test) or (outcome and body is not None and _asks_eager_code(test) and computes_nothing(body))
        for test in tests
    ):
        frame.for_training = frame.interpreter.for_training = True
    try:
        yield
    finally:
        frame.for_training, frame.interpreter.for_training = outer


def onward(frame: Frame, node: ast.If) -> None:
    """What follows `if not is_flash_attention_requested(): return None` to the function's end is such an arm."""
    if (
        isinstance(node.body[-1], ast.Return)
        and _where_false(node.test)
        and not frame.interpreter.declared
        and node in _always_met(frame.function.node)
    ):
        frame.for_training = frame.interpreter.for_training = True


@once_a_node
def _always_met(function: ast.FunctionDef) -> frozenset[ast.stmt]:
    """The statements of a function that stand under no condition and in no loop."""
    found = list(function.body)
    for statement in found:  # grows as it goes
        if isinstance(statement, ast.With | ast.Try):
            found += statement.body
    return frozenset(found)


def _where_true(test: ast.expr) -> bool:
    return _is_supervised(test) or _is_of_others(test)


@once_a_node
def _where_false(test: ast.expr) -> bool:
    """Whether what stands where a test fails is such an arm: `not return_loss`, `labels is None`."""
    if isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not):
        either = isinstance(test.operand, ast.BoolOp) and isinstance(test.operand.op, ast.Or)
        return all(map(_where_true, test.operand.values)) if either else _where_true(test.operand)
    if isinstance(test, ast.BoolOp):
        return isinstance(test.op, ast.Or) and any(map(_where_false, test.values))
    return (
        isinstance(test, ast.Compare)
        and isinstance(test.ops[0], ast.Is)
        and says_none(test.comparators[0])
        and isinstance(test.left, ast.Name)
        and _LABELS.fullmatch(test.left.id) is not None
    )


@once_a_node
def _asks_eager_code(test: ast.expr) -> bool:
    """Whether a test keeps exporters out: `not is_compiling()`. Whoever checks there has them do without the check."""
    return any(
        isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not) and _CAPTURES.fullmatch(_named(node.operand))
        for node in _operands(test)
    )


@once_a_node
def _is_supervised(test: ast.expr) -> bool:
    """Whether a test says that labels are given, or asks for a loss, for training or for flash attention."""
    if any(_SWITCHES.fullmatch(_named(node)) for node in _operands(test)):
        return True
    return any(
        isinstance(node, ast.Compare)
        and isinstance(node.ops[0], ast.IsNot)
        and isinstance(node.left, ast.Name)
        and _LABELS.fullmatch(node.left.id)
        for node in (test, *below(test))
    )


def _named(node: ast.expr) -> str:
    """The last name of what a test asks: "is_ready" of `cache.is_ready()`, "READY" of `state in READY`."""
    if isinstance(node, ast.Compare) and isinstance(node.ops[0], ast.In):
        node = node.comparators[0]
    return dotted(node.func if isinstance(node, ast.Call) else node).rpartition(".")[2]


def _operands(test: ast.expr) -> Sequence[ast.expr]:
    """What must hold for a test to hold: the parts of `a and b`."""
    return test.values if isinstance(test, ast.BoolOp) and isinstance(test.op, ast.And) else (test,)


@once_a_node
def _is_of_others(test: ast.expr) -> bool:
    """Whether a test asks for a gradient, for a device nobody exports on, or for what no exporter is given.

    That are sparse and complex tensors, and modules that TorchScript compiled already.
    """
    for node in (test, *below(test)):
        if isinstance(node, ast.Attribute) and node.attr == "requires_grad":
            return True
        if isinstance(node, ast.Constant) and node.value == "mps":
            return isinstance(test, ast.Compare) and isinstance(test.ops[0], ast.Eq)
        if isinstance(node, ast.Call):
            name = dotted(node.func).rpartition(".")[2]
            types = {dotted(kind).rpartition(".")[2] for part in node.args[1:] for kind in (part, *below(part))}
            if (name == "isinstance" and not _NEVER_EXPORTED.isdisjoint(types)) or _ASKS_OTHERS.fullmatch(name):
                return isinstance(test, ast.Call | ast.BoolOp)
    return False


@cache
def serves_training(module: str, qualname: str) -> bool:
    """Whether a function is there for training alone, as its module, its class or its own name says."""
    parts = module.split(".")
    if not _MODULES.isdisjoint(parts) or (_TRANSFORMS in parts and "." in qualname):
        return True
    names = qualname.split(".")
    return any(part.endswith(_CLASSES) or _FUNCTIONS.fullmatch(part) for part in names) or any(
        _ONE_DEVICE.fullmatch(part) for part in (*parts, *names)
    )


def surest(frame: Frame, node: ast.AST, operator: str, sure: int) -> int:
    """How sure a call of torch's operator or layer can be: of a loss no surer than a guess.

    But a model that does nothing else with it, whose forward returns it as it is, is there to compute it.
    """
    only = frame.returning is node and len(returns(frame.function.node)) == 1
    is_answer = frame.interpreter.declared or only
    return GUESS if not is_answer and _LOSSES.fullmatch(operator) else sure
