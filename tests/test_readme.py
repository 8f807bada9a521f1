"""What the README shows works: its configuration loads, its hooks and inputs exist, its links lead somewhere."""

import re
from pathlib import Path

import yaml

from exportlint.config import load

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text("utf-8")


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", README, re.MULTILINE | re.DOTALL)


def test_the_configuration_loads(tmp_path):
    (text,) = blocks("toml")
    (tmp_path / "src").mkdir()
    (tmp_path / "src/net.py").touch()
    (tmp_path / "exportlint.toml").write_text(text)
    settings = load(tmp_path)
    assert (settings.targets, settings.opset, settings.models[0].entry) == (("onnx",), 18, "src/net.py::Net")
    assert len(text.splitlines()) == 5


def test_the_hooks_exist():
    shown = next(yaml.safe_load(block) for block in blocks("yaml") if "repos" in block)
    ours = {hook["id"] for hook in yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text())}
    assert {hook["id"] for hook in shown["repos"][0]["hooks"]} <= ours


def test_the_inputs_of_the_action_exist():
    shown = next(yaml.safe_load(block) for block in blocks("yaml") if "runs-on" in block)
    ours = yaml.safe_load((ROOT / "action.yml").read_text())["inputs"]
    assert set(shown["jobs"]["exportlint"]["steps"][-1]["with"]) <= set(ours)


def test_what_the_page_of_the_action_uses_exists():
    page = (ROOT / "docs/action.md").read_text("utf-8")
    action = yaml.safe_load((ROOT / "action.yml").read_text())
    for block in re.findall(r"^```yaml\n(.*?)^```", page, re.MULTILINE | re.DOTALL):
        shown = yaml.safe_load(block)
        jobs = shown.get("jobs", {"": shown}).values() if isinstance(shown, dict) else [{"steps": shown}]
        for job in jobs:
            if "uses" in job:
                called = yaml.safe_load((ROOT / re.sub(r"^OWNER/exportlint/|@.*", "", job["uses"])).read_text())
                assert set(job["with"]) <= set(called[True]["workflow_call"]["inputs"])  # YAML 1.1 reads `on` as true
        for step in [step for job in jobs for step in job.get("steps", ())]:
            if step["uses"].startswith("OWNER/exportlint@"):
                assert set(step.get("with", {})) <= set(action["inputs"])
            elif step["uses"].startswith("OWNER/exportlint/"):
                folder = step["uses"].removeprefix("OWNER/exportlint/").partition("@")[0]
                assert (ROOT / folder / "action.yml").is_file()
    for name in re.findall(r"steps\.exportlint\.outputs\.([\w-]+)", page):
        assert name in action["outputs"]


def test_links_lead_somewhere():
    for document in (ROOT / "README.md", ROOT / "CONTRIBUTING.md"):
        for target in re.findall(r"\]\((?!https?:)([^)#]+)", document.read_text("utf-8")):
            assert (document.parent / target).exists(), f"{document.name}: {target}"


def test_commands_and_make_targets_exist():
    for command in set(re.findall(r"^exportlint (\w+)", README, re.MULTILINE)):
        assert (ROOT / "exportlint" / "cli" / f"{command}.py").is_file(), command
    makefile = (ROOT / "Makefile").read_text()
    for target in re.findall(r"^make (\w+)", README, re.MULTILINE):
        assert re.search(rf"^{target}:", makefile, re.MULTILINE), target
