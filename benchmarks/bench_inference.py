"""How many real models exportlint builds and calls with no configuration, and whether their verdicts hold over seeds.

    python benchmarks/bench_inference.py [--jobs N] [--seeds 0,1,2] [--target onnx-ts] [--seconds S]
        [--folder DIR] [--write FILE] [ENTRY]...

Wants timm, vit-pytorch, monai and transformers installed (`make bench-inference` installs them), and torchvision for
timm: any build of it, since its operators are only declared, not run. Results are kept in DIR, so that a run that was
broken off goes on. FILE is the page that tells the figures; the last line printed is one JSON object.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks.inference_page import page
from exportlint.config import ModelSpec, Settings
from exportlint.verify.contract import Job, Result
from exportlint.verify.isolation.sandbox import Sandbox
from exportlint.verify.running import plan
from exportlint.verify.running.kept import Kept
from exportlint.verify.running.runner import Runner

MODELS = Path(__file__).with_name("inference_models.txt")
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
    """Measures, prints a line a model and seed, then the figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("entries", nargs="*")
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument("--seeds", type=lambda text: [int(seed) for seed in text.split(",")], default=[])
    parser.add_argument("--target", default="onnx-ts")
    parser.add_argument("--seconds", type=float, default=240.0)
    parser.add_argument("--folder", type=Path)
    parser.add_argument("--write", type=Path)
    options = parser.parse_args()
    lines = options.entries or MODELS.read_text("utf-8").splitlines()
    entries = [line for line in lines if line and not line.startswith("#")]
    with tempfile.TemporaryDirectory() as temporary:
        folder = (options.folder or Path(temporary)).resolve()
        os.environ["EXPORTLINT_CACHE_DIR"] = str(folder / "kept")
        bench = Bench(folder / "project", entries, options.jobs)
        found = bench.run("spec", entries, plan.Wishes(("export",), seconds=options.seconds, only="spec"))
        usable = [entry for entry in entries if found[entry].status == "ok"]
        verdicts = {
            seed: bench.run(f"seed {seed}", usable, plan.Wishes((options.target,), seed=seed, seconds=options.seconds))
            for seed in options.seeds
        }
    figures = {"models": len(entries), "found": len(usable), "share": round(len(usable) / max(len(entries), 1), 3)}
    if verdicts:
        figures["stable"] = sum(len({each[entry].status for each in verdicts.values()}) == 1 for entry in usable)
    if options.write:
        options.write.write_text(page(found, verdicts, options.target), "utf-8")
    print(json.dumps(figures))


class Bench:
    """The models of the list in a project that says nothing about them."""

    def __init__(self, root: Path, entries: Sequence[str], jobs: int) -> None:
        self.root, self.jobs = root, jobs
        self.named = _project(root, entries)
        os.environ["PYTHONPATH"] = os.pathsep.join([str(root), os.environ.get("PYTHONPATH", "")])

    def run(self, stage: str, entries: Sequence[str], wishes: plan.Wishes) -> dict[str, Result]:
        """The result of each entry; each is told as it comes."""
        models = {model: entry for model, entry in self.named.items() if entry in entries}

        def tell(result: Result) -> None:
            print(f"{stage} {result.status:14} {models[result.model]}: {_told(result)}", flush=True)

        settings = Settings(root=self.root, models=tuple(map(ModelSpec, models)))
        runner = Runner(Sandbox("none", threads=1), self.jobs, Kept("none"))  # one a stage: it gathers all that it ran
        results = runner.run(plan.jobs(settings, (), wishes), _quietly, tell)
        return {models[result.model]: result for result in results}


def _quietly(job: Job) -> None:
    """A start is not worth a line."""


def _told(result: Result) -> str:
    if result.status != "ok":
        return result.reason[:300]
    if not result.inputs_tried:
        return str((dict(result.spec.inputs) if result.spec else {}) or "declared")
    return f"{result.inputs_tried} inputs, {result.times_noise or 0.0:.1f} times the noise"


def _project(folder: Path, entries: Sequence[str]) -> dict[str, str]:
    """Writes what the entries need; the models to verify, each with its name in the list."""
    (folder / "torchvision").mkdir(parents=True, exist_ok=True)
    named, source = {}, ["import timm"]
    for entry in entries:
        package, _, model = entry.partition(":")
        if package == "timm":
            function = f"make_{model}"
            source.append(f"def {function}():\n    return timm.create_model({model!r}, pretrained=False)")
            named[f"zoo.py::{function}"] = entry
        else:
            named[entry] = entry
    for file, text in (("torchvision/__init__.py", TORCHVISION), ("zoo.py", "\n\n\n".join(source) + "\n")):
        if not (folder / file).exists() or (folder / file).read_text("utf-8") != text:
            (folder / file).write_text(text, "utf-8")
    return named


if __name__ == "__main__":
    main()
