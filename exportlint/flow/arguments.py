"""What a call passes."""

from __future__ import annotations

from dataclasses import dataclass, field

from exportlint.flow.joins import coarse
from exportlint.flow.values import Value


@dataclass
class Arguments:
    """What a call passes. `open_args`/`open_kwargs`: a star passed more than is known."""

    args: tuple[Value, ...] = ()
    kwargs: dict[str, Value] = field(default_factory=dict)
    open_args: Value | None = None
    open_kwargs: bool = False

    def get(self, name: str, position: int | None = None) -> Value | None:
        """An argument by name or position."""
        if name in self.kwargs:
            return self.kwargs[name]
        return self.args[position] if position is not None and position < len(self.args) else None

    def coarse(self) -> Arguments:
        """The same call without what is known of sizes."""
        return Arguments(
            tuple(coarse(value) for value in self.args),
            {name: coarse(value) for name, value in self.kwargs.items()},
            self.open_args,
            self.open_kwargs,
        )

    def key(self) -> tuple:
        """Identity for call summaries."""
        return (self.args, tuple(self.kwargs.items()), self.open_args, self.open_kwargs)
