"""Making models: the project's classes, torch's layers and wrappers, the model zoos."""

from __future__ import annotations

import ast
from dataclasses import replace

from exportlint.flow.exporting.given import Given
from exportlint.flow.exporting.things import Method, Model, Outside, Seq, Thing, Value, within
from exportlint.flow.exporting.traits import UNKNOWN, Traits, of_layer, united
from exportlint.flow.exporting.walk import Frame
from exportlint.source.project import Defined
from exportlint.source.remembered import below, once_a_node

TRAIN, EVAL, UNKNOWN_MODE = frozenset({"train"}), frozenset({"eval"}), frozenset({"unknown"})
_ZOOS = ("torchvision.models.", "timm.create_model", "torch.hub.load", "segmentation_models_pytorch.")
_WRAPPERS = {
    "torch.nn.DataParallel": "parallel",
    "torch.nn.parallel.DataParallel": "parallel",
    "torch.nn.parallel.DistributedDataParallel": "parallel",
    "torch.compile": "compiled",
}
_QUANTIZERS = frozenset(
    f"{package}.{name}"
    for package in ("torch.quantization", "torch.ao.quantization")
    for name in ("quantize_dynamic", "convert", "quantize")
)
_NO_MODULES = ("torch.nn.functional.", "torch.nn.init.", "torch.nn.utils.", "torch.nn.Parameter", "torch.nn.parameter.")
_ZOO_HELPERS = ("get_model_weights", "get_weight", "list_models")


def of_class(frame: Frame, node: ast.Call, cls: Defined, given: Given) -> Value | None:
    """An object of a class of the project, where that is a model: torch makes them in training mode."""
    classes = frame.walk.traits
    if not classes.classes.is_module(cls):
        return None
    made = frame.make(node, "model")
    traits = classes.of(cls)
    modes = UNKNOWN_MODE if _sets_mode(classes, cls) else _modes(frame, given, traits)
    where = frame.place(node, "it is made here, in training mode")
    whole = united([traits, *_held(frame, given)])
    model = Model(modes, "eager", whole.sensitive, where, cls, device="cpu", convolution=whole.convolution)
    named = tuple((word, value) for word, _, value in given.kwargs)
    built = None if given.open else (tuple(value for _, value in given.args), named)
    frame.state.facts[made] = replace(model, built=built)
    return made


def rebuilt(frame: Frame, value: Value) -> None:
    """From here on it is not known what a model, or the model that a part belongs to, is built of."""
    while isinstance(value, Method) or (isinstance(value, Thing) and value.key[0] in ("field", "item")):
        value = value.receiver if isinstance(value, Method) else value.key[1]
    fact = frame.state.facts.get(value)
    if isinstance(fact, Model):
        frame.state.facts[value] = replace(fact, built=None)


def _modes(frame: Frame, given: Given, own: Traits) -> frozenset[str]:
    """The mode of a model that is being made: where nothing of its own depends on it, that of the models it holds."""
    if own.sensitive in ("statistics", "dropout"):
        return TRAIN
    modes: set[str] = set()
    for part in (part for value in given.values() for part in within(value)):
        fact = frame.state.facts.get(part)
        if isinstance(fact, Model):
            modes |= fact.modes
        elif fact is None and isinstance(part, Thing):
            modes |= UNKNOWN_MODE
    return frozenset(modes) or TRAIN


def _sets_mode(classes, cls: Defined) -> bool:
    """Whether the constructor puts the model into eval mode itself."""
    init = classes.classes.find(cls, "__init__")
    return init is not None and _names_mode(init[1])


@once_a_node
def _names_mode(init: ast.AST) -> bool:
    return any(isinstance(node, ast.Attribute) and node.attr in ("eval", "train") for node in below(init))


def call(frame: Frame, node: ast.Call, name: str, given: Given, used: bool) -> Value | None:
    """What a function outside the project makes, where that is a model."""
    if name in _WRAPPERS:
        return _wrapped(frame, node, _WRAPPERS[name], given)
    if name in _QUANTIZERS:
        return _changed(frame, node, given, form="quantized")
    if name.startswith("copy.deepcopy"):
        return _changed(frame, node, given)
    if name.startswith("torch.nn.") and not name.startswith(_NO_MODULES) and name.rpartition(".")[2][:1].isupper():
        return _layer(frame, node, name, given)
    if name.startswith(_ZOOS) and not name.endswith(_ZOO_HELPERS) and ".Weights" not in name:
        return _fresh(frame, node, TRAIN, Traits("dropout", None))
    if name.startswith("transformers.") and name.endswith((".from_pretrained", ".from_config")) and "Model" in name:
        return _fresh(frame, node, EVAL if name.endswith("from_pretrained") else TRAIN, Traits("dropout", None))
    return None


def _fresh(frame: Frame, node: ast.Call, modes: frozenset[str], traits: Traits) -> Value:
    made = frame.make(node, "model")
    where = frame.place(node, "it is made here, in training mode") if modes == TRAIN else None
    device = "cpu" if modes == TRAIN else None
    frame.state.facts[made] = Model(
        modes, "eager", traits.sensitive, where, device=device, convolution=traits.convolution
    )
    return made


def _layer(frame: Frame, node: ast.Call, name: str, given: Given) -> Value:
    parts = [part for value in given.values() for part in within(value)]
    traits = united([of_layer(name, node), *_held(frame, given)])
    container = name.endswith((".Sequential", ".ModuleList", ".ModuleDict"))
    if container and (given.open or not all(isinstance(p, Seq) or p in frame.state.facts for p in parts)):
        traits = traits | UNKNOWN
    made = _fresh(frame, node, _modes(frame, given, of_layer(name, node)), traits)
    frame.state.facts[made] = replace(frame.state.facts[made], dtype="float32" if not given.get("dtype") else None)
    return made


def _held(frame: Frame, given: Given) -> list[Traits]:
    """The traits of the models that a constructor gets."""
    parts = [part for value in given.values() for part in within(value)]
    held = [fact for part in parts if isinstance(fact := frame.state.facts.get(part), Model)]
    return [Traits(fact.sensitive, fact.convolution) for fact in held]


def _wrapped(frame: Frame, node: ast.Call, form: str, given: Given) -> Value | None:
    inner = given.args[0][1] if given.args else given.get("module") or given.get("model")
    fact = frame.state.facts.get(inner)
    if inner is None or isinstance(inner, Outside):
        return None
    model = fact if isinstance(fact, Model) else Model()
    made = frame.make(node, "model")
    # A wrapper made around a model in eval mode is in training mode itself, but its inner model decides.
    frame.state.facts[made] = replace(model, form=form, inner=inner)
    return made


def _changed(frame: Frame, node: ast.Call, given: Given, form: str | None = None) -> Value | None:
    """A copy of a model, in another form."""
    fact = frame.state.facts.get(given.args[0][1]) if given.args else None
    if not isinstance(fact, Model):
        return None
    made = frame.make(node, "model")
    frame.state.facts[made] = replace(fact, form=form or fact.form)
    return made
