"""Notes: hidden unless asked for, never a reason to fail, always in JSON."""

from __future__ import annotations

import json
from pathlib import Path

from click.testing import CliRunner

from exportlint.cli.check import command

NOTE_ONLY = """\
import torch
from torch import nn


class Net(nn.Module):
    def forward(self, x: torch.Tensor):
        if x.shape[0] > 4:
            x = x * 2
        return x
"""


def _check(folder: Path, *options: str):
    (folder / "net.py").write_text(NOTE_ONLY)
    return CliRunner().invoke(command, [str(folder / "net.py"), *options], standalone_mode=False)


def test_a_note_is_hidden_and_counted(tmp_path):
    result = _check(tmp_path)
    assert result.return_value == 0
    assert "EXL301" not in result.output
    assert "1 note hidden: --pedantic shows them." in result.output


def test_pedantic_shows_notes_and_counts_them_as_findings(tmp_path):
    result = _check(tmp_path, "--pedantic")
    assert result.return_value == 1
    assert "EXL301" in result.output


def test_json_always_carries_notes(tmp_path):
    result = _check(tmp_path, "--output-format", "json")
    assert result.return_value == 0
    assert [f["severity"] for f in json.loads(result.output)["findings"]] == ["info"]
