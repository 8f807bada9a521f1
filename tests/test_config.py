"""exportlint.toml and [tool.exportlint]: what is read, where it is looked for, and the answer to each mistake."""

import re
from pathlib import Path

import pytest

from exportlint.config import ConfigError, ModelSpec, Settings, load

FULL = """
targets = ["onnx", "trace"]
opset = 18
select = ["EXL1"]
ignore = ["EXL105"]
exclude = ["old/"]
torch = "2.9"
onnxruntime = "1.20"

[[models]]
entry = "net.py::Net"
args = [1, "a"]
kwargs = { classes = 10 }
inputs = { x = "float32[batch, 3]" }
dynamic = { x = { 0 = "batch" } }
targets = ["script"]
opset = 17

[[models]]
entry = "package.module:factory"
inputs = "net.py::example_inputs"
"""


@pytest.fixture
def project(tmp_path, monkeypatch):
    (tmp_path / ".git").mkdir()
    (tmp_path / "net.py").write_text("")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def configured(project, text: str, name: str = "exportlint.toml") -> Settings:
    (project / name).write_text(text)
    return load(project)


def test_every_key_is_read(project):
    settings = configured(project, FULL)
    first = ModelSpec(
        entry="net.py::Net",
        args=(1, "a"),
        kwargs={"classes": 10},
        inputs={"x": "float32[batch, 3]"},
        dynamic={"x": {0: "batch"}},
        targets=("script",),
        opset=17,
    )
    second = ModelSpec(entry="package.module:factory", inputs="net.py::example_inputs")
    assert settings == Settings(
        root=project,
        source=project / "exportlint.toml",
        targets=("trace", "onnx"),
        opset=18,
        select=("EXL1",),
        ignore=("EXL105",),
        exclude=("old/",),
        torch="2.9",
        onnxruntime="1.20",
        models=(first, second),
    )


def test_without_a_configuration_the_defaults_hold(project):
    assert load(project) == Settings(root=project)
    assert Settings(root=project).targets == ("onnx",)


def test_the_nearest_configuration_above_is_taken(project):
    deep = project / "src" / "deep"
    deep.mkdir(parents=True)
    (project / "pyproject.toml").write_text("[tool.exportlint]\nopset = 11\n")
    assert load(deep) == Settings(root=project, source=project / "pyproject.toml", opset=11)
    (project / "src" / "exportlint.toml").write_text("opset = 12\n")
    assert load(deep).opset == 12
    (project / "src" / "exportlint.toml").unlink()
    (project / "src" / "pyproject.toml").write_text("[tool.other]\nopset = 13\n")
    assert load(deep).opset == 11


def test_own_file_wins_over_pyproject_beside_it(project):
    (project / "pyproject.toml").write_text("[tool.exportlint]\nopset = 11\n")
    assert configured(project, "opset = 12").opset == 12


def test_the_search_stops_at_the_root_of_the_repository(project):
    (project / "exportlint.toml").write_text("opset = 11\n")
    inner = project / "inner"
    (inner / ".git").mkdir(parents=True)
    assert load(inner) == Settings(root=inner)


def test_an_explicit_file_is_taken_from_anywhere(project):
    (project / "ci").mkdir()
    (project / "ci" / "strict.toml").write_text("opset = 11\n")
    (project / "exportlint.toml").write_text("opset = 12\n")
    assert load(project, project / "ci" / "strict.toml") == Settings(
        root=project / "ci", source=project / "ci" / "strict.toml", opset=11
    )


def test_a_byte_order_mark_is_no_mistake(project):
    (project / "exportlint.toml").write_bytes(b"\xef\xbb\xbfopset = 11\n")
    assert load(project).opset == 11


def test_a_broken_pyproject_of_others_is_not_ours_to_judge(project):
    assert configured(project, "[broken", "pyproject.toml") == Settings(root=project)


MISTAKES = [
    ("opset = ", "exportlint.toml: is not valid TOML: "),
    ("target = ['onnx']", 'exportlint.toml: target: unknown key (did you mean "targets"?)'),
    ("speed = 1", "exportlint.toml: speed: unknown key"),
    ("targets = 'onnx'", "exportlint.toml: targets: must be a list of strings, not a string"),
    (
        "targets = ['onx']",
        'exportlint.toml: targets: "onx" is none of trace, script, export, onnx, onnx-ts (did you mean "onnx"?)',
    ),
    ("targets = []", "exportlint.toml: targets: must name at least one target"),
    ("targets = [1]", "exportlint.toml: targets: must be a list of strings, but holds a whole number"),
    ("opset = '18'", "exportlint.toml: opset: must be a whole number, not a string"),
    ("opset = true", "exportlint.toml: opset: must be a whole number, not a boolean"),
    ("opset = 6", "exportlint.toml: opset: 6 is not between 7 and 25"),
    ("opset = 26", "exportlint.toml: opset: 26 is not between 7 and 25"),
    ("onnxruntime = '1'", 'exportlint.toml: onnxruntime: "1" is not a release such as "1.20"'),
    ("torch = 2.13", "exportlint.toml: torch: must be a string, not a number"),
    ("torch = 'new'", 'exportlint.toml: torch: "new" is not a release such as "2.13"'),
    ("models = 1", "exportlint.toml: models: must be an array of tables, written [[models]], not a whole number"),
    (
        "models = ['net.py::Net']",
        "exportlint.toml: models: must be an array of tables, written [[models]], but holds a string",
    ),
    (
        "[[models]]",
        'exportlint.toml: models[1].entry: is missing: the model, as "src/net.py::Net" or "package.module:factory"',
    ),
    (
        "[[models]]\nentry = 'Net'",
        'exportlint.toml: models[1].entry: "Net" is neither "path/file.py::Name" nor "package.module:name"',
    ),
    ("[[models]]\nentry = 'gone.py::Net'", 'exportlint.toml: models[1].entry: "gone.py" does not exist (looked in '),
    ("[[models]]\nentry = 'a:b'\nkwarg = {}", 'exportlint.toml: models[1].kwarg: unknown key (did you mean "kwargs"?)'),
    ("[[models]]\nentry = 'a:b'\nkwargs = []", "exportlint.toml: models[1].kwargs: must be a table, not an array"),
    ("[[models]]\nentry = 'a:b'\ninputs = 'gone.py::f'", 'exportlint.toml: models[1].inputs: "gone.py" does not exist'),
    (
        "[[models]]\nentry = 'a:b'\ninputs = 3",
        "exportlint.toml: models[1].inputs: must be a table of shapes or a callable",
    ),
    (
        "[[models]]\nentry = 'a:b'\ninputs = { x = [1] }",
        'models[1].inputs.x: must be a shape such as "float32[1, 3]", not an array',
    ),
    (
        "[[models]]\nentry = 'a:b'\ndynamic = { x = 0 }",
        'models[1].dynamic.x: must be a table such as { 0 = "batch" }, not',
    ),
    (
        "[[models]]\nentry = 'a:b'\ndynamic = { x = { a = 'b' } }",
        "models[1].dynamic.x.a: must be the number of an axis",
    ),
    ("[[models]]\nentry = 'a:b'\ndynamic = { x = { 0 = 1 } }", "models[1].dynamic.x.0: must be the name of a symbolic"),
    ("[[models]]\nentry = 'a:b'\nopset = 99", "exportlint.toml: models[1].opset: 99 is not between 7 and 25"),
]


@pytest.mark.parametrize(("text", "answer"), MISTAKES)
def test_a_mistake_is_answered_with_the_file_and_the_key(project, text, answer):
    with pytest.raises(ConfigError, match=re.escape(answer)) as raised:
        configured(project, text)
    assert "\n" not in str(raised.value)


def test_a_mistake_in_pyproject_names_its_table(project):
    with pytest.raises(ConfigError, match=r"^pyproject\.toml: tool\.exportlint\.opset: 1 is not between"):
        configured(project, "[tool.exportlint]\nopset = 1\n", "pyproject.toml")
    with pytest.raises(ConfigError, match=r"^pyproject\.toml: tool\.exportlint: must be a table$"):
        configured(project, "[tool]\nexportlint = 1\n", "pyproject.toml")
    with pytest.raises(ConfigError, match=r"^pyproject\.toml: tool\.exportlint\.models\[1\]\.entry: is missing"):
        configured(project, "[[tool.exportlint.models]]\n", "pyproject.toml")


def test_a_file_that_cannot_be_read_is_named(project):
    with pytest.raises(ConfigError, match=r"^gone\.toml: cannot be read: No such file or directory$"):
        load(project, project / "gone.toml")
    (project / "exportlint.toml").write_bytes(b'select = ["\xe9"]')
    with pytest.raises(ConfigError, match=r"^exportlint\.toml: is not UTF-8, which TOML must be \(byte 11\)$"):
        load(project)
    (project / "pyproject.toml").write_text("[project]\nname = 'other'\n")
    with pytest.raises(ConfigError, match=r"^pyproject\.toml: tool\.exportlint: is missing$"):
        load(project, project / "pyproject.toml")


def test_the_baseline_is_relative_to_the_configuration(tmp_path, monkeypatch):
    (tmp_path / "exportlint.toml").write_text('baseline = "known.json"\n')
    (tmp_path / "sub").mkdir()
    monkeypatch.chdir(tmp_path / "sub")
    assert load(Path.cwd()).baseline == tmp_path / "known.json"
    monkeypatch.chdir(tmp_path)
    assert load(Path.cwd()).baseline == Path("known.json")
