"""What an entry method returns, apart from tensors and sequences of them."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import TYPE_CHECKING

from exportlint.flow.collect import entry
from exportlint.flow.objects import decorators
from exportlint.flow.values import CERTAIN, GUESS, NONE, Const, Instance, Map, Seq, Static, Value, options
from exportlint.flow.whole_events import Output

if TYPE_CHECKING:
    from exportlint.flow.frame import Frame


def report(frame: Frame, node: ast.Return, value: Value) -> None:
    """Report what is returned. What no declared model returns may be a part's, which its model takes apart."""
    for option in options(value):
        if isinstance(option, Instance) and _is_record(frame, option):
            _emit(frame, node, CERTAIN, option.cls.node.name, "object")
    for text, kind in dict.fromkeys(_plain(frame, node.value, value)) if node.value is not None else ():
        _emit(frame, node, CERTAIN if frame.interpreter.declared else GUESS, text, kind)


def _emit(frame: Frame, node: ast.Return, sure: int, name: str, kind: str) -> None:
    frame.emit(Output, node, sure, name=name, kind=kind, entry=entry(frame.function))


def _is_record(frame: Frame, value: Instance) -> bool:
    """A dataclass without bases is the kind that no exporter takes apart."""
    decorated = any(name.rpartition(".")[2] == "dataclass" for name in decorators(value.cls.node))
    return decorated and not frame.interpreter.classes.foreign(value.cls)


def _plain(frame: Frame, node: ast.expr, value: Value) -> Iterator[tuple[str, str]]:
    """What is surely no tensor in what is returned: its source, and of which kind it is."""
    text = frame.module.source(node)
    if isinstance(value, Map):
        yield text, "dict"
        members = [item for _, item in value.items]
    elif isinstance(value, Seq):
        members = list(value.items or ())
    else:
        kind = _kind(node, value)
        if kind:
            yield text, kind
        return
    parts = getattr(node, "values" if isinstance(node, ast.Dict) else "elts", ())
    for index, member in enumerate(members):
        yield from _plain(frame, parts[index] if len(parts) == len(members) else node, member)


def _kind(node: ast.expr, value: Value) -> str:
    if value == NONE:
        return "None"
    if not isinstance(value, Static):
        return ""
    if value.type == "int" and not (isinstance(value, Const) and isinstance(node, ast.Constant)):
        return "size"  # or a number of the configuration, which fails for more targets
    return {"str": "str", "int": "number", "float": "number", "bool": "number"}.get(value.type or "", "")
