"""Joins the reports of several machines, so that the last step reports them as if one had done it all."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import inputs
import runner

from exportlint.mistake import UserMistake


def main() -> int:
    """Leaves check.json and, when models were exported, verify.json. Raises UserMistake when a part is not there."""
    folder = runner.new_folder()
    parts = [_read(file) for file in sorted(Path(inputs.text("parts")).rglob("report.json"))]
    if not parts:
        raise UserMistake(f"input parts: no report.json below {inputs.text('parts')}")
    # every part has checked the same sources
    (folder / "check.json").write_text(json.dumps(parts[0]["check"]), encoding="utf-8")
    verified = [part["verify"] for part in parts if part["verify"] is not None]
    _hold_all_shards(verified)
    if not verified:
        return 0
    files = [folder / f"verify-{number}.json" for number, _ in enumerate(verified)]
    for file, document in zip(files, verified, strict=True):
        file.write_text(json.dumps(document), encoding="utf-8")
    whole = folder / "verify.json"
    words = ["merge", "--exit-zero", "--output-format=json", f"--output-file={whole}", "--", *map(str, files)]
    return runner.exportlint(words, Path.cwd())


def _hold_all_shards(verified: list[dict[str, Any]]) -> None:
    """Raises UserMistake for a planned shard without results: its job failed, and the models in it are not known."""
    there = {document["shard"] for document in verified}
    lacking = [shard for shard in json.loads(inputs.text("shards")) if shard not in there]
    if lacking:
        raise UserMistake(f"no results of shard {', '.join(lacking)}: see the log of its job")


def _read(file: Path) -> dict[str, Any]:
    try:
        part = json.loads(file.read_text(encoding="utf-8"))
        return {"check": part["check"], "verify": part["verify"]}
    except (ValueError, KeyError, TypeError) as error:
        raise UserMistake(f"{file} is no report of the Action") from error


if __name__ == "__main__":
    runner.step(main)
