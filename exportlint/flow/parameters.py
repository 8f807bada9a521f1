"""What a parameter is: what the call passes, else its annotation, else its default, else the guess "tensor"."""

from __future__ import annotations

import ast
import re
from dataclasses import replace
from typing import TYPE_CHECKING

from exportlint.flow import distributions, records, reporting, shared_state
from exportlint.flow.joins import has, join, join_all
from exportlint.flow.values import (
    CERTAIN,
    GUESS,
    LIKELY,
    NONE,
    UNKNOWN,
    Api,
    Class,
    Const,
    Distribution,
    Function,
    Map,
    Seq,
    Static,
    Tensor,
    Value,
    options,
)
from exportlint.source.project import Defined

if TYPE_CHECKING:
    from exportlint.flow.arguments import Arguments
    from exportlint.flow.frame import Frame

_NUMBERS = {"int", "float", "bool"}
_PLAIN = {"int", "float", "bool", "str", "bytes", "complex"}
_NOT_TENSORS = re.compile(
    r"(^|_)(h|w|height|width|size|sizes|shape|shapes|dim|dims|num|n|len|length|name|names|mode|kind|type|dtype|device|"
    r"config|cfg|kwargs|args|training|train|eps|scale_factor|layer_idx|layers|blocks|use|return|returns|output|flag|"
    r"with|is|has|do|no|idx|level|stage|depth|reduction|verbose|debug|cache|past|key|path|fn|func|module|model|net)(_|$)",
    re.IGNORECASE,
)
_OUTPUTS = ("_outputs", "_feature_maps")  # tuples of tensors, which transformers annotates as a tensor
_TENSOR_NAMES = re.compile(
    r"(^|_)(x|xs|y|input|inputs|image|images|img|feature|features|feat|hidden_states|query|value)(_|$)"
)


def bind(frame: Frame, function: Function, given: Arguments) -> dict[str, Value]:
    """Variables at the start of a call."""
    spec = function.node.args
    env: dict[str, Value] = {}
    positional = [*spec.posonlyargs, *spec.args]
    defaults = [None] * (len(positional) - len(spec.defaults)) + list(spec.defaults)
    args = list(given.args)
    if function.receiver is not None and positional:
        args.insert(0, function.receiver)
    for index, (argument, default) in enumerate(zip(positional, defaults, strict=True)):
        if index < len(args):
            env[argument.arg] = _passed(frame, argument, default, args[index])
        elif argument.arg in given.kwargs:
            env[argument.arg] = _passed(frame, argument, default, given.kwargs[argument.arg])
        elif given.open_args is not None:
            env[argument.arg] = given.open_args
        else:
            env[argument.arg] = _missing(frame, argument, default, given)
    if spec.vararg:
        rest = tuple(args[len(positional) :])
        env[spec.vararg.arg] = Seq("tuple", None, given.open_args) if given.open_args else Seq("tuple", rest)
    for argument, default in zip(spec.kwonlyargs, spec.kw_defaults, strict=True):
        known = given.kwargs.get(argument.arg)
        env[argument.arg] = known if known is not None else _missing(frame, argument, default, given)
    if spec.kwarg:
        named = {a.arg for a in (*positional, *spec.kwonlyargs)}
        extra = tuple((k, v) for k, v in given.kwargs.items() if k not in named)
        env[spec.kwarg.arg] = Map("dict", extra, UNKNOWN if given.open_kwargs else None)
    tensors = [name for name, value in env.items() if has(value, Tensor)]
    for name in records.of_records(function.node).intersection(tensors) if tensors else ():
        env[name] = UNKNOWN
    return env


def _passed(frame: Frame, argument: ast.arg, default: ast.expr | None, value: Value) -> Value:
    """What the call passes; where that is not known, or cannot be, what the annotation or the default says."""
    if argument.annotation is None and isinstance(value, Tensor) and _is_flag(default):
        return Static("bool")
    if frame.constructing or argument.annotation is None:
        return value
    if value == UNKNOWN:
        declared = annotated(frame, argument.annotation)
        return value if declared is None else declared
    return _contradicted(frame, argument, value) if has(value, Tensor) else value


def _is_flag(default: ast.expr | None) -> bool:
    return isinstance(default, ast.Constant) and isinstance(default.value, bool)


def _contradicted(frame: Frame, argument: ast.arg, value: Value) -> Value:
    """A tensor passed as a flag, a word, a dict or a tuple is none: the analysis mistook what the call passes."""
    declared = annotated(frame, argument.annotation)
    kinds = [kind for kind in options(declared) if kind != NONE] if declared is not None else []
    return declared if declared is not None and kinds and all(map(_is_no_tensor, kinds)) else value


def _is_no_tensor(kind: Value) -> bool:
    if isinstance(kind, Seq):
        return kind.type == "tuple"
    return isinstance(kind, Map) or (isinstance(kind, Static) and kind.type in ("bool", "str"))


def _missing(frame: Frame, argument: ast.arg, default: ast.expr | None, given: Arguments) -> Value:
    if shared_state.is_mutable(default):
        frame.defaulted.add(argument.arg)
    if default is None or given.open_kwargs:
        return default_kind(frame, argument, default)
    return frame.eval(default)


def default_kind(frame: Frame, argument: ast.arg, default: ast.expr | None) -> Value:
    """A parameter that the calls leave open: annotation first, then default, then the guess."""
    fallback = frame.eval(default) if default is not None else None
    declared = UNKNOWN if argument.arg.endswith(_OUTPUTS) else annotated(frame, argument.annotation)
    if declared is not None:
        if frame.constructing:
            declared = join_all([_kept(kind) for kind in options(declared)])
        if frame.is_entry:
            declared = join_all([_named(k, argument.arg) for k in options(declared)])
        return join(declared, fallback) if fallback == NONE else declared
    if fallback is None:
        return _guess(frame, argument.arg)
    if fallback == NONE:
        return join(NONE, _guess(frame, argument.arg)) if not frame.constructing else UNKNOWN
    if isinstance(fallback, Const):
        return Const(fallback.type, fallback.value, False) if frame.constructing else Static(fallback.type)
    return fallback if isinstance(fallback, Class | Api | Function | Tensor) else UNKNOWN


def _kept(kind: Value) -> Value:
    """What a constructor gets, which is the same in every call of the model."""
    return replace(kind, depends="state") if isinstance(kind, Tensor) else kind


def _named(kind: Value, parameter: str) -> Value:
    """A tensor that knows which parameter it is; so does a list of them, unless a backbone fixes how many it holds."""
    is_list = isinstance(kind, Seq) and kind.type == "list" and isinstance(kind.element, Tensor)
    is_list = is_list and reporting.is_served(parameter)
    return replace(kind, source=parameter) if is_list or isinstance(kind, Tensor) else kind


def _guess(frame: Frame, name: str) -> Value:
    if frame.constructing or not frame.is_entry:
        return UNKNOWN
    if _NOT_TENSORS.search(name):
        return UNKNOWN
    return Tensor("input", LIKELY if _TENSOR_NAMES.search(name) else GUESS, source=name)


def annotated(frame: Frame, node: ast.expr | None, depth: int = 0) -> Value | None:
    """The kind that an annotation declares, or None where it says nothing."""
    if node is None or depth > 6:
        return None
    if isinstance(node, ast.Constant):
        if node.value is None:
            return NONE
        return annotated(frame, _parsed(node.value), depth + 1) if isinstance(node.value, str) else None
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.BitOr):
        return _either([annotated(frame, side, depth + 1) for side in (node.left, node.right)])
    if isinstance(node, ast.Subscript):
        return _generic(frame, node, depth)
    value = frame.eval(node)
    if isinstance(value, Class):
        return _of_class(frame, value.defined)
    return _of_name(value.name) if isinstance(value, Api) else None


def _of_class(frame: Frame, defined: Defined) -> Value:
    if frame.interpreter.classes.is_module(defined):
        return UNKNOWN
    foreign = [name.rpartition(".")[2] for name in frame.interpreter.classes.foreign(defined)]
    return Static("str") if {"Enum", "str"} & set(foreign) else UNKNOWN


def _of_name(name: str) -> Value | None:
    last = name.rpartition(".")[2]
    if name.startswith(distributions.MODULE):
        return Distribution(True, False)
    if last.endswith("Tensor") and not last.startswith(("Nested", "Packed")):
        return Tensor("input", CERTAIN)
    if last in _PLAIN:
        return Static(last)
    if last in ("list", "List", "tuple", "Tuple", "Sequence", "Iterable", "set"):
        return Seq(last.lower() if last != "Sequence" else "list")
    if last in ("dict", "Dict", "Mapping"):
        return Map("dict", (), UNKNOWN)
    if last in ("dtype", "device", "Size", "Callable", "Any", "memory_format", "Generator"):
        return UNKNOWN
    return UNKNOWN if "." in name and not name.startswith("typing.") else None


def _generic(frame: Frame, node: ast.Subscript, depth: int) -> Value | None:
    head = frame.eval(node.value)
    name = head.name.rpartition(".")[2] if isinstance(head, Api) else ""
    inner = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
    if name == "Optional":
        return _either([annotated(frame, inner[0], depth + 1), NONE])
    if name == "Union":
        return _either([annotated(frame, one, depth + 1) for one in inner])
    if name in ("Literal",):
        return Static(type(inner[0].value).__name__ if isinstance(inner[0], ast.Constant) else None)
    if name in ("Annotated", "Final", "ClassVar"):
        return annotated(frame, inner[0], depth + 1)
    if name in ("list", "List", "Sequence", "Iterable", "set", "Set"):
        return Seq("list", None, annotated(frame, inner[0], depth + 1) or UNKNOWN)
    if name in ("tuple", "Tuple"):
        members = [annotated(frame, one, depth + 1) or UNKNOWN for one in inner]
        if isinstance(inner[-1], ast.Constant) and inner[-1].value is Ellipsis:
            return Seq("tuple", None, members[0])
        return Seq("tuple", tuple(members))
    if name in ("dict", "Dict", "Mapping"):
        return Map("dict", (), (annotated(frame, inner[-1], depth + 1) or UNKNOWN))
    if isinstance(head, Api) and head.name.startswith("jaxtyping."):
        return Tensor("input", CERTAIN)
    return UNKNOWN


def _either(kinds: list[Value | None]) -> Value:
    """One of some kinds. Of a number or a tensor nothing tells which it is, until it is used like one."""
    known = [UNKNOWN if kind is None else kind for kind in kinds]
    if any(isinstance(kind, Static) and kind.type in _NUMBERS for kind in known):
        known = [replace(kind, sure=GUESS) if isinstance(kind, Tensor) else kind for kind in known]
    result = known[0]
    for kind in known[1:]:
        result = join(result, kind)
    return result


def _parsed(text: str) -> ast.expr | None:
    try:
        return ast.parse(text.strip(), mode="eval").body
    except (SyntaxError, ValueError, RecursionError):
        return None
