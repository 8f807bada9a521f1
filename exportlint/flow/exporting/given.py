"""The arguments of a call, with where each stands."""

from __future__ import annotations

import ast
from dataclasses import dataclass

from exportlint.flow.exporting.events import Argument
from exportlint.flow.exporting.things import Value
from exportlint.flow.exporting.walk import Frame


@dataclass(frozen=True)
class Given:
    """Positional and named arguments; `open`: more come out of `*args` or `**kwargs`, so that one may be missing."""

    args: tuple[tuple[ast.expr, Value], ...]
    kwargs: tuple[tuple[str, ast.expr, Value], ...]
    open: bool

    def get(self, name: str, position: int | None = None) -> Value | None:
        """The value of an argument, None where it is not given."""
        for word, _, value in self.kwargs:
            if word == name:
                return value
        if position is not None and position < len(self.args):
            return self.args[position][1]
        return None

    def values(self) -> list[Value]:
        """All values."""
        return [value for _, value in self.args] + [value for _, _, value in self.kwargs]

    def listed(self, frame: Frame, names: tuple[str, ...] = ()) -> tuple[Argument, ...]:
        """The arguments as events show them; positional ones by their name in `names`, else by position."""
        positional = [
            frame.argument(names[i] if i < len(names) else str(i), node, value)
            for i, (node, value) in enumerate(self.args)
        ]
        return (*positional, *(frame.argument(word, node, value) for word, node, value in self.kwargs))


def arguments(frame: Frame, node: ast.Call) -> Given:
    """Evaluate the arguments of a call."""
    from exportlint.flow.exporting.expressions import evaluate
    from exportlint.flow.exporting.names import as_object

    args, kwargs, is_open = [], [], False
    for arg in node.args:
        value = as_object(frame, evaluate(frame, arg))
        if isinstance(arg, ast.Starred):
            is_open = True
        else:
            args.append((arg, value))
    for keyword in node.keywords:
        value = as_object(frame, evaluate(frame, keyword.value))
        if keyword.arg is None:
            is_open = True
        else:
            kwargs.append((keyword.arg, keyword.value, value))
    return Given(tuple(args), tuple(kwargs), is_open)
