"""`exportlint operators`: the table for people and for programs."""

import json
import re

import pytest

from exportlint.cli.main import main


@pytest.fixture
def run(capsys):
    def command(*arguments):
        status = main(["operators", *arguments])
        said = capsys.readouterr()
        return status, said.out, said.err

    return command


def test_an_operator_is_found_by_the_end_of_its_name(run):
    status, text, _ = run("grid_sample")
    assert status == 0
    assert "torch.nn.functional.grid_sample\n" in text
    assert "xxxxxxx....." in text  # not before opset 16 with onnx-ts
    assert "measured with torch 2.13" in text


def test_one_cell_can_be_asked_for(run):
    status, text, _ = run("grid_sample", "--target", "onnx-ts", "--opset", "11", "--output-format", "json")
    assert status == 0
    document = json.loads(text)
    (operator,) = [one for one in document["operators"] if one["name"] == "torch.nn.functional.grid_sample"]
    assert {json.dumps(call["outcomes"]) for call in operator["calls"]} == {'{"onnx-ts": {"11": "export failed"}}'}
    assert document["versions"]["onnxruntime"]


def test_the_targets_that_write_no_file_are_shown_and_dynamic_shapes(run):
    _, text, _ = run("grid_sample")
    above, heads, *_ = text.splitlines()
    assert re.split("  +", heads)[-7:] == [
        "trace",
        "script",
        "export",
        "trace",
        "export",
        "onnx-ts 13,17,20",
        "onnx 20",
    ]
    assert above.index("with dynamic shapes") == heads.rindex("trace")
    assert "x..               .        " in text  # not at opset 13, with dynamic shapes either
    _, text, _ = run("corrcoef", "--target", "export")
    assert text.startswith("        with dynamic shapes\nexport  export\ntorch.corrcoef\nx       x       [")


def test_every_further_cell_is_an_entry_for_programs(run):
    _, text, _ = run("corrcoef", "--target", "export", "--output-format", "json")
    (call, *_) = json.loads(text)["operators"][0]["calls"]
    cell = {"target": "export", "opset": None, "outcome": "export failed"}
    assert (call["outcomes"], call["further"]) == ({}, [{**cell, "dynamic": False}, {**cell, "dynamic": True}])
    _, text, _ = run("sin", "--target", "onnx-ts", "--opset", "17", "--output-format", "json")
    (call, *_) = json.loads(text)["operators"][0]["calls"]
    assert call["outcomes"] == {"onnx-ts": {"17": "ok"}}
    assert call["further"] == [{"target": "onnx-ts", "opset": 17, "dynamic": True, "outcome": "ok"}]


def test_dynamic_shapes_can_be_asked_for_alone(run):
    _, text, _ = run("--dynamic", "--target", "export", "--unsupported", "--output-format", "json")
    names = {one["name"] for one in json.loads(text)["operators"]}
    assert "torch.gradient" in names  # exports, for one length
    assert "torch.sin" not in names
    assert "torch.zeros" not in names  # has no other size


def test_a_release_whose_table_has_exporters_alone_shows_those(run):
    _, text, _ = run("sin", "--torch", "2.15")
    assert text.splitlines()[0] == "onnx-ts 9-20  onnx 9-26"


def test_what_works_can_be_left_out(run):
    _, everything, _ = run("--target", "onnx", "--opset", "20", "--output-format", "json")
    _, failing, _ = run("--target", "onnx", "--opset", "20", "--unsupported", "--output-format", "json")
    everything, failing = json.loads(everything)["operators"], json.loads(failing)["operators"]
    names = {one["name"] for one in failing}
    assert "torch.hypot" in names
    assert "torch.sin" not in names
    assert 10 < len(failing) < len(everything) / 2


def test_what_to_write_instead_is_shown(run):
    said = "write `torch.sqrt(x * x + y * y)` instead of `torch.hypot(x, y)`"
    assert said in run("hypot")[1]
    (operator,) = json.loads(run("hypot", "--output-format", "json")[1])["operators"]
    assert operator["instead"][0]["instead"] == "torch.sqrt(x * x + y * y)"
    assert "instead" not in run("sin", "--target", "onnx")[1]


def test_an_alias_leads_to_its_operator(run):
    assert "torch.cat\n" in run("concat")[1]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["grid_sampel"], 'did you mean "grid_sample"'),
        (["sin", "--opset", "25", "--target", "onnx-ts"], "--opset 25: not measured with onnx-ts"),
        (["sin", "--opset", "99"], "--opset"),
        (["sin", "--target", "tflite"], "--target"),
        (["sin", "--target", "script", "--opset", "17"], "--opset 17: not measured with script"),
        (["sin", "--target", "script", "--dynamic"], "--target script: not measured with torch 2.13"),
        (["sin", "--target", "trace", "--torch", "2.15"], "--target trace: not measured with torch 2.15"),
        (["sin", "--opset", "9", "--dynamic"], "--opset 9: not measured with any target and dynamic shapes"),
    ],
)
def test_a_mistake_is_one_line_and_status_two(run, arguments, said):
    status, text, error = run(*arguments)
    assert (status, text) == (2, "")
    assert said in error
    assert error.count("\n") == 1


def test_the_same_question_has_the_same_bytes(run):
    assert run("softmax")[1] == run("softmax")[1]
