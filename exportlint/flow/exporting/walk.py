"""What all the functions that are read from one start share, and the frame that each of them has of its own."""

from __future__ import annotations

import ast
from dataclasses import dataclass, field, replace

from exportlint.finding import TARGETS, Confidence, Span
from exportlint.flow.collect import Collector
from exportlint.flow.events import Place
from exportlint.flow.exporting.events import Argument, Comparison, Site
from exportlint.flow.exporting.state import State, merged
from exportlint.flow.exporting.things import NONE, Fact, Thing, Value, pairs, plain
from exportlint.flow.exporting.traits import ClassTraits
from exportlint.source.module import Module
from exportlint.source.project import Project
from exportlint.source.remembered import below

MOST_STEPS = 20_000  # statements read from one start; an export script has a few hundred
DEEPEST = 6  # calls within calls that are followed; of deeper ones nothing is known
DEEPEST_BLIND = 3  # the same for calls that get nothing of which anything is known


class OutOfBudget(Exception):
    """One start took too many steps; what was seen until then is kept."""


class Walk:
    """One for a start: the project, where events go, and the calls being followed."""

    def __init__(self, project: Project, collector: Collector, traits: ClassTraits) -> None:
        self.project = project
        self.traits = traits
        self.collector = collector
        self.stack: list[ast.AST] = []  # calls being followed, the outermost first
        self.reading: list[ast.AST] = []  # the functions that they are calls of
        self.entered: set[ast.AST] = set()  # functions that were read because something calls them
        self.globals: dict[Module, dict[str, Value]] = {}  # variables of modules that are being read
        self.made: dict[Value, Fact] = {}  # tensors that the top level of the module makes
        self._compared: list[tuple[Comparison, Value, bool]] = []
        self._steps = 0
        self._generators: dict[ast.AST, bool] = {}

    def is_generator(self, function: ast.AST) -> bool:
        """Whether a function yields, so that calling it runs nothing."""
        if function not in self._generators:
            yields = any(isinstance(node, ast.Yield | ast.YieldFrom) for node in below(function))
            self._generators[function] = yields
        return self._generators[function]

    def renew(self) -> None:
        """Give a fresh budget of steps."""
        self._steps = 0

    def step(self) -> None:
        """Count a statement. Raises OutOfBudget."""
        self._steps += 1
        if self._steps > MOST_STEPS:
            raise OutOfBudget

    def compare(self, event: Comparison, of: Value, example: bool) -> None:
        """Keep a comparison with what was exported as `of` until all are known. `example`: on its own inputs."""
        self._compared.append((event, of, example))

    def finish(self) -> None:
        """Emit the comparisons: one on the example's inputs matters where no other uses others."""
        varied = {of for _, of, example in self._compared if not example}
        for event, of, example in self._compared:
            self.collector.add(replace(event, example=example and of not in varied))
        self._compared.clear()


@dataclass(eq=False)
class Frame:
    """One function, or the top level of a module, while it is read along a path whose `state` changes."""

    walk: Walk
    module: Module
    symbol: str
    state: State
    around: dict[str, Value] = field(default_factory=dict)  # variables of the functions around this one
    returned: tuple[State, Value] | None = None

    def make(self, node: ast.AST, what: str = "made") -> Thing:
        """The object that an expression makes, of which nothing is known yet."""
        made = Thing((what, id(node), *map(id, self.walk.stack)))
        self.state.facts.pop(made, None)
        return made

    def place(self, node: ast.AST, what: str) -> Place:
        """Where a node stands."""
        return Place(self.module.path, node.lineno, what)

    def argument(self, name: str, node: ast.AST, value: Value) -> Argument:
        """An argument of a call as events show it."""
        return Argument(name, self.module.span(node), *plain(value), pairs(value))

    def common(self, node: ast.AST, targets: tuple[str, ...] = TARGETS) -> dict:
        """The fields that every event has."""
        span: Span = self.module.span(node)
        return {
            "span": span,
            "symbol": self.symbol,
            "targets": frozenset(targets),
            "confidence": Confidence.HIGH,
            "certain": True,
        }

    def emit(self, kind: type[Site], node: ast.AST, targets: tuple[str, ...] = TARGETS, **fields: object) -> None:
        """Something happens at a node."""
        self.walk.collector.add(kind(**self.common(node, targets), **fields))

    def give_back(self, value: Value) -> None:
        """A path through the function ends here with a value."""
        end = self.state.copy()
        self.returned = (end, value) if self.returned is None else merged(*self.returned, end, value)
        self.state.alive = False

    def result(self) -> tuple[State, Value]:
        """The state after the function, over all its paths, and what it gives."""
        if self.state.alive:
            self.give_back(NONE)
        return self.returned or (self.state, NONE)
