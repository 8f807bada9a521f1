"""Runs the interpreter over a piece of source and gives back its events."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from pathlib import Path

from exportlint.finding import TARGETS
from exportlint.flow.events import Event, OperatorCall, Parameter, ScriptFault
from exportlint.units.run import Means, Run
from exportlint.units.work import Common

HEADER = "import math\nimport numpy as np\nimport torch\nimport torch.nn.functional as F\nfrom torch import nn\n\n"


def events_in(folder: Path, source: str, **files: str) -> list[Event]:
    """Events of all models in `source`, `files` beside it; without operator calls and what only scripting minds."""
    for name, text in files.items():
        (folder / f"{name}.py").write_text(HEADER + textwrap.dedent(text))
    path = folder / "net.py"
    path.write_text(HEADER + textwrap.dedent(source))
    events = all_events(path, TARGETS)
    return [event for event in events if not isinstance(event, OperatorCall | Parameter | ScriptFault)]


def all_events(file: Path, targets: Sequence[str]) -> list[Event]:
    """Events of all models in a file whose folder is the project."""
    with Run(Common((file.parent,), file.parent, tuple(targets)), Means()) as run:
        whole = run.look([file], [])
    assert not whole.problems
    return whole.collector.events()


def forward(body: str, arguments: str = "x: torch.Tensor", init: str = "pass") -> str:
    """A model with this forward."""
    lines = [
        "class Net(nn.Module):",
        "    def __init__(self, flag=False, config=None, width=8):",
        "        super().__init__()",
    ]
    lines += textwrap.indent(textwrap.dedent(init), " " * 8).splitlines()
    lines += ["", f"    def forward(self, {arguments}):"]
    lines += textwrap.indent(textwrap.dedent(body), " " * 8).splitlines()
    return "\n".join(lines) + "\n"
