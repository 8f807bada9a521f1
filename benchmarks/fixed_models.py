"""Builds and runs models of one package, imported from given sources, for fixed_classes.py.

    python benchmarks/fixed_models.py SOURCES PACKAGE

Reads jobs from stdin, a line of JSON each, and answers each with a line. Every model has a process of its own, with a
deadline. What it computes in each of four stages is told as a digest: parameters after building; outputs in eval mode
on its inputs, and on others; outputs and gradients in training mode. An error there is a part of the stage.
"""

from __future__ import annotations

import copy
import hashlib
import importlib.util
import json
import multiprocessing
import os
import random
import re
import sys
from collections.abc import Callable, Iterator
from importlib.machinery import ModuleSpec
from pathlib import Path
from types import CodeType, FrameType, ModuleType
from typing import Any

import numpy
import torch
from torch.utils import _pytree as pytree

DEADLINE = 90  # processor seconds a model
LONGEST = 20 * DEADLINE  # seconds, on a machine with other work
MOST_MEMORY = 12 << 30  # bytes of addresses
_FORK = multiprocessing.get_context("fork")  # torch and the package are loaded once


class Ran:
    """Which methods of the package, "file::Class.method", are called while it is entered."""

    def __init__(self, root: Path) -> None:
        self.found: set[str] = set()
        self._root = f"{root}{os.sep}"
        self._seen: set[CodeType] = set()

    def __enter__(self) -> Ran:
        sys.setprofile(self._noted)
        return self

    def __exit__(self, *_: object) -> None:
        sys.setprofile(None)

    def _noted(self, frame: FrameType, event: str, _: object) -> None:
        code = frame.f_code
        if event != "call" or code in self._seen:
            return
        self._seen.add(code)
        file = code.co_filename
        if file.startswith(self._root) and re.fullmatch(r"\w+\.\w+", code.co_qualname):
            self.found.add(f"{file.removeprefix(self._root)}::{code.co_qualname}")


def row(job: dict[str, Any], root: Path, package: str) -> dict[str, Any]:
    """Build and run one model."""
    building, running = Ran(root), Ran(root)
    try:
        with building:
            model, args, kwargs = _built(job, package)
        _moved(model)
        with running:
            stages = _stages(model, args, kwargs)
    except Exception as error:
        # Whatever a stranger's package raises: the model is not among those that are compared.
        return {"ran": [], "stages": {}, "error": str(error) if "no model" in str(error) else repr(error)[:300]}
    constructed = {name for name in building.found if name.endswith(".__init__")}
    return {"ran": sorted(running.found | constructed), "stages": stages, "error": ""}


def _seed(seed: int) -> None:
    """Makes all that draws numbers draw the same: some constructors and layer drops do it with numpy."""
    for seeded in (random.seed, numpy.random.seed, torch.manual_seed):
        seeded(seed)


def _built(job: dict[str, Any], package: str) -> Any:
    _seed(0)
    if job["kind"] == "zoo":
        from truth import zoo

        return zoo.build(package, job["name"])
    import exampled
    import guessed

    module, _, name = job["name"].rpartition(".")
    cls = getattr(importlib.import_module(module), name)
    if not (isinstance(cls, type) and issubclass(cls, torch.nn.Module)):
        raise LookupError("no model")
    try:
        return guessed.build(cls)
    except Exception as refusal:  # a guess may be wrong in any way
        if not cls.__doc__ or ">>>" not in cls.__doc__:
            raise
        _seed(0)
        try:
            return exampled.build(cls)
        except Exception as error:  # and so may an example be
            raise LookupError(f"{refusal}; by its example: {error}") from error


def _moved(model: Any) -> None:
    """Moves all parameters at random: many models begin with a last layer of zeros, which hides what is before it."""
    _seed(2)
    with torch.no_grad():
        for parameter in model.parameters():
            if parameter.is_floating_point():
                parameter.add_(torch.randn(parameter.shape) * 0.02)


def _stages(model: Any, args: Any, kwargs: Any) -> dict[str, str]:
    """The digest of each stage. Raises what the model does on its own inputs, LookupError where it gives no tensor."""
    stages = {"parameters": _digest(list(model.state_dict().values()))}
    model.eval()
    with torch.no_grad():
        outputs = _called(model, args, kwargs)
        if not list(tensors(outputs)):
            raise LookupError("no tensor comes out")
        stages["outputs"] = _digest(outputs)
        others = pytree.tree_map_only(torch.Tensor, _other, (args, kwargs))
        stages["other outputs"] = _tried(lambda: _digest(_called(model, *others)))
    stages["training"] = _tried(lambda: _trained(model, args, kwargs))
    return stages


def _trained(model: Any, args: Any, kwargs: Any) -> str:
    """Outputs in training mode, and the gradients of all parameters."""
    outputs = list(tensors(_called(model.train(), args, kwargs)))
    sum(one.float().sum() for one in outputs if one.requires_grad).backward()
    gradients = [parameter.grad for parameter in model.parameters() if parameter.grad is not None]
    return _digest([*outputs, *gradients])


def _called(model: Any, args: Any, kwargs: Any) -> Any:
    _seed(1)
    args, kwargs = copy.deepcopy((args, kwargs))  # it may write into them
    return model(*args, **kwargs)


def _tried(stage: Callable[[], str]) -> str:
    try:
        return stage()
    except Exception as error:  # of a stranger's model; the fixed one has to raise the same
        return type(error).__name__


def _other(tensor: torch.Tensor) -> torch.Tensor:
    return tensor.flip(0) * 1.5 if tensor.is_floating_point() else tensor.flip(-1) if tensor.dim() else tensor


def _digest(value: Any) -> str:
    digest = hashlib.sha256()
    for tensor in tensors(value):
        digest.update(f"{tensor.dtype} {tuple(tensor.shape)}".encode())
        flat = tensor.detach().to_dense() if tensor.layout != torch.strided else tensor.detach()
        digest.update(flat.contiguous().reshape(-1).view(torch.uint8).numpy().tobytes())
    return digest.hexdigest()


def tensors(value: Any) -> Iterator[torch.Tensor]:
    """All tensors in the outputs of a model, in order."""
    if isinstance(value, torch.Tensor):
        yield value
    elif isinstance(value, dict):
        for one in value.values():
            yield from tensors(one)
    elif isinstance(value, list | tuple):
        for one in value:
            yield from tensors(one)
    elif hasattr(value, "__dataclass_fields__"):
        yield from tensors(vars(value))


def answer(job: dict[str, Any], root: Path, package: str) -> dict[str, Any]:
    """What comes of a job: the names of the zoo's models, or a model in a process of its own."""
    if job["kind"] == "names":
        from truth import zoo

        return {"names": zoo.names(package) if package in zoo.PACKAGES else []}
    here, there = _FORK.Pipe(duplex=False)
    process = _FORK.Process(target=_work, args=(there, job, root, package), daemon=True)
    process.start()
    there.close()  # so that the end of the process ends the pipe
    try:
        found = here.recv() if here.poll(LONGEST) else None
    except EOFError:
        return {"ran": [], "stages": {}, "error": f"it ended its process, or took more than {DEADLINE} seconds"}
    if found is None:
        process.kill()
        found = {"ran": [], "stages": {}, "error": f"it took more than {LONGEST} seconds"}
    process.join()
    return found


def _work(end: Any, job: dict[str, Any], root: Path, package: str) -> None:
    import resource

    resource.setrlimit(resource.RLIMIT_AS, (MOST_MEMORY, MOST_MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (DEADLINE, DEADLINE))
    torch.set_num_threads(1)
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    os.dup2(nowhere, 2)
    end.send(row(job, root, package))


def _silence_audio() -> None:
    """Puts an empty torchaudio where there is none: speechbrain imports it, and most of its networks do not call it."""
    if importlib.util.find_spec("torchaudio") is None:
        empty = ModuleType("torchaudio")
        empty.__spec__ = ModuleSpec("torchaudio", None)
        empty.__dict__.update(__version__=torch.__version__, list_audio_backends=lambda: ["none"])
        sys.modules["torchaudio"] = empty


def main() -> None:
    """Imports the package from the sources first, then answers."""
    root, package = Path(sys.argv[1]).resolve(), sys.argv[2]
    sys.path.insert(0, str(root))
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # what packages print is no answer
    from truth.without_kernels import import_torchvision

    import_torchvision()
    _silence_audio()
    imported = Path(importlib.import_module(package).__file__ or "").resolve()
    if not imported.is_relative_to(root):
        sys.exit(f"{package} was imported from {imported}")
    for line in sys.stdin:
        print(json.dumps(answer(json.loads(line), root, package)), file=answers, flush=True)


if __name__ == "__main__":
    main()
