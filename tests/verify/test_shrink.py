"""A counterexample ends up small and plain, and its script shows the failure without exportlint."""

from __future__ import annotations

import base64
import io
import subprocess
import sys
from pathlib import Path

import pytest

from exportlint.verify.contract import Attached, Counterexample, Job, Result
from exportlint.verify.isolation.sandbox import Sandbox
from exportlint.verify.running.runner import Runner
from exportlint.verify.saved import FOLDER, saved
from tests.verify.conftest import HEAD, Verify

FAILED = Result(
    "net.py::Net",
    "trace",
    "mismatch",
    counterexample=Counterexample("zeros", 0, ()),
    attached=Attached(npz=base64.b64encode(b"PK").decode(), script='root = "@ROOT@"\n'),
)


def test_files_are_saved_in_a_folder_that_git_does_not_see(tmp_path: Path) -> None:
    found = saved(FAILED, Job("net.py::Net", str(tmp_path), "trace"), tmp_path / FOLDER).counterexample
    assert found is not None
    assert (found.npz, found.saved) == (".exportlint/counterexamples/net.py_Net.trace.npz", "ok")
    assert (tmp_path / ".exportlint/.gitignore").read_text() == "*\n"
    assert (tmp_path / str(found.npz)).read_bytes() == b"PK"
    assert (tmp_path / str(found.script)).read_text() == f'root = "{tmp_path}"\n'


def test_a_folder_that_cannot_be_written_to_is_said(tmp_path: Path) -> None:
    (tmp_path / ".exportlint").write_text("")
    found = saved(FAILED, Job("net.py::Net", str(tmp_path), "trace"), tmp_path / FOLDER).counterexample
    assert found is not None
    assert found.script is None
    assert found.saved.startswith("not saved: ")


def arrays(npz: bytes) -> dict:
    import numpy

    return dict(numpy.load(io.BytesIO(npz)))


def attached(result: Result) -> dict:
    return arrays(base64.b64decode(result.attached.npz))


@pytest.mark.torch
def test_sizes_and_values_shrink_as_far_as_the_failure_allows(verify: Verify) -> None:
    result = verify(
        """
    class Net(nn.Module):
        def forward(self, x, other):
            return x * 2 if (x > 5).any() else x + other.sum()

    def inputs():
        return torch.rand(6, 4), torch.rand(3)
    """,
        "trace",
        dynamic={"x": {0: "rows"}},
    )
    assert (result.status, result.line) == ("mismatch", 7)
    found = attached(result)
    assert set(found) == {"x", "other", "example.x", "example.other"}
    # nothing smaller than one number over 5, and the other input does not matter
    assert found["x"].shape[1:] == (4,)
    assert (found["x"] > 5).sum() == 1
    assert (found["x"] == 0).sum() == found["x"].size - 1
    assert not found["other"].any()


@pytest.mark.torch
def test_a_size_at_fault_is_the_smallest_that_fails(verify: Verify) -> None:
    result = verify(
        """
    class Net(nn.Module):
        def forward(self, x):
            return x + 1 if x.shape[0] < 6 else x

    def inputs():
        return (torch.rand(3, 2),)
    """,
        "trace",
        dynamic={"x": {0: "rows"}},
    )
    assert (result.status, result.rule) == ("mismatch", "EXL301")
    assert attached(result)["x"].shape == (6, 2)


MODELS = {
    "trace": (
        "x, mask=None, scale=None",
        "x * 1.00001 if x.sum() > 0 else x",  # subtler than the tolerance of float32 alone
        '(torch.ones(3),), {"scale": torch.ones(1)}',
        {},
    ),
    "export": ("x, scale: float = 2.0", "x * scale", "torch.ones(3), 3.0", {}),
    "onnx": (
        "parts: dict, more: list, half",
        'parts["a"] * 2 + half.float() if parts["a"].shape[0] < 4 else more[0]',
        '{"a": torch.ones(2)}, [torch.ones(2)], torch.ones(1).half()',
        {"parts.a": {0: "n"}, "more.0": {0: "n"}},
    ),
    "onnx-ts": ("x, mask", "x * 2 if mask.all() else x + mask", "torch.ones(3), torch.tensor([True, True, True])", {}),
}
SOURCE = """
class Net(nn.Module):
    def forward(self, {parameters}):
        return {value}

def inputs():
    return {inputs}
"""


@pytest.mark.torch
@pytest.mark.parametrize("target", ["trace", "onnx", "onnx-ts", "export"])
def test_the_script_reproduces_the_failure_without_exportlint(
    target: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    parameters, value, inputs, dynamic = MODELS[target]
    (tmp_path / "net.py").write_text(HEAD + SOURCE.format(parameters=parameters, value=value, inputs=inputs))
    job = Job("net.py::Net", str(tmp_path), target, inputs="net.py::inputs", dynamic=dynamic)
    result = Runner(Sandbox()).one(job)
    assert (result.status, result.line) == ("mismatch", 6 if target == "export" else 7), result.reason
    found = result.counterexample
    assert found is not None
    assert found.saved == "ok"
    script = (tmp_path / str(found.script)).read_text()
    assert "exportlint" not in script
    assert len(script.splitlines()) <= 18
    done = subprocess.run([sys.executable, str(found.script)], capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "AssertionError" in done.stderr or "onnxruntime" in done.stderr, done.stderr
    if target in ("export", "onnx-ts"):
        return
    # the same script agrees on the input that the export was made with
    found_in = arrays((tmp_path / str(found.npz)).read_bytes())
    example = {name: value for name, value in found_in.items() if name.startswith("example.")}
    with (tmp_path / str(found.npz)).open("wb") as file:
        import numpy

        numpy.savez(file, **example, **{name.removeprefix("example."): value for name, value in example.items()})
    again = subprocess.run([sys.executable, str(found.script)], capture_output=True, text=True, check=False)
    assert again.returncode == 0, again.stderr
