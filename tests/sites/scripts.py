"""Reads the fixtures of the rules about scripts, and runs them.

A fixture is a file of functions without parameters, each a small script. The first words of its docstring claim what
torch does: `Raises: words of the message`, `Warns: words`, `Differs.` (it returns a pair that ought to be equal and is
not) or `Agrees.` (it returns an equal pair, or nothing, and raises nothing). Markers are those of tests/rules. Whatever
stands above the first function belongs to all of them.
"""

from __future__ import annotations

import ast
import importlib.util
import sys
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from exportlint.flow.exporting.events import Site
from exportlint.rule import Rule, all_rules
from tests.rules.fixture import Fixture, Marker, markers
from tests.sites.standing import chdir

FOLDER = Path(__file__).parent / "fixtures"
CLAIMS = ("Raises", "Warns", "Differs", "Agrees")


@dataclass(frozen=True)
class Script:
    """One function of a fixture, with its claim."""

    fixture: Fixture
    name: str
    claim: str
    words: str
    markers: tuple[Marker, ...]


def site_rules() -> tuple[Rule, ...]:
    """The rules about scripts."""
    return tuple(rule for rule in all_rules() if all(issubclass(event, Site) for event in rule.events))


def fixture_of(rule: Rule) -> Fixture:
    """The fixture of a rule. Raises FileNotFoundError."""
    name = rule.name.replace("-", "_")
    text = (FOLDER / f"{name}.py").read_text("utf-8")
    return Fixture(name, text, (), tuple(markers(name, text)))


def scripts(fixture: Fixture) -> Iterator[Script]:
    """The scripts in a fixture. Raises AssertionError for one that claims nothing."""
    for node in ast.parse(fixture.text).body:
        if isinstance(node, ast.FunctionDef) and (claimed := ast.get_docstring(node)):
            claim, _, words = claimed.partition("\n")[0].rstrip(".").partition(": ")
            assert claim in CLAIMS, f"{fixture.file}: {node.name} claims nothing that can be tried: {claimed}"
            inside = [m for m in fixture.markers if node.lineno <= m.line <= (node.end_lineno or node.lineno)]
            yield Script(fixture, node.name, claim, words, tuple(inside))


def tried(script: Script, folder: Path) -> str | None:
    """Runs a script in `folder`; what torch did against its claim, None where it did as claimed."""
    import torch

    file = folder / script.fixture.file
    file.write_text(script.fixture.text, "utf-8")
    spec = importlib.util.spec_from_file_location(f"{script.fixture.name}_{script.name}", file)
    module = sys.modules[spec.name] = importlib.util.module_from_spec(spec)  # where pickle looks for its classes
    torch.manual_seed(0)
    raised = pair = None
    with warnings.catch_warnings(record=True) as warned, chdir(folder):
        warnings.simplefilter("always")
        spec.loader.exec_module(module)
        try:
            pair = getattr(module, script.name)()
        except Exception as error:  # whatever torch raises
            raised = error
    return _against(script, raised, [str(one.message) for one in warned], pair)


def _against(script: Script, raised: Exception | None, warned: list[str], pair: tuple | None) -> str | None:
    if script.claim == "Raises":
        chain = []
        while raised is not None:
            chain.append(f"{type(raised).__name__}: {raised}")
            raised = raised.__cause__
        return None if script.words in "\n".join(chain) and chain else f"it raised {chain or 'nothing'}"
    if raised is not None:
        return f"it raised {type(raised).__name__}: {raised}"
    if script.claim == "Warns":
        return None if any(script.words in said for said in warned) else f"it warned {warned}"
    if pair is None:
        return None if script.claim == "Agrees" else "it returned no pair"
    agrees = _equal(*pair)
    return None if agrees == (script.claim == "Agrees") else f"it returned {pair}"


def _equal(got: object, wanted: object) -> bool:
    import numpy as np
    import torch

    got, wanted = (one.detach().numpy() if isinstance(one, torch.Tensor) else one for one in (got, wanted))
    if isinstance(wanted, np.ndarray):
        return np.shape(got) == wanted.shape and np.allclose(got, wanted, rtol=1e-4, atol=1e-5)
    return got == wanted
