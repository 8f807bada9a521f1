"""State that one call leaves in a plain attribute and the next one reads: `self.past = x` after `self.past` was used.

What counts is the order on a path: an attribute that a call sets before it reads it carries nothing over. A test for
None, a size or a dtype is no use of what is left there, and what is computed once, under such a test, stays the same.
"""

from __future__ import annotations

import ast
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from exportlint.flow import own_state
from exportlint.flow.collect import place
from exportlint.flow.events import Place, StateWrite
from exportlint.flow.joins import computed
from exportlint.flow.objects import says_none
from exportlint.flow.values import Instance, Value
from exportlint.source.remembered import below, once_a_node

if TYPE_CHECKING:
    from exportlint.flow.frame import Frame


@dataclass(frozen=True)
class Carried:
    """Own attributes on a path of a call: `old` were read while they held what an earlier call left, `new` are set."""

    old: frozenset[str] = frozenset()
    new: frozenset[str] = frozenset()

    def joined(self, other: Carried) -> Carried:
        """What holds after either of two paths."""
        return Carried(self.old | other.old, self.new & other.new)


def read(frame: Frame, node: ast.Attribute) -> None:
    """Note that an attribute is used that this call has not set, and sets somewhere."""
    name = node.attr
    if frame.quiet or not own_state.is_own(node) or name not in _stored(frame.function.node):
        return
    if name not in frame.carried.new and id(node) not in _glances(frame.function.node):
        frame.carried = replace(frame.carried, old=frame.carried.old | {name})


def written(frame: Frame, target: ast.Attribute, value: Value, source: ast.expr) -> None:
    """Report a tensor of this call that replaces what an earlier one left, after that was used."""
    if frame.quiet or not own_state.is_own(target):
        return
    name, carried = target.attr, frame.carried
    frame.carried = Carried(carried.old - {name}, carried.new | {name})
    sure, function = computed(value), frame.function.node
    if sure is None or name not in carried.old or id(target) in _left_alone(function) or not _is_used(function, name):
        return
    if _is_plain(frame, target, source):
        frame.emit(StateWrite, source, sure, name=f"self.{name}", form="left", seen=_places(frame, name))


def _is_plain(frame: Frame, target: ast.Attribute, source: ast.expr) -> bool:
    """Whether it is an attribute of a model that holds something from the start, or None, and is no buffer."""
    receiver = frame.function.receiver
    if not isinstance(receiver, Instance) or not frame.interpreter.classes.is_module(receiver.cls):
        return False
    start = own_state.start(frame, receiver, target)
    if start == "None":
        return True
    return start == "value" and not own_state.reads(source, target)  # the others are told by own_state


def _places(frame: Frame, name: str) -> tuple[Place, ...]:
    """Where the attribute is read, and the function that does so."""
    function = frame.function.node
    nodes = [node for node in below(function) if _is(node, name) and isinstance(node.ctx, ast.Load)]
    lines = {node.lineno: place(frame.module, node, "what the call before left is read") for node in nodes}
    lines[function.lineno] = place(frame.module, function, "every call of the exported file is a first call")
    return tuple(lines[line] for line in sorted(lines))


def _is(node: ast.AST, name: str) -> bool:
    return own_state.is_own(node) and node.attr == name


@once_a_node
def _stored(function: ast.AST) -> frozenset[str]:
    """Names of the own attributes that a function sets."""
    return frozenset(
        node.attr for node in below(function) if own_state.is_own(node) and isinstance(node.ctx, ast.Store)
    )


@once_a_node
def _glances(function: ast.AST) -> frozenset[int]:
    """Reads of own attributes that do not use what they hold: a comparison with None, a size, a truth, a message."""
    seen: list[ast.AST] = []
    for node in below(function):
        if isinstance(node, ast.Compare) and says_none(node.comparators[0]):
            seen.append(node.left)
        elif isinstance(node, ast.Attribute) and node.attr in own_state.DESCRIBES:
            seen.append(node.value)
        elif isinstance(node, ast.If | ast.IfExp | ast.While):
            seen.append(node.test)
        elif isinstance(node, ast.BoolOp):
            seen += node.values
        elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
            seen.append(node.operand)
        elif isinstance(node, ast.Raise | ast.Assert):
            seen += below(node)
    return frozenset(id(node) for node in seen if own_state.is_own(node))


@once_a_node
def _left_alone(function: ast.AST) -> frozenset[int]:
    """Targets under a test of the same attribute for None: computed once. Those of `+=`, which are told elsewhere."""
    found: set[int] = set()
    for node in below(function):
        if isinstance(node, ast.If):
            tested = _tested(node.test)
            body = [inner for statement in node.body for inner in (statement, *below(statement))]
            found |= {id(n) for n in body if own_state.is_own(n) and n.attr in tested and isinstance(n.ctx, ast.Store)}
        elif isinstance(node, ast.AugAssign):
            found.add(id(node.target))
    return frozenset(found)


def _tested(test: ast.expr) -> set[str]:
    """Own attributes that are None, or not there, where a test is true."""
    found = set()
    for node in (test, *below(test)):
        if isinstance(node, ast.Compare) and isinstance(node.ops[0], ast.Is) and says_none(node.comparators[0]):
            if own_state.is_own(node.left):
                found.add(node.left.attr)
        elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
            inner = node.operand
            if own_state.is_own(inner):
                found.add(inner.attr)
            elif isinstance(inner, ast.Call) and getattr(inner.func, "id", "") == "hasattr" and len(inner.args) == 2:
                found.add(str(getattr(inner.args[1], "value", "")))
    return found


def _is_used(function: ast.AST, name: str) -> bool:
    """Whether the attribute's old value goes into more than its own new one."""
    own = {
        id(inner)
        for node in below(function)
        if isinstance(node, ast.Assign) and any(_is(target, name) for target in node.targets)
        for inner in (node.value, *below(node.value))
    }
    glances = _glances(function)
    return any(
        _is(node, name) and isinstance(node.ctx, ast.Load) and id(node) not in own and id(node) not in glances
        for node in below(function)
    )
