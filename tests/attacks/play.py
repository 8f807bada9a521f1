"""Plays an attack in the place of a worker, which is what a model's code can make of its worker anyway.

`python play.py [--confined]`: the job on standard input names the attack as `play.py::NAME`; the answer says what came
of it. `answer.json` beside this file is a good answer to any job.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE))

import exhausting  # noqa: E402, F401
import forging  # noqa: E402
import reaching  # noqa: E402, F401
from attack import ATTACKS  # noqa: E402


def main() -> None:
    job = json.load(sys.stdin)
    answer = json.loads((HERE / "answer.json").read_text("utf-8")) | {"model": job["entry"], "target": job["target"]}
    forging.GOOD.append(json.dumps(answer))
    if "--confined" in sys.argv:
        from exportlint.verify.isolation.confine import confine

        confine([Path(tempfile.gettempdir())])
    try:
        got = ATTACKS[job["entry"].partition("::")[2]].run()
        said = f"SUCCEEDED: {got}" if got else "stopped: it got nothing"
    except Exception as error:
        said = f"stopped: {type(error).__name__}: {error}"
    print(json.dumps(answer | {"status": "not-runnable", "reason": said}), flush=True)
    os._exit(0)


main()
