"""The Action's dynamic step: exports the models that are configured or flagged, in a container."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import base
import inputs
import runner

from exportlint.config import load
from exportlint.mistake import UserMistake
from exportlint.report import verify_github
from exportlint.report.view import View
from exportlint.verify.answers import parse_reported
from exportlint.verify.contract import Result
from exportlint.verify.running import plan

OWN_IMAGE = "exportlint-action"


def main() -> int:
    """Fails when the exports could not be made at all; whether a failed export fails the job the last step says."""
    wanted = inputs.choice("verify", ("auto", "true", "false"))
    if (machines := inputs.number("shards")) is not None:
        return _plan(_models(), machines)
    if wanted == "false":
        return 0
    if not _docker_answers():
        if wanted == "true":
            raise UserMistake("input verify: true, but Docker is not there, and model code runs in a container only")
        runner.annotate("notice", "Static check only: Docker is not there to verify the models in.", title="exportlint")
        return 0
    models = _models()
    if not models:
        runner.annotate("notice", "No model is configured or flagged, so none was exported.", title="exportlint")
        return 0
    return _verify(models, _image())


def _docker_answers() -> bool:
    if shutil.which("docker") is None:
        return False
    return subprocess.run(["docker", "version"], capture_output=True, check=False).returncode == 0


def _models() -> list[str]:
    """Entries of the configured models, then of those that the static step flagged."""
    settings = load(Path.cwd(), Path(config) if (config := inputs.text("config")) else None)
    configured = [spec.entry for spec in settings.models]
    findings = json.loads((runner.folder() / "check.json").read_text(encoding="utf-8"))["findings"]
    flagged = plan.flagged((f["symbol"], f["path"]) for f in findings if not _is_linked(f["path"]))
    return list(dict.fromkeys([*configured, *flagged]))


def _is_linked(path: str) -> bool:
    """Whether a link leads to a file: the container is given none, and the file that it leads to is flagged itself."""
    return os.path.realpath(path) != os.path.join(os.path.realpath(os.curdir), os.path.normpath(path))


def _image() -> str:
    """The workflow's own image, fetched when it is not here, or else one built from the Action's Dockerfile."""
    action = Path(os.environ["GITHUB_ACTION_PATH"])
    given = inputs.text("image")
    if not given:
        environment = {**os.environ, "TAG": OWN_IMAGE, "TORCH_INDEX": inputs.text("torch-index")}
        _call([str(action / "tools" / "build_image.sh")], environment)
        return OWN_IMAGE
    if subprocess.run(["docker", "image", "inspect", given], capture_output=True, check=False).returncode:
        _call(["docker", "pull", "--quiet", given], os.environ)
    return given


def _call(words: list[str], environment: Mapping[str, str]) -> None:
    """Runs a command of ours, whose output goes to the log. Raises UserMistake when it fails."""
    if subprocess.run(words, env=environment, stdin=subprocess.DEVNULL, check=False).returncode:
        raise UserMistake(f"{' '.join(words)} failed; the log above says why")


def _plan(models: list[str], machines: int) -> int:
    """Sets the output `shards`: the parts of what would be exported."""
    planned = runner.folder() / "plan.json"
    parts: list[str] = []
    if models:
        words = ["verify", f"--plan={machines}", *inputs.shared_options(), f"--output-file={planned}", "--", *models]
        if status := runner.exportlint(words, Path.cwd()):
            return status
        parts = json.loads(planned.read_text(encoding="utf-8"))["shards"]
    runner.set_output("shards", json.dumps(parts))
    return 0


def _verify(models: list[str], image: str) -> int:
    found = runner.folder() / "verify.json"
    words = ["verify", "--sandbox=docker", f"--image={image}", *inputs.shared_options()]
    if shard := inputs.text("shard"):
        words.append(f"--shard={shard}")
    words += [f"--timeout={inputs.number('timeout') or 300}", f"--jobs={inputs.number('jobs') or 1}"]
    words += _packages()
    words += [f"--findings={runner.folder() / 'check.json'}", "--output-format=json", f"--output-file={found}"]
    status = runner.exportlint([*words, "--", *models], Path.cwd())
    if not found.exists():
        return status
    results = [parse_reported(entry) for entry in json.loads(found.read_text(encoding="utf-8"))["results"]]
    sys.stdout.write(verify_github.render(_changed_first(results), (), View(root=Path.cwd())))
    return 0


def _changed_first(results: list[Result]) -> list[Result]:
    """The results at lines of the change before the others: GitHub shows so many and no more."""
    changes = base.changes()
    if changes is None:
        return results
    return sorted(results, key=lambda result: not (result.path and result.line in changes.lines(Path(result.path))))


def _packages() -> list[str]:
    """The option that has packages installed; none for a fork, whose author would choose what is fetched and stored."""
    given = inputs.text("requirements")
    if given and _is_of_a_fork():
        runner.annotate("notice", "A fork's requirements are not installed.", title="exportlint")
        return []
    return [f"--requirements={given}"] if given else []


def _is_of_a_fork() -> bool:
    """Whether the event is a pull request from another repository, as far as the runner tells; yes when it does not."""
    told = base.event()
    if told is None:
        return True
    pull = told.get("pull_request")
    if pull is None:
        return False
    head = pull["head"]["repo"]  # null when the fork is gone
    return head is None or head["full_name"] != pull["base"]["repo"]["full_name"]


if __name__ == "__main__":
    runner.step(main)
