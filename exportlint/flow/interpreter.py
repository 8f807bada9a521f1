"""Runs the entry methods of models on kinds of value, and gathers the events that matter to an export.

Calls are followed into the model's own methods, its submodules and the project's functions. A result is kept for each
function, receiver and kinds of argument, so a helper called the same way twice is interpreted once.
"""

from __future__ import annotations

import ast
import sys
from contextlib import suppress

from exportlint.flow import reporting, views
from exportlint.flow.arguments import Arguments
from exportlint.flow.attributes import fields
from exportlint.flow.collect import Collector
from exportlint.flow.events import StateWrite
from exportlint.flow.frame import Frame
from exportlint.flow.joins import join_all
from exportlint.flow.losses import gives_a_loss, handed_to, takes_targets
from exportlint.flow.objects import Attributes, Classes, bound_method, simplified
from exportlint.flow.parameters import bind
from exportlint.flow.training_only import applies_at_random, drives, leaves_torch, serves_training
from exportlint.flow.values import UNKNOWN, Function, Instance, Value
from exportlint.source.project import Defined, Project

MAX_DEPTH = 40  # calls within calls; deeper ones return Unknown
MAX_STEPS = 150_000  # statements interpreted for one entry; generous: transformers' largest model takes about 20,000
MAX_SAME = 2  # times one function may be on the stack before the recursion is cut
EXACT_CONTEXTS = (
    3  # calls of one function kept apart by all that is known of their arguments; further ones without sizes
)
MAX_CONTEXTS = 10  # calls of one function that are interpreted; further ones get the join of what those returned
MAX_INSTANCES = 8  # objects of one class kept apart by their constructor's arguments
_INFERENCE = ("infer", "inference")  # methods beside a forward that takes targets, which is called to train


class OutOfBudget(Exception):
    """One entry took too many steps; what was seen until then is kept."""


class Interpreter:
    """One for a run: classes, objects, summaries and events are shared by all entries."""

    def __init__(self, project: Project, targets: frozenset[str], sizes_fixed: bool = False) -> None:
        self.project = project
        self.targets = targets
        self.sizes_fixed = sizes_fixed  # the spec declares no dimension dynamic
        self.classes = Classes(project)
        self.attributes = Attributes(self)
        self.collector = Collector()
        self.declared = False  # a spec says that this model is exported
        self.for_training = False  # whether the call being made serves training alone
        self.unrecorded = False  # whether nothing but a condition asks for the call being made
        self.in_doubt = False  # whether the call being made stands in a branch that may not be taken
        self.entered: set[Defined] = set()  # classes whose forward was interpreted
        self.compiled: dict[int, Function] = {}  # functions that scripting an entry would compile
        self._instances: dict[tuple, Instance] = {}
        self._made: dict[Defined, list[Instance]] = {}
        self._summaries: dict[tuple, Value] = {}
        self._contexts: dict[tuple, list[Value]] = {}
        self._stack: list[int] = []
        self._evaluating: set[int] = set()
        self.scopes: list[dict[str, Value]] = []  # variables that inner functions refer to
        self._steps = 0
        sys.setrecursionlimit(max(sys.getrecursionlimit(), 20_000))

    def instance(self, cls: Defined, arguments: Arguments) -> Instance:
        """The object that a constructor call makes; equal calls make one object."""
        init = self.classes.find(cls, "__init__")
        names: list[tuple[str, Value]] = []
        if init is not None and isinstance(init[1], ast.FunctionDef):
            positional = [a.arg for a in (*init[1].args.posonlyargs, *init[1].args.args)][1:]
            names = list(zip(positional, (self.kept(a) for a in arguments.args), strict=False))
        else:
            names = list(zip(fields(cls.node), (self.kept(a) for a in arguments.args), strict=False))
        names += [(name, self.kept(value)) for name, value in arguments.kwargs.items()]
        key = (cls, tuple(names))
        if key not in self._instances:
            made = self._made.setdefault(cls, [])
            if len(made) == MAX_INSTANCES:
                return made[-1]
            self._instances[key] = Instance(cls, tuple(names))
            made.append(self._instances[key])
        return self._instances[key]

    def kept(self, value: Value) -> Value:
        """What of a constructor's argument tells objects apart."""
        return simplified(value)

    def given(self, instance: Instance) -> Arguments:
        """What a constructor gets; another configuration may pass more."""
        return Arguments(kwargs=dict(instance.arguments), open_kwargs=True)

    def construct(self, instance: Instance) -> Value | None:
        """Run the constructor of an object; its attributes are written as it goes.

        What the call returns: Unknown where no path comes to its end, None where there is no constructor to run.
        """
        init = self.classes.find(instance.cls, "__init__")
        if init is None or not isinstance(init[1], ast.FunctionDef):
            for name, value in instance.arguments:
                self.attributes.write(instance, name, value, True)
            return None
        function = bound_method(init[0], init[1], instance)
        return self.run(function, self.given(instance), self.targets, quiet=True, constructing=instance)

    def forget(self) -> None:
        """Let go of all that was seen. Inner functions refer to scopes that hold them: cycles that would stay."""
        for scope in self.scopes:
            scope.clear()
        vars(self).clear()

    def renew(self) -> None:
        """Give a fresh budget of steps."""
        self._steps = 0

    def start(self, function: Function, arguments: Arguments, live: frozenset[str] | None = None) -> None:
        """Interpret an entry method with a fresh budget, for all targets unless these are given."""
        live = self.targets if live is None else live
        self.attributes.woken = False
        self._call(function, arguments, live)
        if self.attributes.woken:
            self._call_again(function, arguments, live)

    def _call(self, function: Function, arguments: Arguments, live: frozenset[str]) -> None:
        self.renew()
        self.unrecorded = False
        with suppress(OutOfBudget):
            self.run(function, arguments, live)

    def _call_again(self, function: Function, arguments: Arguments, live: frozenset[str]) -> None:
        """The call after the first, where caches are no longer None.

        An export is a first call: all that counts of this one is that it uses what the first left.
        """
        first = self.collector, self._summaries, self._contexts
        self.collector, self._summaries, self._contexts = Collector(), {}, {}
        self._call(function, arguments, live)
        events = self.collector.collected().events
        self.collector, self._summaries, self._contexts = first
        for event in events:
            if isinstance(event, StateWrite) and event.form == "left":
                self.collector.add(event)

    def step(self) -> None:
        """Count a statement. Raises OutOfBudget."""
        self._steps += 1
        if self._steps > MAX_STEPS:
            raise OutOfBudget

    def run(
        self,
        function: Function,
        arguments: Arguments,
        live: frozenset[str],
        quiet: bool = False,
        constructing: Instance | None = None,
    ) -> Value:
        """What a call returns; its events are gathered unless `quiet`. Recursion and depth are cut to Unknown."""
        outer, self.for_training = self.for_training, self._serves_training(function)
        try:
            return self._run(function, arguments, live, quiet, constructing)
        finally:
            self.for_training = outer

    def _serves_training(self, function: Function) -> bool:
        if self.declared or self.for_training:
            return self.for_training
        if serves_training(function.module.name, function.qualname):
            return True
        if self.in_doubt and leaves_torch(function.qualname):
            return True
        owner = function.owner
        if owner is None:
            return False
        if drives(owner.node.name) and not self.classes.is_module(owner):
            return True
        if not function.qualname.endswith((".forward", ".__call__")):
            return False
        if self.classes.chooses_forward(owner) or self._gives_a_loss(function):
            return True
        if takes_targets(function.node) and any(self.classes.find(owner, name) for name in _INFERENCE):
            return True
        return applies_at_random(function.node) and self.classes.is_module(owner)

    def _gives_a_loss(self, function: Function) -> bool:
        """Whether a forward gives a loss, or what a member gives whose forward gives one."""
        if gives_a_loss(function.node):
            return True
        name = handed_to(function.node)
        if name is None or not isinstance(function.receiver, Instance):
            return False
        member = self.attributes.of(function.receiver).get(name)
        found = self.classes.find(member.cls, "forward") if isinstance(member, Instance) else None
        return found is not None and isinstance(found[1], ast.FunctionDef) and gives_a_loss(found[1])

    def _run(
        self,
        function: Function,
        arguments: Arguments,
        live: frozenset[str],
        quiet: bool,
        constructing: Instance | None,
    ) -> Value:
        seen = self._contexts.setdefault((id(function.node), live, quiet, self.for_training), [])
        if len(seen) >= EXACT_CONTEXTS:
            arguments = arguments.coarse()
        moods = (self.sizes_fixed, self.in_doubt, self.for_training, self.unrecorded)
        key = (function, arguments.key(), live, quiet, moods)
        if constructing is None:
            if key in self._summaries:
                return self._summaries[key]
            if len(seen) >= MAX_CONTEXTS:
                return join_all(seen)
        identity = id(function.node)
        if len(self._stack) > MAX_DEPTH or self._stack.count(identity) >= MAX_SAME:
            return UNKNOWN
        if (
            function.owner is not None
            and function.qualname.endswith(".forward")
            and not quiet
            and not self.for_training
        ):
            receiver = function.receiver
            self.entered.add(receiver.cls if isinstance(receiver, Instance) else function.owner)
            self.entered.add(function.owner)
        self._stack.append(identity)
        try:
            frame = Frame(self, function, live, quiet, constructing)
            frame.env = bind(frame, function, arguments)
            if frame.is_entry:
                reporting.decorated_call(frame, function.node, function)
            result = views.left(frame.run())
        finally:
            self._stack.pop()
        self._summaries[key] = result
        seen.append(result)
        return result

    def evaluating(self, node: ast.expr) -> bool:
        """Whether a module-level expression is being evaluated already (then it refers to itself); marks it if not."""
        if id(node) in self._evaluating:
            return True
        self._evaluating.add(id(node))
        return False

    def evaluated(self, node: ast.expr) -> None:
        """The evaluation that `evaluating` marked is over."""
        self._evaluating.discard(id(node))
