"""What `check` says of the files that really ran."""

from __future__ import annotations

import json
import subprocess
import sys

from truth.observe import Row
from truth.places import SITE

_TARGET = {"dynamic": "export"}  # the same target, with a batch that varies


def findings_on(rows: list[Row], targets: list[str]) -> list[dict]:
    """Findings, as in the JSON of `check`, for the files that ran or stopped an export. Exits where `check` fails."""
    stopped = {spot[0] for row in rows for spot in row.refused.values() if spot is not None}
    files = sorted(stopped.union(*(row.lines for row in rows)))
    if not files:  # without any, `check` would read all there is
        return []
    words = [word for target in sorted({_TARGET.get(t, t) for t in targets}) for word in ("--target", target)]
    command = [sys.executable, "-m", "exportlint", "check", "--output-format", "json", *words, *files]
    done = subprocess.run(command, cwd=SITE, capture_output=True, text=True, check=False)
    if done.returncode not in (0, 1):
        sys.exit(f"check failed: {done.stderr[-2000:]}")
    return json.loads(done.stdout)["findings"]
