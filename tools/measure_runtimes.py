"""Measure which opsets and IR versions each release of ONNX Runtime loads: exportlint/data/runtimes.json.

    python tools/measure_runtimes.py                # the installed release; prints its row
    python tools/measure_runtimes.py 1.20.1 1.21.1  # downloads each into a folder that is thrown away; prints rows

Needs onnx. Each file that is tried is one `Identity` at one opset, or at one IR version.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile

OPSETS, IR_VERSIONS = range(9, 40), range(8, 30)
PROBE = """
import json, sys
import onnxruntime
from onnx import TensorProto, helper

onnxruntime.set_default_logger_severity(4)


def loads(opset, ir):
    x, y = (helper.make_tensor_value_info(name, TensorProto.FLOAT, [2]) for name in "xy")
    graph = helper.make_graph([helper.make_node("Identity", ["x"], ["y"])], "graph", [x], [y])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)])
    model.ir_version = ir
    try:
        onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    except Exception:  # onnxruntime's own, a different one for each reason
        return False
    return True


opsets, irs = ([int(word) for word in words.split(",")] for words in sys.argv[1:])
release = ".".join(onnxruntime.__version__.split(".")[:2])
row = {"opset": max(o for o in opsets if loads(o, 8)), "ir": max(ir for ir in irs if loads(13, ir))}
print(json.dumps({release: row}))
"""


def measured(folder: str | None = None) -> dict[str, dict[str, int]]:
    """The row of the onnxruntime in `folder`, or of the installed one: {"1.32": {"opset": 28, "ir": 14}}."""
    ahead = f"import sys\nsys.path.insert(0, {folder!r})\n" if folder else ""
    words = [",".join(map(str, numbers)) for numbers in (OPSETS, IR_VERSIONS)]
    done = subprocess.run([sys.executable, "-c", ahead + PROBE, *words], capture_output=True, text=True, check=True)
    return json.loads(done.stdout)


def main() -> None:
    """Print the rows asked for."""
    for release in sys.argv[1:] or [None]:
        with tempfile.TemporaryDirectory() as folder:
            if release:
                pip = [sys.executable, "-m", "pip", "-q", "install", "--target", folder, "--only-binary=:all:"]
                # releases before 1.19 were built against numpy 1, and say so by crashing
                subprocess.run([*pip, f"onnxruntime=={release}", "numpy<2"], check=True)
            print(json.dumps(measured(folder if release else None)))


if __name__ == "__main__":
    main()
