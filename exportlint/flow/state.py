"""Where one path through a function stands."""

from __future__ import annotations

from dataclasses import dataclass

from exportlint.flow.joins import join
from exportlint.flow.values import Value


@dataclass
class State:
    """Variables, and the targets for which this path is live."""

    env: dict[str, Value]
    live: frozenset[str]

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
        return State(env, self.live | other.live)
