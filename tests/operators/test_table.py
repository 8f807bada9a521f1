"""The shipped table: whole, readable, and of operators that torch has."""

import subprocess
import sys

import pytest

from exportlint.data import torch_returns
from exportlint.operators import table as tables
from exportlint.operators.table import load, releases

FURTHER = {tables.BREAKS, tables.STATIC, tables.MIXED, tables.RIGID}
LETTERS = {
    tables.OK,
    tables.EXPORT,
    tables.RUNTIME,
    tables.DIFFERS,
    tables.CRASH,
    tables.TIMEOUT,
    tables.OTHER_OPSET,
    tables.UNMEASURED,
}


@pytest.fixture(params=[".".join(map(str, release)) for release in sorted(releases())])
def table(request):
    return load(request.param)


def test_it_says_what_was_measured(table):
    assert {"torch", "onnx", "onnxscript", "onnxruntime"} <= set(table.versions)
    assert set(table.opsets) == {"onnx-ts", "onnx"}


def test_every_row_has_a_letter_for_every_opset(table):
    for name in table.names():
        for row in table.rows(name):
            for exporter, letters in row.outcomes.items():
                assert len(letters) == len(table.opsets[exporter]), name
                assert set(letters) <= LETTERS, name


def test_every_way_out_has_a_letter_for_each_of_its_cells(table):
    for name in table.names():
        for row in table.rows(name):
            assert len(row.further) in (0, sum(map(len, table.further.values()))), name
            for way, opsets in table.ways.items():
                letters = table.letters(row, way)
                assert len(letters) == len(opsets), (name, way)
                assert set(letters) <= LETTERS | FURTHER, (name, way)


def test_the_other_ways_out_are_measured_for_nearly_every_operator():
    table = load("2.13")
    assert set(table.further) >= {"trace", "script", "export", "export dynamic", "onnx-ts dynamic", "onnx dynamic"}
    for way in ("trace", "script", "export"):
        letters = {name: {table.letters(row, way) for row in table.rows(name)} for name in table.names()}
        missing = [name for name, its in letters.items() if its == {tables.UNMEASURED}]
        assert len(missing) < len(letters) / 10, (way, missing)


def test_a_table_without_them_reads_as_not_measured():
    table = load("2.15")
    assert (table.further, table.rows("torch.sin")[0].further) == ({}, "")
    assert load("2.13").letters(table.rows("torch.sin")[0], "onnx-ts dynamic") == "???"


@pytest.mark.parametrize(
    ("name", "way", "letter"),
    [
        ("torch.sin", "export dynamic", tables.OK),
        ("torch.corrcoef", "export", tables.EXPORT),
        ("torch.Tensor.bfloat16", "script", tables.EXPORT),
        ("torch.nn.LSTM", "trace dynamic", tables.OK),
        ("torch.gradient", "export dynamic", tables.STATIC),
    ],
)
def test_facts_that_one_export_shows(name, way, letter):
    table = load("2.13")
    assert letter in {table.letters(row, way) for row in table.rows(name)}


def test_no_row_stands_twice_and_none_is_empty(table):
    for name in table.names():
        rows = table.rows(name)
        assert rows
        assert all(row not in rows[:index] for index, row in enumerate(rows)), name
        assert all(any(set(letters) != {tables.UNMEASURED} for letters in row.outcomes.values()) for row in rows), name


def test_the_operators_are_torch_s(table):
    """By the names that the interpreter gives to calls; internal ones and those of torch.ops have no public name."""
    public = [name for name in table.names() if not name.startswith(("torch.ops.", "operator.")) and "._" not in name]
    unknown = [name for name in public if name not in torch_returns() and not name.startswith("torch.masked.")]
    assert len(unknown) < len(public) / 50, unknown


def test_both_exporters_do_most_and_neither_all(table):
    for exporter, opsets in table.opsets.items():
        at = opsets.index(18)
        letters = [table.rows(name)[0].outcomes[exporter][at] for name in table.names()]
        assert 0.5 < letters.count(tables.OK) / len(letters) < 0.95


def test_aliases_lead_to_rows(table):
    assert all(target in table for target in table.aliases.values())


def test_it_is_read_when_an_operator_is_looked_up_and_once(tmp_path):
    """A check without a call of torch never opens it: 9 ms of processor time, measured, for the rest."""
    opened = """if True:
        import json, sys
        from exportlint.cli.main import main
        from exportlint.operators import table

        class Loads(list):
            def __call__(self, text):
                self.append(len(text))
                return json.loads(text)

        table.json = type("json", (), {"loads": Loads()})
        main(["check", "--no-cache", "--target", "onnx", "--target", "onnx-ts", sys.argv[1]])
        print(len(table.json.loads), file=sys.stderr)
    """
    head = "from torch import nn\n\n\nclass Model(nn.Module):\n    def forward(self, x):\n"
    for name, body, loads in (("plain", "        return x\n", 0), ("calls", "        return x.sin().cos().erf()\n", 1)):
        file = tmp_path / f"{name}.py"
        file.write_text(head + body)
        done = subprocess.run([sys.executable, "-c", opened, str(file)], capture_output=True, text=True, check=True)
        assert done.stderr.splitlines()[-1] == str(loads), name


@pytest.mark.parametrize(("asked", "given"), [("2.13", "2.13"), ("2.13.1+cpu", "2.13"), ("2.99", None), ("1.0", None)])
def test_the_nearest_release_stands_in(asked, given):
    known = sorted(releases())
    versions = load(asked).versions["torch"]
    if given is None:
        given = ".".join(map(str, known[-1] if asked == "2.99" else known[0]))
    assert versions.startswith(given)
