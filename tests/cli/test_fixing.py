"""`exportlint check` with --fix, --diff and --unsafe-fixes: what is written, what is said, and the exit status."""

import io
import json
import subprocess
import sys

import pytest

SAFE = "        n = len(x)\n"
UNSAFE = "        y = x if x.sum() > 0 else -x\n"
HEAD = "import torch\nfrom torch import nn\n\n\nclass Net(nn.Module):\n    def forward(self, x: torch.Tensor):\n"
TAIL = "        return y * n\n"
NET = HEAD + SAFE + UNSAFE + TAIL
FIXED = HEAD + "        n = x.shape[0]\n" + UNSAFE + TAIL
ALL_FIXED = HEAD + "        n = x.shape[0]\n        y = torch.where(x.sum() > 0, x, -x)\n" + TAIL


@pytest.fixture
def net(project):
    file = project / "net.py"
    file.write_text(NET)
    return file


@pytest.fixture
def checked(exportlint):
    """`exportlint check` for torch.jit.trace."""
    return lambda *arguments: exportlint("check", "--target", "trace", *arguments)


def test_safe_fixes_are_written_and_what_is_left_is_reported(checked, net):
    ended = checked("--fix")
    assert net.read_text() == FIXED
    assert ended.status == 1
    assert ended.err == "exportlint: fixed 1 finding in 1 file; 1 more with --unsafe-fixes\n"
    assert ended.out.startswith("EXL101 ")
    assert "= fix: compute both arms and choose with torch.where (--fix --unsafe-fixes)\n" in ended.out
    assert "EXL201" not in ended.out


def test_unsafe_fixes_are_written_when_asked_for(checked, net):
    ended = checked("--fix", "--unsafe-fixes")
    assert net.read_text() == ALL_FIXED
    assert (ended.status, ended.out) == (0, "Nothing found in 1 file (1 model).\n")
    assert ended.err == "exportlint: fixed 2 findings in 1 file\n"


def test_nothing_to_fix_writes_nothing(checked, net):
    net.write_text(ALL_FIXED)
    before = net.stat()
    ended = checked("--fix")
    assert (ended.status, ended.err) == (0, "exportlint: fixed 0 findings\n")
    assert net.stat().st_ino == before.st_ino


def test_a_diff_writes_nothing_and_fails_for_what_is_found(checked, net, project):
    ended = checked("--diff")
    assert net.read_text() == NET
    assert ended.status == 1
    assert ended.err == "exportlint: would fix 1 finding in 1 file; 1 more with --unsafe-fixes\n"
    (project / "p").write_text(ended.out)
    subprocess.run(["git", "apply", "-p0", "p"], cwd=project, check=True)
    assert net.read_text() == FIXED


def test_a_diff_of_all_fixes_still_fails_for_what_is_found(checked, net):
    assert checked("--diff", "--unsafe-fixes").status == 1
    assert checked("--diff", "--unsafe-fixes", "--exit-zero").status == 0


def test_a_diff_can_be_written_to_a_file(checked, net, project):
    shown = checked("--diff").out
    assert checked("--diff", "--output-file", "fixes.patch").out == ""
    assert (project / "fixes.patch").read_text() == shown


def test_suppressed_and_unselected_findings_are_not_fixed(checked, net):
    net.write_text(NET.replace("len(x)\n", "len(x)  # exportlint: ignore[EXL201] always 1\n"))
    assert checked("--fix").err == "exportlint: fixed 0 findings; 1 more with --unsafe-fixes\n"
    net.write_text(NET)
    assert checked("--fix", "--select", "EXL101").err == "exportlint: fixed 0 findings; 1 more with --unsafe-fixes\n"
    assert net.read_text() == NET


def test_notes_are_fixed_only_when_they_are_shown(checked, net):
    net.write_text(HEAD + "        return x.reshape(int(x.shape[0]), -1)\n")
    assert checked("--fix").err == "exportlint: fixed 0 findings\n"
    assert checked("--fix", "--pedantic").err == "exportlint: fixed 1 finding in 1 file\n"


def test_a_file_that_does_not_parse_hides_no_other_file_s_fixes(checked, net, project):
    (project / "bad.py").write_text("def (")
    ended = checked("--fix")
    assert ended.status == 2
    assert net.read_text() == FIXED


@pytest.mark.parametrize("form", ["json", "sarif"])
def test_reports_for_programs_carry_the_fixes(checked, net, form):
    document = json.loads(checked("--output-format", form).out)
    if form == "json":
        (branch, length) = sorted(document["findings"], key=lambda finding: finding["rule"])
        assert length["fix"]["safe"]
        assert not branch["fix"]["safe"]
        (edit,) = length["fix"]["edits"]
        assert edit == {
            "path": "net.py",
            "line": 7,
            "column": 13,
            "end_line": 7,
            "end_column": 19,
            "text": "x.shape[0]",
        }
    else:
        changes = [result["fixes"][0]["artifactChanges"] for result in document["runs"][0]["results"]]
        assert {"x.shape[0]"} < {change[0]["replacements"][0]["insertedContent"]["text"] for change in changes}


def test_the_report_after_fixes_is_about_what_was_written(checked, net):
    (left,) = json.loads(checked("--fix", "--output-format", "json").out)["findings"]
    assert (left["rule"], left["line"]) == ("EXL101", 8)


def test_standard_input_can_be_shown_but_not_written(checked, monkeypatch):
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(NET.encode())))
    ended = checked("-", "--diff", "--stdin-filename", "src/net.py")
    assert "--- src/net.py\n" in ended.out
    assert "+        n = x.shape[0]\n" in ended.out
    ended = checked("-", "--fix")
    assert ended.status == 2
    assert "--fix writes files and - is none" in ended.err


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--fix", "--diff"), "--fix writes and --diff only shows; give one of them"),
        (("--unsafe-fixes",), "--unsafe-fixes goes with --fix or --diff"),
    ],
)
def test_options_that_contradict_each_other_are_refused(checked, net, options, said):
    ended = checked(*options)
    assert (ended.status, ended.err) == (2, f"exportlint: error: {said}\n")
    assert net.read_text() == NET


def test_findings_in_text_do_not_load_what_fixes_take(project, net):
    code = "import sys; from exportlint.cli.main import main; main(['check', 'net.py']); print('libcst' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], cwd=project, capture_output=True, text=True, check=True)
    assert done.stdout.endswith("False\n")
