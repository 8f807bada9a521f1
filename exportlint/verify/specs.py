"""How one model is built and what it is called with: from configuration, or from what the code declares."""

from __future__ import annotations

import importlib
import importlib.util
import inspect
import os
import sys
from collections.abc import Mapping
from pathlib import Path
from types import ModuleType
from typing import Any

import torch

from exportlint.verify.contract import Job
from exportlint.verify.shapes import Shape, ShapeError, parse_shapes
from exportlint.verify.targets import Call

DECLARED = ("example_input_array", "dummy_inputs", "example_inputs")


class NoSpec(Exception):
    """Nothing says how to build or call the model; the text says what to write."""


class NoArguments(NoSpec):
    """`factory` needs arguments that nobody gives."""

    def __init__(self, text: str, factory: Any) -> None:
        super().__init__(text)
        self.factory = factory


class NoInputs(NoSpec):
    """Nobody gives example inputs, or those that a class inherits do not fit."""


def load(entry: str, root: Path) -> tuple[Any, ModuleType]:
    """The object an entry names, and its module. Raises NoSpec where there is none; whatever the import raises."""
    location, _, name = entry.partition("::") if "::" in entry else entry.partition(":")
    module = _import_file(root / location) if "::" in entry else _import_module(location, root)
    found: Any = module
    for part in name.split("."):
        if not hasattr(found, part):
            raise NoSpec(f"{location} has no {name}")
        found = getattr(found, part)
    return found, module


def _on_path(folder: Path) -> None:
    if str(folder) not in sys.path:
        sys.path.insert(0, str(folder))


def _import_module(name: str, root: Path) -> ModuleType:
    for folder in (root / "src", root):
        if folder.is_dir():
            _on_path(folder)
    return importlib.import_module(name)


def _import_file(file: Path) -> ModuleType:
    """Imports a file under the name it has in its package, so that its relative imports work."""
    if not file.is_file():
        raise NoSpec(f"{file.name} does not exist in {file.parent}")
    folder, name = _in_package(file)
    _on_path(folder)
    if "." in name:
        return importlib.import_module(name)
    known = sys.modules.get(name)
    if known is not None and getattr(known, "__file__", None) == str(file):
        return known
    # by location, since a file may well be called like an installed module
    spec = importlib.util.spec_from_file_location(name, file)
    if spec is None or spec.loader is None:
        raise NoSpec(f"{file.name} is no Python file")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


def _in_package(file: Path) -> tuple[Path, str]:
    """The folder that must be on the path to import a file, and the module's name from there."""
    folder, parts = file.resolve().parent, [file.stem]
    while (folder / "__init__.py").is_file():
        parts.insert(0, folder.name)
        folder = folder.parent
    return folder, ".".join(parts)


def location(entry: str, root: Path) -> tuple[str, str, str]:
    """Where an entry is imported from: the folder as seen from the root, the module, the name in it."""
    if "::" not in entry:
        module, _, name = entry.partition(":")
        return ("src" if (root / "src").is_dir() else "."), module, name
    file, _, name = entry.partition("::")
    folder, module = _in_package(root / file)
    return os.path.relpath(folder, root.resolve()), module, name


def build(job: Job) -> tuple[torch.nn.Module, ModuleType]:
    """The model of a job in eval mode. Raises NoSpec, or whatever the constructor raises."""
    found, module = load(job.entry, Path(job.root))
    if isinstance(found, torch.nn.Module):
        return _with_weights(found, job).eval(), module
    if not callable(found):
        raise NoSpec(f"{job.entry} is {type(found).__name__}, neither a model nor something that makes one")
    missing = _missing(found, job)
    if missing:
        wanted = ", ".join(f"{name} = ..." for name in missing)
        text = f"{job.entry} cannot be built without arguments: write `kwargs = {{ {wanted} }}` under its [[models]]"
        raise NoArguments(text, found)
    root = Path(job.root)
    model = found(*made(list(job.args), root), **made(dict(job.kwargs), root))
    if not isinstance(model, torch.nn.Module):
        raise NoSpec(f"{job.entry} made a {type(model).__name__}, not a torch.nn.Module")
    return _with_weights(model, job).eval(), module


def made(value: Any, root: Path = Path()) -> Any:
    """Plain values with each {"make": entry, ...} in them replaced by what it makes. Raises NoSpec, or what they raise.

    `args` among the keys are positional arguments, all others keywords.
    """
    if isinstance(value, list):
        return [made(item, root) for item in value]
    if not isinstance(value, dict):
        return value
    inner = {key: made(item, root) for key, item in value.items() if key != "make"}
    if not isinstance(value.get("make"), str):
        return inner if "make" not in value else {**inner, "make": value["make"]}
    factory, _ = load(value["make"], root)
    return factory(*inner.pop("args", []), **inner)


def _with_weights(model: torch.nn.Module, job: Job) -> torch.nn.Module:
    """The model with the state dict of the job's file, if it names one. Raises what torch says of a misfit."""
    if job.weights:
        file = Path(job.root) / job.weights
        if file.suffix == ".safetensors":
            from safetensors.torch import load_file

            state = load_file(str(file))
        else:
            state = torch.load(file, map_location="cpu", weights_only=True)
        model.load_state_dict(state)
    return model


def _missing(factory: Any, job: Job) -> list[str]:
    try:
        parameters = inspect.signature(factory).parameters.values()
    except ValueError:  # built in C: it says itself what it misses
        return []
    plain = [p for p in parameters if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)]
    given = {p.name for p in plain[: len(job.args)]} | set(job.kwargs)
    needed = [*plain, *(p for p in parameters if p.kind is p.KEYWORD_ONLY)]
    return [p.name for p in needed if p.default is p.empty and p.name not in given]


def example(job: Job, model: torch.nn.Module, module: ModuleType) -> tuple[Call, dict[str, dict[int, str]]]:
    """The example call and its dynamic axes by leaf name. Raises NoSpec, or whatever a callable of the user raises."""
    signature = inspect.signature(model.forward)
    dynamic = {name: dict(axes) for name, axes in job.dynamic.items()}
    if isinstance(job.inputs, Mapping):
        shapes = _shapes(job.inputs)
        call = _bound(
            {name: tensor_of(shape, job.seed + at) for at, (name, shape) in enumerate(shapes.items())}, signature
        )
        implied = {name: dict(shape.dynamic) for name, shape in shapes.items() if shape.dynamic}
        dynamic = {name: {**implied.get(name, {}), **dynamic.get(name, {})} for name in {**implied, **dynamic}}
    else:
        call = _call(_declared(job, model, module), signature)
    try:
        leaves = call.leaves()
    except TypeError as error:
        wrong = NoSpec if job.inputs is not None else NoInputs
        raise wrong(f"the example inputs do not fit forward{signature}: {error}") from error
    _check_dynamic(dynamic, leaves)
    return call, dynamic


def _declared(job: Job, model: torch.nn.Module, module: ModuleType) -> Any:
    torch.manual_seed(job.seed)
    if isinstance(job.inputs, str):
        found, _ = load(job.inputs, Path(job.root))
        return found() if callable(found) else found
    for owner in (model, module):
        for name in DECLARED:
            found = getattr(owner, name, None)
            if found is not None:
                return found() if callable(found) and not isinstance(found, torch.Tensor) else found
    parameters = named_parameters(model, required=True)
    shapes = ", ".join(f'{name} = "float32[batch, ...]"' for name in parameters or ["x"])
    raise NoInputs(
        f"no example inputs: write `inputs = {{ {shapes} }}` under the [[models]] of {job.entry}, or give "
        "--inputs file.py::function, or let the model declare example_inputs"
    )


def inherits_inputs(model: torch.nn.Module) -> bool:
    """Whether example inputs are declared by a base class alone, which need not know this model's."""
    declared = [name for name in DECLARED if getattr(model, name, None) is not None]
    return bool(declared) and not any(name in vars(type(model)) or name in vars(model) for name in declared)


def named_parameters(model: torch.nn.Module, required: bool = False) -> list[str]:
    """The parameters of forward that take a position, in their order; only those without a default if `required`."""
    parameters = inspect.signature(model.forward).parameters.values()
    plain = [p for p in parameters if p.kind is p.POSITIONAL_OR_KEYWORD]
    return [p.name for p in plain if p.default is p.empty or not required]


def _call(value: Any, signature: inspect.Signature) -> Call:
    """What the user gave as a call: a tensor, a tuple of arguments, a dict of keywords, or (tuple, dict)."""
    if isinstance(value, Mapping):
        return _bound(dict(value), signature)
    if isinstance(value, list):
        value = tuple(value)
    if not isinstance(value, tuple) or hasattr(value, "_fields"):
        return Call((value,), {}, signature)
    keywords = len(value) == 2 and isinstance(value[0], tuple) and isinstance(value[1], dict)
    if keywords and all(isinstance(key, str) for key in value[1]):
        return Call(value[0], value[1], signature)
    return Call(value, {}, signature)


def _bound(arguments: dict[str, Any], signature: inspect.Signature) -> Call:
    """Keywords as positional arguments, as far as they fill the first parameters without a gap."""
    left, args = dict(arguments), []
    for parameter in signature.parameters.values():
        if parameter.kind is not parameter.POSITIONAL_OR_KEYWORD or parameter.name not in left:
            break
        args.append(left.pop(parameter.name))
    return Call(tuple(args), left, signature)


def _shapes(texts: Mapping[str, str]) -> dict[str, Shape]:
    try:
        return parse_shapes(texts)
    except ShapeError as error:
        raise NoSpec(str(error)) from error


def tensor_of(shape: Shape, seed: int) -> torch.Tensor:
    """Random values of a shape: normal, or whole numbers from 0 up to its bound."""
    generator = torch.Generator().manual_seed(seed)
    dtype = getattr(torch, shape.dtype)
    if dtype == torch.bool:
        return torch.rand(shape.sizes, generator=generator) < 0.5
    if shape.bound is not None:
        return torch.randint(shape.bound, shape.sizes, generator=generator).to(dtype)
    return torch.randn(shape.sizes, generator=generator, dtype=torch.float64).to(dtype)


def _check_dynamic(dynamic: Mapping[str, Mapping[int, str]], leaves: Mapping[str, Any]) -> None:
    for name, axes in dynamic.items():
        leaf = leaves.get(name)
        if not isinstance(leaf, torch.Tensor):
            raise NoSpec(f"dynamic.{name}: no tensor of that name; the inputs are {', '.join(leaves)}")
        for axis in axes:
            if axis >= leaf.dim():
                raise NoSpec(f"dynamic.{name}.{axis}: {name} has {leaf.dim()} dimensions")
