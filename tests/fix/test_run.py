"""Fixes are made until none is left; whatever the source, it parses afterwards and a second run changes nothing."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from exportlint.check import check
from exportlint.config import Settings
from exportlint.finding import TARGETS, Edit, Fix, Span
from exportlint.fix import run
from exportlint.fix.fixer import Fixer
from exportlint.fix.run import FixerCrash, proposed, until_stable
from exportlint.fix.site import Site
from exportlint.fix.source import Source, Unfixable
from exportlint.units.run import Means, Run
from exportlint.units.work import Common
from tests.findings import finding, report
from tests.fix.examples import FIXERS, before, fixed, module, result, settings
from tests.rules.fixture import FOLDER

NET = "def f(x):\n    return len(x)\n"


def at(line: int = 2, column: int = 12, end_column: int = 18, **changed):
    return finding(line, column, end_column=end_column, path="net.py", rule="EXL201", **changed)


def test_a_fix_that_the_rule_gave_is_kept():
    given_ = Fix("mine", (Edit(Span("net.py", 1, 1, 1, 1), "#"),), True)
    assert proposed([at(fix=given_)], module(NET))[0].fix is given_


def test_a_finding_of_a_rule_without_fixers_stays_as_it_is():
    place = at()
    other = finding(rule="EXL501", path="gone.py")
    assert proposed([place, other], module(NET))[1] is other


def test_a_file_that_is_gone_gets_no_fix(tmp_path):
    with Run(Common((tmp_path,), tmp_path, TARGETS), Means()) as these:
        assert these.repair([at()]) == [at()]


def test_a_fixer_that_crashes_names_itself_and_the_place(monkeypatch):
    def crash(*_):
        raise ValueError("boom")

    monkeypatch.setattr(run, "fixers_of", lambda rule: (Fixer(rule, crash, "bad-fixer"),))
    with pytest.raises(FixerCrash, match=r"fixer bad-fixer crashed at net\.py:2"):
        proposed([at()], module(NET))


def test_a_fix_that_spoils_the_source_is_a_bug_and_writes_nothing():
    bad = Fix("spoil it", (Edit(Span("net.py", 2, 1, 2, 1), "("),), True)
    with pytest.raises(FixerCrash, match=r"net\.py:\d does not parse after: spoil it"):
        until_stable(lambda texts: report(at(fix=bad)), {"net.py": NET}, lambda f: True)


def test_fixes_that_undo_each_other_end(monkeypatch):
    monkeypatch.setattr(run, "MOST_PASSES", 3)

    def look(texts):
        other = "2" if "1" in texts["net.py"] else "1"
        return report(at(fix=Fix("swap", (Edit(Span("net.py", 1, 1, 1, 2), other),), True)))

    done = until_stable(look, {"net.py": "1\n"}, lambda f: True)
    assert (done.fixes, done.changes[0].after, len(done.left.findings)) == (3, "2\n", 1)


def test_a_function_nested_too_deeply_is_left_alone():
    text = f"def f(x):\n    y = {'-' * 300}x\n    return len(x)\n"
    source = Source(module(text))
    with pytest.raises(Unfixable):
        _ = Site.of(source, Span("net.py", 3, 12, 3, 18)).concrete


def test_what_stands_in_no_statement_is_left_alone():
    source = Source(module("# len(x)\nn = 1\n"))
    assert Site.of(source, Span("net.py", 1, 3, 1, 9)) is None


def test_a_statement_of_a_script_has_a_site():
    source = Source(module("n = len(x)\n"))
    assert Site.of(source, Span("net.py", 1, 5, 1, 11)) is not None


def shaped(text: str, newline: str, tabs: bool, bom: bool, last: bool) -> bytes:
    """The text with other line ends, tabs for indentation, a byte order mark, without the last line end."""
    text = text if last else text.rstrip("\n")
    text = text.replace("    ", "\t") if tabs else text
    return (b"\xef\xbb\xbf" if bom else b"") + text.replace("\n", newline).encode()


@pytest.mark.parametrize("fixer", FIXERS.values(), ids=FIXERS)
@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("plain", [True, False])
def test_layout_is_kept(fixer: Fixer, newline: str, plain: bool, folder):
    """A fix makes of a text in another layout what it makes of the plain one, in that layout."""
    from exportlint.fix.files import write

    options = (newline, not plain, not plain, plain)
    plain_result = result(fixed(folder, before(fixer), settings(folder, fixer)), "")
    (folder / "net.py").write_bytes(shaped(before(fixer), *options))
    configured = settings(folder, fixer)

    def look(texts):
        return check([Path("net.py")], configured, cache=False, texts=texts, fixes=True)

    done = until_stable(look, {}, lambda finding: True)
    write(done.changes)
    assert (folder / "net.py").read_bytes() == shaped(plain_result, *options)


def stable(folder: Path, text: str) -> None:
    """Fixes parse (or FixerCrash is raised), and fixing again changes nothing."""
    configured = Settings(folder, targets=TARGETS)
    done = result(fixed(folder, text, configured), text)
    ast.parse(done)
    assert fixed(folder, done, configured).changes == ()


SOURCES = sorted([*FOLDER.glob("*.py"), *(FOLDER.parents[1] / "examples").glob("*.py")])


@pytest.mark.parametrize("file", SOURCES, ids=lambda file: file.stem)
def test_fixtures_and_examples_parse_afterwards_and_stay(file: Path, folder):
    stable(folder, file.read_text("utf-8"))


TENSOR = st.recursive(
    st.sampled_from(["x", "y", "x[0]", "(x)", "(\n            x  # why\n        )"]),
    lambda inner: st.one_of(
        st.tuples(inner, st.sampled_from("+-*/"), inner).map(lambda p: f"{p[0]} {p[1]} {p[2]}"),
        st.tuples(inner, inner, inner).map(lambda p: f"({p[0]} if ({p[1]}).sum() > 0 else {p[2]})"),
        inner.map(lambda t: f"np.exp({t})"),
        inner.map(lambda t: f"F.dropout({t}, 0.5)"),
        inner.map(lambda t: f"torch.from_numpy(np.sqrt(({t}).numpy()))"),
        inner.map(lambda t: f"({t}) ** math.sqrt(({t}).shape[0])"),
        inner.map(lambda t: f"x[: len({t})]"),
        inner.map(lambda t: f"x[: int(({t}).shape[0])]"),
        inner.map(lambda t: f"x[: -int(({t}).size(0) / 2) ** 2]"),
        inner.map(lambda t: f"x[math.ceil(x.size(1) / 2) :] * math.exp(({t}).sum().item())"),
    ),
    max_leaves=5,
)
STATEMENT = st.one_of(
    TENSOR.map(lambda t: f"        y = {t}\n"),
    st.tuples(TENSOR, TENSOR).map(
        lambda p: (
            f"        if ({p[0]}).any():  # a\n            y = {p[1]}\n        # b\n        else:\n            y = x\n"
        )
    ),
    TENSOR.map(lambda t: f"        if not x.mean() < 1: y = {t}  # c\n"),
    TENSOR.map(lambda t: f"        if x.max().item() > 1:\n            return {t}\n"),
)


@given(st.lists(STATEMENT, min_size=1, max_size=3))
@hypothesis_settings(
    max_examples=12,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
def test_whatever_is_fixed_parses_and_stays(folder, statements):
    head = "import math\nimport numpy as np\nimport torch\nimport torch.nn.functional as F\nfrom torch import nn\n"
    text = f"{head}\n\nclass Net(nn.Module):\n    def forward(self, x: torch.Tensor, y: torch.Tensor, n=2):\n"
    stable(folder, text + "".join(statements) + "        return y\n")


def test_a_pass_does_again_only_what_the_new_text_touches(folder, monkeypatch):
    """And what is kept of a text is right for the file once it holds that text, and for no other."""
    monkeypatch.setenv("EXPORTLINT_CACHE_DIR", str(folder / "cache"))
    model = "import torch\nfrom torch import nn\n\n\nclass Net(nn.Module):\n    def forward(self, x: torch.Tensor):\n"
    old, new = f"{model}        return x * len(x)\n", f"{model}        return x * x.shape[0]\n"
    for name, text in (("net.py", old), ("other.py", old.replace("Net", "Other"))):
        (folder / name).write_text(text, "utf-8")
    configured = Settings(folder, targets=TARGETS)
    first = check([Path()], configured)
    assert first.fresh == first.units
    fixed_ = check([Path()], configured, texts={"net.py": new})
    assert 0 < fixed_.fresh < fixed_.units
    assert fixed_.findings == check([Path()], configured, texts={"net.py": new}, cache=False).findings
    (folder / "net.py").write_text(new, "utf-8")
    assert check([Path()], configured) == fixed_
    assert len(fixed_.findings) < len(first.findings)


BRANCHES = "        if x.sum() > {0}:\n            x = x + {0}\n"
MODEL = "import torch\n\n\nclass Net(torch.nn.Module):\n    def forward(self, x: torch.Tensor):\n{}        return x\n"


@pytest.mark.parametrize(("branches", "repaired"), [(3, True), (3_000, False)])
def test_a_generated_function_is_found_in_and_left_alone(branches: int, repaired: bool, tmp_path: Path):
    """Each finding would be looked at beside all others: a hostile source took minutes so."""
    (tmp_path / "net.py").write_text(MODEL.format("".join(map(BRANCHES.format, range(branches)))))
    found = check([tmp_path / "net.py"], Settings(tmp_path), cache=False, fixes=True).findings
    assert len(found) == branches
    assert any(one.fix is not None for one in found) == repaired
