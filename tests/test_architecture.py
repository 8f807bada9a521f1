"""Who may import whom, how long a file may be, and what the static half must never load."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import exportlint

PACKAGE = Path(exportlint.__file__).parent
FILES = sorted(PACKAGE.rglob("*.py"))
TORCH_STACK = {"torch", "onnx", "onnxruntime", "onnxscript", "numpy", "torchvision"}
MOST_LINES = 300

LEAVES = {"finding", "mistake"}
"""Plain values, which everything may import."""

MAY_IMPORT = {
    "finding": set(),
    "mistake": set(),
    "config": LEAVES,
    "pins": set(),
    "rule": LEAVES,
    "catalogue": LEAVES | {"rule", "source.suppressions"},
    "source": LEAVES | {"config"},
    "data": set(),
    "units": LEAVES | {"cache", "source", "flow", "fix"},
    "flow": LEAVES | {"source", "data", "config"},
    "operators": LEAVES | {"data", "flow.events", "pins"},
    "rules": LEAVES | {"rule", "flow.events", "flow.exporting.events", "flow.whole_events", "operators"},
    "cache": LEAVES | {"source.content"},
    "check": LEAVES | {"cache", "config", "rule", "rules", "catalogue", "flow", "source", "units"},
    "fix": LEAVES | {"source", "data"},
    "fixers": LEAVES | {"fix", "source.remembered"},
    "report": LEAVES | {"rule", "verify.contract"},
    "verify": LEAVES | {"cache", "config", "source", "operators", "data"},
    "cli": LEAVES
    | {"cache", "config", "catalogue", "rule", "report", "check", "fix", "verify", "operators", "pins"}
    | {"source.changes"},
    "__main__": {"cli"},
}
"""Parts of the package, each with the parts (or single modules of them) that it may import beside itself."""


def name_of(file: Path) -> str:
    """A file of the package by its dotted name below it: "report.text", "check", "flow" for flow/__init__.py."""
    return ".".join(file.relative_to(PACKAGE).with_suffix("").parts).removesuffix(".__init__")


def part_of(name: str) -> str:
    return name.partition(".")[0]


def imports(file: Path) -> Iterator[tuple[int, str]]:
    """Every module that a file imports, wherever in it: its line and its full name."""
    for node in ast.walk(ast.parse(file.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{file}:{node.lineno}: imports are absolute, so that they can be found"
            for alias in node.names:
                whole = f"{node.module}.{alias.name}"
                yield node.lineno, whole if _is_module(whole) else str(node.module)


def _is_module(name: str) -> bool:
    below = PACKAGE.joinpath(*name.split(".")[1:])
    return name.startswith("exportlint.") and (below.is_dir() or below.with_suffix(".py").is_file())


def ours(file: Path) -> Iterator[tuple[int, str]]:
    """The modules of this package that a file imports, named as `name_of` names them; not the package itself."""
    for line, name in imports(file):
        if name.startswith("exportlint."):
            yield line, name.removeprefix("exportlint.")


def _allowed(importer: str, imported: str) -> bool:
    part = part_of(importer)
    if part_of(imported) == part:
        return part not in ("rules", "fixers")  # a rule imports no other rule
    return any(imported == may or imported.startswith(may + ".") for may in MAY_IMPORT[part])


@pytest.mark.parametrize("file", FILES, ids=name_of)
def test_a_file_imports_only_what_its_part_may(file):
    importer = name_of(file)
    if not importer or importer == "__init__":
        assert list(ours(file)) == []
        return
    wrong = [f"line {line}: {name}" for line, name in ours(file) if not _allowed(importer, name)]
    assert wrong == []


def test_every_part_of_the_package_has_its_rule():
    assert {part_of(name_of(file)) for file in FILES} - {"__init__", ""} == set(MAY_IMPORT)


@pytest.mark.parametrize("file", [file for file in FILES if part_of(name_of(file)) != "verify"], ids=name_of)
def test_the_static_half_imports_no_torch_anywhere(file):
    assert [(line, name) for line, name in imports(file) if name.partition(".")[0] in TORCH_STACK] == []


@pytest.mark.parametrize("file", FILES, ids=name_of)
def test_a_file_holds_one_thing(file):
    lines = len(file.read_text("utf-8").splitlines())
    assert lines <= MOST_LINES


@pytest.mark.parametrize("file", FILES, ids=name_of)
def test_a_file_says_what_it_is_and_is_named_after_it(file):
    assert ast.get_docstring(ast.parse(file.read_text("utf-8")))
    assert file.stem not in {"utils", "util", "common", "helpers", "misc"}
    assert not any(character.isdigit() for character in file.stem)


def test_no_two_parts_need_each_other():
    """`check` may need `flow` and `flow` `source`, but never the other way round."""
    needs: dict[str, set[str]] = {}
    for file in FILES:
        needs.setdefault(part_of(name_of(file)), set()).update(part_of(name) for _, name in ours(file))
    both = {(one, other) for one in needs for other in needs[one] if one < other and one in needs.get(other, ())}
    assert both == set()


def test_checking_a_model_loads_no_torch_and_runs_no_code_of_the_user(tmp_path):
    """In a process of its own, in a folder that would be imported from, with every cache off."""
    (tmp_path / "net.py").write_text(
        "open('ran', 'w')\n"
        "import torch\n"
        "class Net(torch.nn.Module):\n"
        "    def forward(self, x):\n"
        "        return x if x.sum() > 0 else -x\n"
    )
    code = (
        "import sys; from exportlint.cli.main import main; main(['check', 'net.py', '--no-cache']); print(*sys.modules)"
    )
    environment = os.environ | {"PYTHONPATH": f"{tmp_path}{os.pathsep}{PACKAGE.parent}"}
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, env=environment, capture_output=True, text=True, check=True
    )
    loaded = {name.partition(".")[0] for name in done.stdout.splitlines()[-1].split()}
    assert "exportlint" in loaded
    assert not loaded & (TORCH_STACK | {"net", "libcst", "rich"})
    assert not (tmp_path / "ran").exists()
