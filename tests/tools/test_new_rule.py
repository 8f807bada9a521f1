"""The start of a new rule that tools/new_rule.py writes is a rule already, and a fixture that is red."""

import importlib.util
import subprocess
import sys
from pathlib import Path

import pytest

from exportlint import rule as framework
from exportlint.flow.events import Conversion

ROOT = Path(__file__).parents[2]


@pytest.fixture
def new_rule(tmp_path):
    (tmp_path / "exportlint/rules").mkdir(parents=True)
    (tmp_path / "tests/fixtures").mkdir(parents=True)

    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, str(ROOT / "tools" / "new_rule.py"), *arguments, "--root", str(tmp_path)]
        return subprocess.run(command, capture_output=True, text=True, check=False)

    return run


OPTIONS = ("--event", "Conversion", "--target", "onnx", "--target", "trace")


def test_the_rule_is_found_and_documented(new_rule, tmp_path):
    assert new_rule("EXL999", "tensor-as-key", *OPTIONS).returncode == 0
    file = tmp_path / "exportlint/rules/tensor_as_key.py"
    spec = importlib.util.spec_from_file_location("exportlint.rules.tensor_as_key", file)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    rule = framework._load(module)
    assert (rule.code, rule.name, rule.targets, rule.events) == (
        "EXL999",
        "tensor-as-key",
        ("trace", "onnx"),
        (Conversion,),
    )
    assert rule.summary.startswith("Tensor as key: ")


def test_what_is_written_is_formatted_and_the_fixture_expects_a_finding(new_rule, tmp_path):
    new_rule("EXL999", "tensor-as-key", *OPTIONS, "--target", "export")
    assert '# EXPECT EXL999 "' in (tmp_path / "tests/fixtures/tensor_as_key.py").read_text()
    command = [
        sys.executable,
        "-m",
        "ruff",
        "format",
        "--check",
        "--config",
        str(ROOT / "pyproject.toml"),
        "exportlint",
    ]
    formatted = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert formatted.returncode == 0, formatted.stdout


@pytest.mark.parametrize(
    ("code", "name", "answer"),
    [
        ("EXL99", "tensor-as-key", "EXL99 is not EXL and three digits"),
        ("EXL001", "tensor-as-key", "EXL001 is not EXL and three digits, the first from 1"),
        ("EXL999", "Tensor_key", "Tensor_key is not words joined by hyphens"),
        ("EXL101", "tensor-as-key", "EXL101 data-dependent-branch exists"),
        ("EXL999", "data-dependent-branch", "EXL101 data-dependent-branch exists"),
    ],
)
def test_a_code_or_name_that_will_not_do_writes_nothing(new_rule, tmp_path, code, name, answer):
    ended = new_rule(code, name, *OPTIONS)
    assert ended.returncode == 2
    assert answer in ended.stderr
    assert not any(path.is_file() for path in tmp_path.rglob("*"))
