"""`make demo`: exportlint on its examples and on real packages and models, against what it promises for each.

Prints what it does, then one table; exits with 1 when a promise does not hold. Reports are left in demo-out/.
`demo.py IMAGE` (`make box`) verifies the examples alone, in containers of that image.
"""

from __future__ import annotations

import importlib.util
import json
import os
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

ROOT = Path(__file__).parents[1]
EXAMPLES = ROOT / "examples"
REAL = EXAMPLES / "real"
REPORTS = ROOT / "demo-out"
WIDTH = 120  # columns, where the output is no terminal
PACKAGES = ("vit_pytorch", "monai", "transformers")

# The static half with torch made unimportable, as on a machine without it.
STATIC = "import sys; sys.modules['torch'] = None; from exportlint.cli.main import run; run()"

EXPECTED = {
    "classifier.py::Classifier": dict.fromkeys(("trace", "script", "export", "onnx", "onnx-ts"), "ok"),
    "gate.py::Gate": {"trace": "mismatch", "onnx": "export-failed"},
    "gate.py::scripted": {"script": "ok", "onnx-ts": "ok"},
    "refiner.py::Refiner": {"onnx": "ok"},
    "upsampler.py::Upsampler": {"onnx": "mismatch", "onnx-ts": "ok"},
    "flatten.py::Flatten": {"onnx": "not-runnable"},
}
"""The examples, by target: what each shows stands in its file."""

EXPECTED_REAL = {
    "models.py::simple_vit": {"onnx": "ok"},
    "models.py::monai_unet": {"onnx": "ok"},
    "models.py::bert": {"onnx": "ok"},
    "models.py::gpt2": {"onnx": "ok"},
    "models.py::hf_vit": {"onnx": "ok"},
    "models.py::cait": {"onnx": "export-failed"},
}


@dataclass(frozen=True)
class Row:
    """One line of the closing table; `broken` says which promise does not hold, empty when all do."""

    what: str
    saw: str
    seconds: float
    broken: str = ""


def main() -> int:
    console = Console(width=None if sys.stdout.isatty() else WIDTH)
    REPORTS.mkdir(exist_ok=True)
    if images := sys.argv[1:]:
        rows = _verified(console, EXAMPLES, EXPECTED, "--sandbox=docker", f"--image={images[0]}")
    else:
        rows = [_checked(console, "examples", EXAMPLES)]
        rows += [_checked(console, f"sources of {package}", _folder(package)) for package in PACKAGES]
        rows += _verified(console, EXAMPLES, EXPECTED)
        rows += _verified(console, REAL, EXPECTED_REAL)
    console.print(_table(rows))
    broken = [row for row in rows if row.broken]
    console.print(f"{len(rows) - len(broken)} of {len(rows)} promises hold; the reports are in {REPORTS.name}/")
    return 1 if broken else 0


def _folder(package: str) -> Path:
    """Where a package is installed, without importing it."""
    spec = importlib.util.find_spec(package)
    if spec is None or spec.origin is None:
        raise SystemExit(f"demo: {package} is not installed; run it by `make demo`")
    return Path(spec.origin).parent


def _checked(console: Console, name: str, folder: Path) -> Row:
    """Checks a folder with torch made unimportable. Promised: no crash, and every file read."""
    report = REPORTS / f"check-{folder.name}.json"
    report.unlink(missing_ok=True)
    words = ["check", "--no-cache", "--output-format=json", f"--output-file={report}", str(folder)]
    console.print(f"$ exportlint check   # {name}", highlight=False)
    started = time.monotonic()
    done = subprocess.run(
        [sys.executable, "-c", STATIC, *words], cwd=REPORTS, stderr=subprocess.PIPE, text=True, check=False
    )
    seconds = time.monotonic() - started
    if not report.exists():
        return Row(f"check {name}", "no report", seconds, f"status {done.returncode}: {done.stderr[-500:]}")
    found = json.loads(report.read_text(encoding="utf-8"))
    saw = f"{found['files']} files, {found['models']} models, {len(found['findings'])} findings"
    broken = f"status {done.returncode}: {done.stderr[-500:]}" if done.returncode not in (0, 1) else ""
    return Row(f"check {name}", saw, seconds, broken)


def _verified(console: Console, folder: Path, expected: dict[str, dict[str, str]], *options: str) -> list[Row]:
    """Verifies the models that `folder` configures. Promised: the status of each model and target."""
    report = REPORTS / f"verify-{folder.name}.json"
    report.unlink(missing_ok=True)
    console.print(f"$ exportlint {' '.join(['verify', *options])}   # in {folder.relative_to(ROOT)}", highlight=False)
    words = [sys.executable, "-m", "exportlint", "verify", "--output-format=json", f"--output-file={report}", *options]
    environment = {**os.environ, "HF_HUB_OFFLINE": "1", "PYTHONSAFEPATH": "1"}
    done = subprocess.run(words, cwd=folder, env=environment, stderr=subprocess.PIPE, text=True, check=False)
    if not report.exists():
        return [Row(f"verify {folder.name}", "no report", 0.0, f"status {done.returncode}: {done.stderr[-500:]}")]
    results = json.loads(report.read_text(encoding="utf-8"))["results"]
    statuses = {(result["model"], result["target"]): result for result in results}
    promised = {(model, target): status for model, targets in expected.items() for target, status in targets.items()}
    return [_result(key, statuses.get(key), promised.get(key)) for key in sorted(promised.keys() | statuses.keys())]


def _result(key: tuple[str, str], result: dict[str, Any] | None, promised: str | None) -> Row:
    model, target = key
    if result is None:
        return Row(f"verify {model} [{target}]", "no result", 0.0, f"promised: {promised}")
    tried = f", {result['inputs_tried']} inputs" if result["inputs_tried"] else ""
    place = f", {result['path']}:{result['line']}" if result["path"] and result["status"] != "ok" else ""
    saw = result["status"] + tried + place
    broken = "" if result["status"] == promised else f"promised: {promised}; {result['reason']}"
    return Row(f"verify {model} [{target}]", saw, result["seconds"]["total"], broken)


def _table(rows: list[Row]) -> Table:
    table = Table("what", "saw", "seconds", "", title="exportlint demo")
    table.columns[0].no_wrap = True
    table.columns[2].justify = "right"
    for row in rows:
        verdict = f"[bold red]BROKEN[/] {row.broken}" if row.broken else "[green]as promised[/]"
        table.add_row(row.what.replace("[", r"\["), row.saw, f"{row.seconds:.1f}", verdict)
    return table


if __name__ == "__main__":
    sys.exit(main())
