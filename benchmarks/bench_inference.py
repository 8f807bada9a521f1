"""How many real models exportlint builds and calls with no configuration, and whether their verdicts hold over seeds.

    python benchmarks/bench_inference.py [--jobs N] [--seeds 0,1,2 --sample N --target onnx-ts] [ENTRY]...

Wants timm, vit-pytorch, monai and transformers installed (`make demo` installs the last three), and torchvision for
timm: any build of it, since its operators are only declared, not run. The last line printed is one JSON object.
"""

from __future__ import annotations

import argparse
import json
import os
import tempfile
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path

from exportlint.config import ModelSpec, Settings
from exportlint.verify import plan
from exportlint.verify.contract import Result
from exportlint.verify.runner import Runner
from exportlint.verify.sandbox import Sandbox

MODELS = Path(__file__).with_name("inference_models.txt")
SECONDS = 240.0
# A wheel of torchvision that was built for CUDA imports beside a CPU torch once its operators have schemas.
TORCHVISION = """
import importlib.machinery, importlib.util, os, sys
import torch
library = torch.library.Library("torchvision", "DEF")
boxes = "Tensor input, Tensor rois, float spatial_scale, SymInt pooled_height, SymInt pooled_width"
sizes = "SymInt batch_size, SymInt channels, SymInt height, SymInt width"
steps = ", ".join(f"SymInt {n}" for n in ("sh", "sw", "ph", "pw", "dh", "dw", "groups", "offset_groups"))
conv = "Tensor input, Tensor weight, Tensor offset, Tensor mask, Tensor bias"
for schema in (
    "nms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor",
    "qnms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor",
    f"roi_align({boxes}, int sampling_ratio, bool aligned) -> Tensor",
    f"qroi_align({boxes}, int sampling_ratio, bool aligned) -> Tensor",
    f"_roi_align_backward({boxes}, {sizes}, int sampling_ratio, bool aligned) -> Tensor",
    f"roi_pool({boxes}) -> (Tensor, Tensor)",
    f"_roi_pool_backward(Tensor grad, Tensor rois, Tensor argmax, float scale, SymInt h, SymInt w, {sizes}) -> Tensor",
    f"ps_roi_align({boxes}, int sampling_ratio) -> (Tensor, Tensor)",
    f"_ps_roi_align_backward({boxes}, Tensor mapping, int sampling_ratio, {sizes}) -> Tensor",
    f"ps_roi_pool({boxes}) -> (Tensor, Tensor)",
    f"_ps_roi_pool_backward({boxes}, Tensor mapping, {sizes}) -> Tensor",
    f"deform_conv2d({conv}, {steps}, bool use_mask) -> Tensor",
    f"_deform_conv2d_backward(Tensor grad, {conv}, {steps}, bool use_mask) -> (Tensor, Tensor, Tensor, Tensor, Tensor)",
):
    library.define(schema)
here = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
elsewhere = [path for path in sys.path if os.path.abspath(path or ".") != here]
found = importlib.machinery.PathFinder.find_spec("torchvision", elsewhere)
real = importlib.util.module_from_spec(found)
real.schemas = library
sys.modules["torchvision"] = real
found.loader.exec_module(real)
"""


def main() -> None:
    """Measures, prints a line a model, then the figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("entries", nargs="*")
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument("--seeds", type=lambda text: [int(seed) for seed in text.split(",")], default=[])
    parser.add_argument("--sample", type=int, default=12)
    parser.add_argument("--target", default="onnx-ts")
    options = parser.parse_args()
    lines = options.entries or MODELS.read_text("utf-8").splitlines()
    entries = [line for line in lines if line and not line.startswith("#")]
    with tempfile.TemporaryDirectory() as folder:
        named = _project(Path(folder), entries)
        os.environ["PYTHONPATH"] = os.pathsep.join([folder, os.environ.get("PYTHONPATH", "")])
        wishes = plan.Wishes(("export",), seconds=SECONDS, only="spec")

        def tell(result: Result) -> None:
            said = (dict(result.spec.inputs) if result.spec else {}) or "declared"
            told = said if result.status == "ok" else result.reason[:300]
            print(f"{result.status:12} {named[result.model]}: {told}", flush=True)

        results = _run(Path(folder), list(named), wishes, options.jobs, tell)
        figures = {"models": len(results), "found": sum(result.status == "ok" for result in results)}
        found = [result.model for result in results if result.status == "ok"]
        if options.seeds:
            sample = found[:: max(len(found) // options.sample, 1)][: options.sample]
            figures["stable"] = _stable(Path(folder), sample, options, named)
            figures["sample"] = len(sample)
    print(json.dumps({**figures, "share": round(figures["found"] / max(figures["models"], 1), 3)}))


def _project(folder: Path, entries: Sequence[str]) -> dict[str, str]:
    """Writes what the entries need; the entries to verify, each with its name in the list."""
    (folder / "torchvision").mkdir()
    (folder / "torchvision/__init__.py").write_text(TORCHVISION)
    named, source = {}, ["import timm"]
    for entry in entries:
        package, _, model = entry.partition(":")
        if package == "timm":
            function = f"make_{model}"
            source.append(f"def {function}():\n    return timm.create_model({model!r}, pretrained=False)")
            named[f"zoo.py::{function}"] = entry
        else:
            named[entry] = entry
    (folder / "zoo.py").write_text("\n\n\n".join(source) + "\n")
    return named


def _run(
    folder: Path,
    entries: Sequence[str],
    wishes: plan.Wishes,
    jobs: int,
    tell: Callable[[Result], None] = lambda result: None,
) -> list[Result]:
    settings = Settings(root=folder, models=tuple(ModelSpec(entry) for entry in entries))
    runner = Runner(Sandbox("none", threads=1), jobs)  # one for each run: it gathers all that it ever ran
    return runner.run(plan.jobs(settings, (), wishes), lambda job: None, tell)


def _stable(folder: Path, sample: Sequence[str], options: argparse.Namespace, named: dict[str, str]) -> int:
    """How many models of the sample have one verdict over all seeds."""
    verdicts: dict[str, Counter[str]] = {model: Counter() for model in sample}
    for seed in options.seeds:
        wishes = plan.Wishes((options.target,), seed=seed, seconds=SECONDS)

        def tell(result: Result, seed: int = seed) -> None:
            noise = f", {result.times_noise:.1f} times the noise" if result.times_noise else ""
            told = f"{result.status}, {result.inputs_tried} inputs{noise} {result.reason[:200]}"
            print(f"seed {seed} {named[result.model]}: {told}", flush=True)

        for result in _run(folder, sample, wishes, options.jobs, tell):
            verdicts[result.model][result.status] += 1
    for model, seen in verdicts.items():
        print(f"{named[model]} {options.target}: {dict(seen)}")
    return sum(len(seen) == 1 for seen in verdicts.values())


if __name__ == "__main__":
    main()
