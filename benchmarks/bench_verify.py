#!/usr/bin/env python3
"""How long `verify` takes beside a plain script, with two workers beside one, and when nothing has changed.

    python benchmarks/bench_verify.py

The models are the forty of planted/, without their faults. The plain script is what people write: for each model a
process that builds it, calls torch.onnx.export, and runs ONNX Runtime and eager PyTorch on as many inputs as `verify`
tried. Wall times, so let the machine be quiet; five minutes. Prints one JSON object: overhead is (verify - script) /
script with one worker; speed_up is one worker's time over that of two; again is the second run with the cache.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from benchmarks.bench_planted import models  # noqa: E402  the folder above must be on the path first

PLAIN = """
import sys, torch, onnxruntime
sys.path.insert(0, sys.argv[1])
module = __import__(sys.argv[2])
model = getattr(module, sys.argv[3])().eval()
args = model.example_inputs()
torch.onnx.export(model, args, "model.onnx", dynamo=True, verbose=False)
session = onnxruntime.InferenceSession("model.onnx")
names = [value.name for value in session.get_inputs()]
for number in range(int(sys.argv[4])):
    with torch.no_grad():
        expected = model(*args)
    got = session.run(None, dict(zip(names, (value.numpy() for value in args))))
    torch.testing.assert_close(torch.from_numpy(got[0]), expected, rtol=1e-3, atol=1e-4)
"""


def verified(folder: Path, jobs: int, *options: str) -> tuple[float, list[dict]]:
    """Seconds of one run of `verify` and its results."""
    entries = [f"{ROOT / 'benchmarks' / 'planted' / kind}.py::{name}" for kind, name in models()]
    words = ("-m", "exportlint", "verify", *entries, "--output-format", "json", "--jobs", str(jobs), *options)
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "EXPORTLINT_CACHE_DIR": str(folder / "cache")}
    started = time.monotonic()
    done = subprocess.run(
        [sys.executable, *words], cwd=ROOT, env=environment, capture_output=True, text=True, check=True
    )
    return time.monotonic() - started, json.loads(done.stdout)["results"]


def plain(folder: Path, results: list[dict]) -> float:
    """Seconds of the plain script for the same models and as many inputs."""
    started = time.monotonic()
    for result in results:
        file, _, name = result["model"].partition("::")
        words = ("-c", PLAIN, str((ROOT / file).parent), Path(file).stem, name, str(result["inputs_tried"]))
        subprocess.run([sys.executable, *words], cwd=folder, capture_output=True, check=True)
    return time.monotonic() - started


def main() -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        two, _ = verified(folder, 2, "--no-cache")
        one, results = verified(folder, 1)
        again, _ = verified(folder, 1)
        script = plain(folder, results)
    figures = {
        "models": len(results),
        "inputs": sum(result["inputs_tried"] for result in results),
        "script_s": round(script, 2),
        "one_worker_s": round(one, 2),
        "two_workers_s": round(two, 2),
        "again_s": round(again, 2),
        "overhead": round((one - script) / script, 3),
        "speed_up": round(one / two, 2),
    }
    print(json.dumps(figures))


if __name__ == "__main__":
    main()
