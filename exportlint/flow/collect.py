"""Gathers events. The same place seen in several calls, or for several targets, is one event."""

from __future__ import annotations

import ast
from collections.abc import Callable
from dataclasses import dataclass, fields, replace
from functools import cache
from operator import attrgetter

from exportlint.finding import Confidence
from exportlint.flow.events import Conversion, Event, Place
from exportlint.flow.values import CERTAIN, GUESS, LIKELY, Function
from exportlint.source.module import Module

CONFIDENCE = {CERTAIN: Confidence.HIGH, LIKELY: Confidence.MEDIUM, GUESS: Confidence.LOW}
_RANK = (Confidence.LOW, Confidence.MEDIUM, Confidence.HIGH)
_COMMON = {"targets", "confidence", "certain", "uses"}


@dataclass(frozen=True)
class Collected:
    """Events as yet without their uses; and uses: where a number was taken out of a tensor, how it was used, where."""

    events: tuple[Event, ...] = ()
    uses: tuple[tuple[Place, str, Place], ...] = ()


@cache
def _telling(kind: type[Event]) -> Callable[[Event], object]:
    """Gets what tells two events of a kind apart."""
    return attrgetter(*(field.name for field in fields(kind) if field.name not in _COMMON))


class Collector:
    """Events by what they are and where they stand."""

    def __init__(self) -> None:
        self._events: dict[tuple, Event] = {}
        self._uses: dict[tuple[str, int], dict[tuple[str, Place], None]] = {}

    def add(self, event: Event) -> None:
        """Keep an event, or widen the one already seen there."""
        kind = type(event)
        key = (kind, _telling(kind)(event))
        known = self._events.get(key)
        if known == event:
            return
        if known is not None:
            best = max(known.confidence, event.confidence, key=_RANK.index)
            certain = known.certain or event.certain
            event = replace(known, targets=known.targets | event.targets, confidence=best, certain=certain)
        self._events[key] = event

    def use(self, origin: Place, how: str, place: Place) -> None:
        """A number taken out of a tensor at `origin` went into something at `place`."""
        self._uses.setdefault((origin.path, origin.line), {})[(how, place)] = None

    def merge(self, other: Collected) -> None:
        """Take in what another one collected."""
        for event in other.events:
            self.add(event)
        for origin, how, place in other.uses:
            self.use(origin, how, place)

    def collected(self) -> Collected:
        """All that there is, to be merged elsewhere."""
        uses = [(Place(*origin, ""), *use) for origin, uses in self._uses.items() for use in uses]
        return Collected(tuple(self._events.values()), tuple(uses))

    def events(self) -> list[Event]:
        """All events, conversions with their uses."""
        return [self._finished(event) for event in self._events.values()]

    def _finished(self, event: Event) -> Event:
        if not isinstance(event, Conversion):
            return event
        uses = self._uses.get((event.span.path, event.span.line), {})
        return replace(event, uses=tuple(sorted(uses, key=lambda use: (use[1].path, use[1].line, use[0]))))


def entry(function: Function) -> Place:
    """The place that exporters name where they know no line of the model's."""
    return place(function.module, function.node, "exporters name this function")


def place(module: Module, node: ast.AST, what: str) -> Place:
    """The place of a node."""
    return Place(module.path, node.lineno, what)
