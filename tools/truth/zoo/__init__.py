"""Real models in small, one file a package: which there are, and how each is built and called.

All are built with random weights; nothing is fetched. A file defines `names()`, and `build(name)`, which returns the
model, its positional and its keyword inputs. `FOLDER` names the folder below site-packages where the sources stand,
where it is not the package's own.
"""

from __future__ import annotations

import importlib
import pkgutil
from types import ModuleType

import torch

from truth.called import Built
from truth.without_kernels import import_torchvision

PACKAGES = tuple(sorted(found.name for found in pkgutil.iter_modules(__path__)))


def names(package: str) -> list[str]:
    """The models of one package that are tried."""
    return _usable(package).names()


def build(package: str, name: str) -> Built:
    """One model in eval mode with its inputs.

    Raises
    ------
    Exception
        Whatever the package raises where it cannot build or call the model; LookupError where no input fits.
    """
    torch.manual_seed(0)
    model, args, kwargs = _usable(package).build(name)
    return model.eval(), args, kwargs


def load(package: str) -> None:
    """Import a package, so that processes forked from this one need not."""
    _usable(package)
    if package != "exportdb":
        importlib.import_module(package)


def folder(package: str) -> str:
    """Where the sources of a package stand, below site-packages."""
    return getattr(_module(package), "FOLDER", package)


def _usable(package: str) -> ModuleType:
    if package != "exportdb":
        import_torchvision()  # most of the packages import it
    return _module(package)


def _module(package: str) -> ModuleType:
    return importlib.import_module(f"{__name__}.{package}")
