"""One call: its variables, the targets still live on this path, and what each kind of statement does to them."""

from __future__ import annotations

import ast
from dataclasses import replace
from typing import TYPE_CHECKING

from exportlint.finding import Span
from exportlint.flow import assignment, conditions, expressions, guards, only_tested, outputs, reporting, training_only
from exportlint.flow.carried import Carried
from exportlint.flow.collect import CONFIDENCE
from exportlint.flow.events import Event, OperatorCall
from exportlint.flow.iteration import elements
from exportlint.flow.joins import join_all
from exportlint.flow.only_checks import only_checks
from exportlint.flow.state import State
from exportlint.flow.values import GUESS, NONE, UNKNOWN, Class, Function, Instance, Number, Seq, Value, options
from exportlint.source.bindings import Defined, imports_of

if TYPE_CHECKING:
    from exportlint.flow.interpreter import Interpreter

ROUNDS = 2  # times a loop's body is run: once from before the loop, once joined with its own result


class Frame:
    """A call being interpreted. A path whose `live` is empty has ended."""

    def __init__(
        self,
        interpreter: Interpreter,
        function: Function,
        live: frozenset[str],
        quiet: bool,
        constructing: Instance | None,
    ) -> None:
        self.interpreter = interpreter
        self.function = function
        self.module = function.module
        self.project = interpreter.project
        self.live = live
        self.quiet = quiet
        self.constructing = constructing
        self.called_in_doubt = interpreter.in_doubt
        self.for_training = interpreter.for_training
        self.is_entry = not interpreter._stack[:-1] and not quiet
        self.env: dict[str, Value] = {}
        self.defaulted: set[str] = set()  # parameters left at a default that all calls share
        self.carried = Carried()
        self.returned: list[tuple[frozenset[str], Value]] = []  # for which targets, and what
        self.yielded: list[Value] = []
        self.returning: ast.expr | None = None  # what the entry is about to return
        self.unrecorded = int(interpreter.unrecorded)  # what is evaluated and no tracer records: conditions, constants
        self._breaks: list[State] = []
        self._continues: list[State] = []
        self._nested = 0  # open branches and loops: writes inside are possibilities, not certainties
        self.doubts = 0  # open branches that configuration or data may take or not: what stands in them may never run

    # -- running

    def run(self) -> Value:
        """Interpret the body; what the call returns."""
        node = self.function.node
        if isinstance(node, ast.Lambda):
            return self.eval(node.body)
        self.block(node.body)
        if self.yielded:
            return Seq("generator", None, join_all(self.yielded))
        if self.live:
            self.returned.append((self.live, NONE))
        return guards.returned(self.returned)

    def block(self, body: list[ast.stmt]) -> None:
        """Statements in turn, until the path ends."""
        for statement in body:
            if not self.live:
                return
            self.interpreter.step()
            handler = _STATEMENTS[type(statement)]
            if handler is not None:
                handler(self, statement)

    def eval(self, node: ast.expr) -> Value:
        """The kind of an expression."""
        return expressions.evaluate(self, node)

    def emit(self, event: type[Event], node: ast.AST | Span, sure: int, alone: bool = True, **fields: object) -> None:
        """Report an event at a node, unless the path is dead or nobody exports this code.

        `alone` is False where the value may as well be of a kind that would be no event.
        """
        live = self.live - guards.TRACERS if event is OperatorCall and self.unrecorded else self.live
        if self.quiet or not live:
            return
        span = node if isinstance(node, Span) else self.module.span(node)
        confidence = CONFIDENCE[GUESS if self.for_training else sure]
        certain = alone and self.is_certain
        self.interpreter.collector.add(event(span, self.function.qualname, live, confidence, certain, **fields))

    # -- paths

    def state(self) -> State:
        """A copy of where this path stands."""
        return State(dict(self.env), self.live, self.carried)

    def resume(self, state: State) -> None:
        """Go on from a state."""
        self.env, self.live, self.carried = dict(state.env), state.live, state.carried

    def branch(self, test: ast.expr | None, paths: list[tuple[frozenset[str], bool, list[ast.stmt]]]) -> None:
        """Run alternatives from the present state, each for its own targets, and join what is left of them."""
        before, after = self.state(), None
        doubt = len([1 for live, _, _ in paths if live]) > 1 and bool(paths[0][0] & paths[-1][0])
        self._nested += 1
        self.doubts += doubt
        for live, outcome, body in paths:
            if not (meant := guards.through(live, body)):
                continue
            self.resume(State(before.env, meant, before.carried))
            if test is not None:
                conditions.narrow(self, test, outcome)
            with training_only.arm(self, [] if test is None else [test], outcome, body):
                self.block(body)
            after = self.state() if after is None else after.joined(self.state())
        self._nested -= 1
        self.doubts -= doubt
        self.resume(after or State(before.env, frozenset()))

    # -- statements

    def _Expr(self, node: ast.Expr) -> None:
        self.eval(node.value)

    def _Assign(self, node: ast.Assign) -> None:
        value = only_tested.value(self, node)
        for target in node.targets:
            assignment.assign(self, target, value, node.value)

    def _AnnAssign(self, node: ast.AnnAssign) -> None:
        if node.value is not None:
            assignment.assign(self, node.target, self.eval(node.value), node.value)

    def _AugAssign(self, node: ast.AugAssign) -> None:
        value = expressions.augmented(self, node)
        assignment.assign(self, node.target, value, node.value)

    def _Return(self, node: ast.Return) -> None:
        self.returning = node.value if self.is_entry else None
        value = self.eval(node.value) if node.value is not None else NONE
        for option in options(value):
            if isinstance(option, Number):
                reporting.use(self, option, "output", node)
        if self.is_entry:
            outputs.report(self, node, value)
        self.returned.append((self.live, value))
        self.live = frozenset()

    def _If(self, node: ast.If) -> None:
        true, false = conditions.decide(self, node.test, "if", only_checks(node.body, node.orelse))
        self.branch(node.test, [(true, True, node.body), (false, False, node.orelse)])
        training_only.onward(self, node)

    def _Assert(self, node: ast.Assert) -> None:
        true, _ = conditions.decide(self, node.test, "assert", True)
        self.live = true
        conditions.narrow(self, node.test, True)

    def _While(self, node: ast.While) -> None:
        self._loop(
            node.body,
            node.orelse,
            lambda: conditions.decide(self, node.test, "while", False)[0],
            endless=isinstance(node.test, ast.Constant) and bool(node.test.value),
        )

    def _For(self, node: ast.For) -> None:
        element = elements(self, node.iter, self.eval(node.iter), "for")

        def advance() -> frozenset[str]:
            assignment.assign(self, node.target, element, node.iter)
            return self.live

        self._loop(node.body, node.orelse, advance)

    _AsyncFor = _For

    def _loop(self, body: list[ast.stmt], orelse: list[ast.stmt], advance, endless: bool = False) -> None:
        outer = self._breaks, self._continues
        self._breaks, self._continues = [], []
        self._nested += 1
        before = self.state()
        for _ in range(ROUNDS):
            live = advance()
            self.live = live
            self.block(body)
            after = self.state()
            for jumped in self._continues:
                after = after.joined(jumped)
            before = before.joined(after)
            self.resume(before)
        if endless and not self._breaks:
            self.live = frozenset()
        self.block(orelse)
        ended = self.state()
        for jumped in self._breaks:
            ended = ended.joined(jumped)
        self._nested -= 1
        self._breaks, self._continues = outer
        self.resume(ended)

    def _Break(self, node: ast.Break) -> None:
        self._breaks.append(self.state())
        self.live = frozenset()

    def _Continue(self, node: ast.Continue) -> None:
        self._continues.append(self.state())
        self.live = frozenset()

    def _Raise(self, node: ast.Raise) -> None:
        self.live = frozenset()

    def _Try(self, node: ast.Try) -> None:
        before = self.state()
        self.block(node.body)
        self.block(node.orelse)
        after = self.state()
        self._nested += 1
        # A body that returns did not raise: what a handler would return instead is not what an export meets.
        for handler in node.handlers if after.live else ():
            self.resume(replace(before.joined(after), live=before.live))
            self.block(handler.body)
            after = after.joined(self.state())
        self._nested -= 1
        self.resume(after)
        if node.finalbody:
            live, self.live = self.live, before.live
            self.block(node.finalbody)
            self.live = live

    _TryStar = _Try

    def _With(self, node: ast.With) -> None:
        for item in node.items:
            value = self.eval(item.context_expr)
            if item.optional_vars is not None:
                assignment.assign(
                    self, item.optional_vars, value if isinstance(value, Instance) else UNKNOWN, item.context_expr
                )
        self.block(node.body)

    _AsyncWith = _With

    def _Match(self, node: ast.Match) -> None:
        subject = self.eval(node.subject)
        conditions.report(self, node.subject, subject, "match", False)
        paths = []
        for case in node.cases:
            bound = (n for n in ast.walk(case.pattern) if isinstance(n, ast.MatchAs | ast.MatchStar))
            for name in filter(None, (n.name for n in bound)):
                self.env[name] = subject if isinstance(case.pattern, ast.MatchAs) else UNKNOWN
            paths.append((self.live, True, case.body))
        exhaustive = any(
            isinstance(c.pattern, ast.MatchAs) and c.pattern.pattern is None and c.guard is None for c in node.cases
        )
        self.branch(None, paths if exhaustive else [*paths, (self.live, True, [])])

    def _FunctionDef(self, node: ast.FunctionDef) -> None:
        self.interpreter.scopes.append(self.env)
        self.env[node.name] = Function(self.module, node, f"{self.function.qualname}.{node.name}", closure=self.env)

    _AsyncFunctionDef = _FunctionDef

    def _ClassDef(self, node: ast.ClassDef) -> None:
        self.env[node.name] = Class(Defined(self.module, node, f"{self.function.qualname}.{node.name}"))

    def _Import(self, node: ast.Import | ast.ImportFrom) -> None:
        for name, imported in imports_of(node):
            if name != "*":
                self.env[name] = expressions.meaning(self, self.project.imported(self.module, imported))

    _ImportFrom = _Import

    def _Delete(self, node: ast.Delete) -> None:
        for target in node.targets:
            if isinstance(target, ast.Name):
                self.env.pop(target.id, None)

    @property
    def is_certain(self) -> bool:
        """Whether what stands here runs in every configuration that reaches the entry."""
        return not self.doubts and not self.called_in_doubt

    @property
    def certain(self) -> bool:
        """Whether this statement runs whenever the function does."""
        return not self._nested


_STATEMENTS = {kind: getattr(Frame, f"_{kind.__name__}", None) for kind in ast.stmt.__subclasses__()}
