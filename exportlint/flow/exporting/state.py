"""Where one path through a script stands: its variables, and what is known of the objects they name."""

from __future__ import annotations

from dataclasses import dataclass, field

from exportlint.flow.exporting.things import Fact, Model, Seq, Thing, Value, joined


@dataclass
class State:
    """`names` belong to the function being read; `facts` and `fields` (attributes of objects) to the whole run.

    `alive`: whether this path goes on; it does not behind a return, a raise or a call that ends the process.
    """

    names: dict[str, Value] = field(default_factory=dict)
    facts: dict[Value, Fact] = field(default_factory=dict)
    fields: dict[tuple[Value, str], Value] = field(default_factory=dict)
    alive: bool = True

    def copy(self) -> State:
        """A state that changes on its own."""
        return State(dict(self.names), dict(self.facts), dict(self.fields), self.alive)

    def take(self, other: State) -> None:
        """Become another state."""
        self.names, self.facts, self.fields, self.alive = other.names, other.facts, other.fields, other.alive

    def inside(self, names: dict[str, Value]) -> State:
        """The state in which a function that is called here starts; the objects stay the same ones."""
        return State(names, self.facts, self.fields, self.alive)

    def returned(self, other: State) -> None:
        """Take over what a called function did to objects."""
        self.facts, self.fields, self.alive = other.facts, other.fields, other.alive


def either(one: State, other: State) -> State:
    """What holds after either of two paths."""
    if not one.alive:
        return other
    if not other.alive:
        return one
    facts = {}
    for value, fact in one.facts.items():
        theirs = other.facts.get(value)
        kept = fact if fact is theirs else _alone(value, fact) if theirs is None else joined(fact, theirs)
        if kept is not None:
            facts[value] = kept
    for value, fact in other.facts.items():
        if value not in one.facts and (kept := _alone(value, fact)) is not None:
            facts[value] = kept
    result = State({}, facts, {})
    for name in one.names.keys() | other.names.keys():
        result.names[name] = _merged(one, other, one.names.get(name), other.names.get(name), result)
    for place in one.fields.keys() & other.fields.keys():
        result.fields[place] = _merged(one, other, one.fields[place], other.fields[place], result)
    return result


def _alone(value: Value, fact: Fact) -> Fact | None:
    """What is known of an object that the other path says nothing of: nothing, unless this path made it."""
    came_in = isinstance(value, Thing) and value.key[0] in ("parameter", "global", "field")
    return joined(fact, Model()) if came_in else fact


def merged(one: State, first: Value, other: State, second: Value) -> tuple[State, Value]:
    """Two paths that end with a value each, as one."""
    state = either(one, other)
    if state is one or state is other:
        return state, first if state is one else second
    return state, _merged(one, other, first, second, state)


def _merged(one: State, other: State, first: Value | None, second: Value | None, result: State) -> Value:
    if first == second or second is None or first is None:
        return first if first is not None else second
    if isinstance(first, Seq) and isinstance(second, Seq) and len(first.items) == len(second.items):
        pairs = zip(first.items, second.items, strict=True)
        return Seq(tuple(_merged(one, other, a, b, result) for a, b in pairs))
    value = Thing(("or", first, second))
    fact = joined(one.facts.get(first), other.facts.get(second))
    if fact is not None:
        result.facts[value] = fact
    return value
