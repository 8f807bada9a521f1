"""What a fix claims, torch must back: eager mode computes the same, and the export that failed succeeds and agrees."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import pytest

from exportlint.fix.fixer import Fixer
from exportlint.verify.contract import Job, Result
from tests.fix.examples import EXAMPLES, FIXERS, after, before, model

pytestmark = [pytest.mark.torch, pytest.mark.filterwarnings("ignore")]  # what torch says of the bad examples
SECONDS = 6.0  # of which a quarter at most goes into the search for an input that disagrees
SIZES = ((1, 1, 3), (2, 5, 3), (7, 8, 3), (3, 64, 3), (4, 17, 3))

CASES = {
    f"{name}-{target}": (FIXERS[name], target) for name, example in EXAMPLES.items() for target in example.repaired
}
SAFE = [fixer for fixer in FIXERS.values() if fixer.section("Safety").startswith("Safe")]
CLOSE = [fixer for fixer in FIXERS.values() if fixer not in SAFE and fixer.name != "training-for-dropout"]


def exported(folder: Path, text: str, fixer: Fixer, target: str) -> Result:
    """What `verify` says of an example, in this process."""
    from exportlint.verify.worker import Attempt

    folder.mkdir()
    (folder / "net.py").write_text(text, "utf-8")
    entry = f"net.py::{model(fixer)}"
    example = EXAMPLES[fixer.name]
    job = Job(entry, str(folder), target, inputs="net.py::inputs", dynamic=example.dynamic, seconds=SECONDS)
    return Attempt(job, folder).result()


@pytest.mark.parametrize(("fixer", "target"), CASES.values(), ids=CASES)
def test_the_export_that_failed_succeeds(fixer: Fixer, target: str, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    bad = exported(tmp_path / "before", before(fixer), fixer, target)
    assert bad.status in ("export-failed", "mismatch"), f"{bad.status}: {bad.reason}"
    good = exported(tmp_path / "after", after(fixer), fixer, target)
    assert good.status == "ok", f"{good.status}: {good.reason}"
    assert good.inputs_tried > 1


def loaded(folder: Path, name: str, text: str, fixer: Fixer):
    """The model of an example in eval mode."""
    file = folder / f"{name}.py"
    file.write_text(text, "utf-8")
    spec = importlib.util.spec_from_file_location(name, file)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return getattr(module, model(fixer))().eval()


def samples(fixer: Fixer):
    """Inputs of many sizes, dtypes and magnitudes, NaN and infinities among them."""
    import torch

    generator = torch.Generator().manual_seed(0)
    axes = EXAMPLES[fixer.name].inputs.count(",")
    for size in SIZES:
        for scale in (0.0, 1.0, 1e4):
            yield torch.randn(size[:axes], generator=generator) * scale
            yield torch.randn(size[:axes], generator=generator).double() * scale
    yield torch.full((2, 5, 3)[:axes], float("nan"))
    yield torch.full((2, 5, 3)[:axes], float("inf"))


@pytest.mark.parametrize("fixer", SAFE, ids=lambda fixer: fixer.name)
def test_a_safe_fix_changes_no_bit(fixer: Fixer, tmp_path):
    import torch

    old = loaded(tmp_path, f"{model(fixer)}_old", before(fixer), fixer)
    new = loaded(tmp_path, f"{model(fixer)}_new", after(fixer), fixer)
    for x in samples(fixer):
        one, other = old(x), new(x)
        assert (one.dtype, one.shape) == (other.dtype, other.shape)
        assert one.numpy().tobytes() == other.numpy().tobytes()
        assert torch.equal(torch.isnan(one), torch.isnan(other))


@pytest.mark.parametrize("fixer", CLOSE, ids=lambda fixer: fixer.name)
def test_an_unsafe_fix_computes_the_same_on_floats_but_for_the_last_bits(fixer: Fixer, tmp_path):
    import torch

    old = loaded(tmp_path, f"{model(fixer)}_old", before(fixer), fixer)
    new = loaded(tmp_path, f"{model(fixer)}_new", after(fixer), fixer)
    for x in samples(fixer):
        torch.testing.assert_close(new(x), old(x), equal_nan=True)


def test_dropout_drops_the_same_while_training_and_nothing_afterwards(tmp_path):
    import torch

    fixer = FIXERS["training-for-dropout"]
    old = loaded(tmp_path, "Head_old", before(fixer), fixer)
    new = loaded(tmp_path, "Head_new", after(fixer), fixer)
    for x in samples(fixer):
        torch.manual_seed(7)
        dropped = old.train()(x)
        torch.manual_seed(7)
        assert torch.equal(new.train()(x).nan_to_num(), dropped.nan_to_num())
        assert torch.equal(new.eval()(x).nan_to_num(), x.nan_to_num())


def test_sizes_divide_as_integers():
    """What floor_division_of_size relies on, with Python's integers, for every size that a dimension may have."""
    import math
    import random

    draw = random.Random(0)
    for divisor in range(2, 130):
        for size in [*range(600), *(draw.randrange(2**50) for _ in range(100))]:
            assert int(size / divisor) == math.floor(size / divisor) == size // divisor
            assert math.ceil(size / divisor) == (size + divisor - 1) // divisor


def test_numpy_and_torch_agree_on_every_counterpart():
    import numpy as np
    import torch

    from exportlint.fixers.torch_for_numpy import COUNTERPARTS

    x = torch.linspace(0.01, 0.99, 999, dtype=torch.float64)
    for theirs, ours in COUNTERPARTS.items():
        for dtype in (torch.float32, torch.float64):
            got = getattr(np, theirs.removeprefix("numpy."))(x.to(dtype))
            assert isinstance(got, torch.Tensor)
            torch.testing.assert_close(getattr(torch, ours.removeprefix("torch."))(x.to(dtype)), got)


def test_math_and_torch_agree_on_every_counterpart():
    import importlib

    import torch

    from exportlint.fixers.torch_for_math import COUNTERPARTS

    for theirs, ours in COUNTERPARTS.items():
        function = getattr(importlib.import_module("math"), theirs.removeprefix("math."))
        got = getattr(torch, ours.removeprefix("torch."))(torch.tensor(0.3, dtype=torch.float64))
        assert got.item() == pytest.approx(function(0.3), rel=1e-14)
