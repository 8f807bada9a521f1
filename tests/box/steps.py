"""A runner made of folders and variables, which runs the Action's steps one by one."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from tests.box.github import ACTION

INPUTS = {
    "PATHS": ".",
    "CONFIG": "",
    "TARGETS": "",
    "OPSET": "",
    "FAIL_ON": "error",
    "VERIFY": "auto",
    "IMAGE": "",
    "REQUIREMENTS": "",
    "TORCH_INDEX": "",
    "TIMEOUT": "300",
    "JOBS": "1",
    "SARIF": "false",
    "BASELINE": "",
    "CHANGED_ONLY": "false",
    "COMMENT": "false",
    "SHARDS": "",
    "SHARD": "",
    "PARTS": "",
}


@dataclass
class Runner:
    """A job's workspace and the files that GitHub gives its steps."""

    folder: Path
    workspace: Path
    reports: str = ""
    event: dict | None = None

    def step(
        self, name: str, path: str | None = None, code: str = "", **inputs: str
    ) -> subprocess.CompletedProcess[str]:
        """Runs one step; `path` replaces the PATH it sees, and `code` stands in the place of its script."""
        environment = {
            "PATH": os.environ["PATH"] if path is None else path,
            "HOME": str(self.folder),
            "GITHUB_ACTIONS": "true",
            "GITHUB_ACTION_PATH": str(ACTION),
            "GITHUB_SERVER_URL": "https://github.com",
            "GITHUB_REPOSITORY": "owner/repo",
            "GITHUB_RUN_ID": "7",
            "GITHUB_OUTPUT": str(self.folder / "output"),
            "GITHUB_STEP_SUMMARY": str(self.folder / "summary"),
            "RUNNER_TEMP": str(self.folder),
            "REPORTS": self.reports,
            "PYTHONPATH": str(ACTION),
        }
        if self.event is not None:
            (self.folder / "event.json").write_text(json.dumps(self.event), encoding="utf-8")
            environment["GITHUB_EVENT_PATH"] = str(self.folder / "event.json")
        environment |= {f"INPUT_{key}": value for key, value in {**INPUTS, **inputs}.items()}
        command = [sys.executable, str(ACTION / "action" / f"{name}.py")]
        if code:
            environment["PYTHONPATH"] = os.pathsep.join((str(ACTION / "action"), str(ACTION)))
            command = [sys.executable, "-c", code]
        done = subprocess.run(command, cwd=self.workspace, env=environment, capture_output=True, text=True, check=False)
        if name in ("check", "merge") and "folder" in self.outputs():
            self.reports = self.outputs()["folder"]
        return done

    def outputs(self) -> dict[str, str]:
        file = self.folder / "output"
        text = file.read_text(encoding="utf-8") if file.exists() else ""
        return {
            name: value
            for name, _, value in re.findall(r"^([\w-]+)<<(\w+)\n(.*?)\n\2$", text, re.MULTILINE | re.DOTALL)
        }

    def summary(self) -> str:
        return (self.folder / "summary").read_text(encoding="utf-8")
