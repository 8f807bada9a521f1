"""Builds and runs the models of one package, imported from given sources, for bench_fix.py.

    python benchmarks/fixed_models.py SOURCES PACKAGE [MODEL ...]

Prints a line of JSON a model: its name, the classes of all its modules and their bases, the digest of its outputs'
dtypes, shapes and bytes, and the error where it could not be built or run. Seeds are fixed. Without models: all of
tools/truth/zoo.py.
"""

from __future__ import annotations

import hashlib
import json
import sys
from collections.abc import Iterator
from contextlib import redirect_stdout
from pathlib import Path
from typing import Any


def row(zoo: Any, package: str, name: str) -> dict[str, Any]:
    """Build and run one model."""
    import torch

    try:
        with redirect_stdout(sys.stderr):
            model, args, kwargs = zoo.build(package, name)
            torch.manual_seed(1)
            with torch.no_grad():
                outputs = model(*args, **kwargs)
    except Exception as error:
        # Whatever a stranger's package raises: the model is not among those that are compared.
        return {"model": name, "classes": [], "outputs": "", "error": f"{type(error).__name__}: {error}"}
    digest = hashlib.sha256()
    for tensor in tensors(outputs):
        digest.update(f"{tensor.dtype} {tuple(tensor.shape)}".encode())
        digest.update(tensor.detach().contiguous().reshape(-1).view(torch.uint8).numpy().tobytes())
    classes = {f"{cls.__module__}.{cls.__qualname__}" for part in model.modules() for cls in type(part).__mro__}
    return {"model": name, "classes": sorted(classes), "outputs": digest.hexdigest(), "error": ""}


def tensors(value: Any) -> Iterator[Any]:
    """All tensors in the outputs of a model, in order."""
    import torch

    if isinstance(value, torch.Tensor):
        yield value
    elif isinstance(value, dict):
        for one in value.values():
            yield from tensors(one)
    elif isinstance(value, list | tuple):
        for one in value:
            yield from tensors(one)


def main() -> None:
    """Imports the package from the sources first, then builds."""
    sources, package, *wanted = sys.argv[1:]
    sys.path.insert(0, sources)
    from truth import zoo

    names = wanted or zoo.names(package)
    imported = Path(__import__(package).__file__ or "").resolve()
    if not imported.is_relative_to(Path(sources).resolve()):
        sys.exit(f"{package} was imported from {imported}")
    for name in names:
        print(json.dumps(row(zoo, package, name)), flush=True)


if __name__ == "__main__":
    main()
