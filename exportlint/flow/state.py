"""Where one path through a function stands."""

from __future__ import annotations

from dataclasses import dataclass, field

from exportlint.flow.carried import Carried
from exportlint.flow.joins import join
from exportlint.flow.values import Value


@dataclass
class State:
    """Variables, the targets for which this path is live, and what it did with the model's own attributes."""

    env: dict[str, Value]
    live: frozenset[str]
    carried: Carried = field(default_factory=Carried)

    def joined(self, other: State) -> State:
        """What holds after either of two paths."""
        if not self.live:
            return other
        if not other.live:
            return self
        env = {**other.env, **self.env}
        for name, two in other.env.items():
            one = env[name]
            if one is not two:
                env[name] = join(one, two)
        return State(env, self.live | other.live, self.carried.joined(other.carried))
