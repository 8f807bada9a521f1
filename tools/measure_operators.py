"""Measure exportlint's operator table: every operator by every target and at every opset, run and compared.

    python tools/measure_operators.py WORKFILE            # hours on one core; run again to go on
    python tools/measure_operators.py WORKFILE --only max --only interpolate
    python tools/measure_operators.py WORKFILE --way script --way "onnx dynamic"
    python tools/measure_operators.py WORKFILE --table    # seconds: the table that exportlint ships, from WORKFILE
    python tools/measure_operators.py WORKFILE --add      # the same, into the table that is there: for a few new cases

Needs torch, onnx, onnxscript, onnxruntime and expecttest. WORKFILE is a JSON-lines file outside the repository, with
every cell and what went wrong in it. The table is named after the installed torch, the one that was measured.
"""

from __future__ import annotations

import argparse
import json
from importlib.metadata import version
from pathlib import Path

from operators.cases import group_names
from operators.distilled import distil
from operators.further import DYNAMIC, IN_TORCH, ONNX_DYNAMIC
from operators.sweep import Pass, Results, sweep

TABLES = Path(__file__).parent.parent / "exportlint" / "data" / "operators"
ONNX_TS = tuple(range(9, 21))
# What says most comes first, so that a sweep that is stopped has been worth its time. Exports with dynamo=True cost
# fifty times what the others do, so further opsets of theirs come later.
PASSES = [
    Pass(("op:", "module:"), 1, {"onnx-ts": ONNX_TS, "onnx": (18, 20, 22)}),
    Pass(("picked:",), 1, {"onnx-ts": ONNX_TS, "onnx": (20,)}),
    Pass(("op:", "module:"), 1, {"onnx": (13, 17, 23)}),
    Pass(("op:", "module:"), None, {"onnx-ts": ONNX_TS, "onnx": (20,)}),
    Pass(("picked:",), 1, {"onnx": (18, 22)}),
    Pass(("op:", "module:"), 1, {"onnx": (9, 11, 12, 14, 15, 16, 24, 25, 26)}),
    Pass(("typed:",), 1, {"onnx-ts": (9, 11, 13, 14, 17, 20)}),
    Pass(("typed:",), 1, {"onnx": (20,)}),
    Pass(("op:", "module:"), 1, {**IN_TORCH, **DYNAMIC}),
    Pass(("op:", "module:"), 1, ONNX_DYNAMIC),
    Pass(("picked:",), 1, IN_TORCH),
    Pass(("picked:",), 1, DYNAMIC),
    Pass(("op:", "module:"), None, IN_TORCH),
    Pass(("picked:",), 1, ONNX_DYNAMIC),
    Pass(("typed:",), 1, IN_TORCH),
]


def main() -> None:
    """Parse the command line, then sweep, or write the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("workfile", type=Path)
    parser.add_argument("--only", action="append", default=[], help="groups whose name contains this")
    parser.add_argument("--way", action="append", default=[], help='this way out only: a target, or "onnx dynamic"')
    parser.add_argument("--table", action="store_true", help="measure nothing; write the table")
    parser.add_argument("--add", action="store_true", help="measure nothing; add to the table")
    options = parser.parse_args()
    if options.table or options.add:
        table = TABLES / f"torch-{'.'.join(version('torch').split('.')[:2])}.json"
        counts = distil(options.workfile, table, json.loads(table.read_text()) if options.add else None)
        print(", ".join(f"{count} {what}" for what, count in counts.items()))
        return

    groups = [name for name in group_names() if not options.only or any(word in name for word in options.only)]
    chosen = [one.only(options.way) for one in PASSES]
    sweep(Results(options.workfile), groups, [one for one in chosen if one.opsets])


if __name__ == "__main__":
    main()
