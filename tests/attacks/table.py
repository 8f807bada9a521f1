"""The attacks as SECURITY.md lists them."""

from __future__ import annotations

import sys
from pathlib import Path

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE))  # the attacks are modules of no package, because containers run them alone

import exhausting  # noqa: E402, F401
import forging  # noqa: E402, F401
import reaching  # noqa: E402, F401
from asking import LINES  # noqa: E402
from attack import ATTACKS, Attack  # noqa: E402

PATCHING = Attack(
    "patched comparison",
    "patch the comparison, so that every model passes",
    {"docker": "a container for each model: it forges its own verdict alone", "process": "a process for each model"},
    ends="",
    seconds=120.0,
    run=lambda: None,  # played by a model, with torch
)
HEAD = """\
| attack | what it tries | in a container it is stopped by | in a confined process by |
|---|---|---|---|
"""


def table() -> str:
    """All attacks as a Markdown table; what a sandbox does not stop says so."""
    rows = []
    for attack in (*ATTACKS.values(), PATCHING):
        boxes = [attack.stopped.get(box, "**not stopped**") for box in ("docker", "process")]
        rows.append(f"| {attack.name} | {attack.tries} | {' | '.join(boxes)} |\n")
    refused = "the line is refused | no packages are installed"
    rows += [f"| requirements: {name} | {tries} | {refused} |\n" for name, (tries, _) in LINES.items()]
    return HEAD + "".join(rows)
