"""torch's own examples of what torch.export takes and what it does not."""

from __future__ import annotations

import importlib
import pkgutil

from truth.called import Built

FOLDER = "torch/_export/db/examples"


def names() -> list[str]:
    """Modules, one an example."""
    examples = importlib.import_module("torch._export.db.examples")
    return sorted(found.name for found in pkgutil.iter_modules(examples.__path__))


def build(name: str) -> Built:
    """One of `names()`."""
    module = importlib.import_module(f"torch._export.db.examples.{name}")
    return module.model, module.example_args, getattr(module, "example_kwargs", {})
