"""Builds one class of a package as the example in its documentation does, and takes the inputs from there."""

from __future__ import annotations

import copy
import doctest
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import torch
from torch import nn
from truth.called import Built, small


def build(cls: type[nn.Module]) -> Built:
    """A model of a class with inputs. Raises LookupError where no example calls one, or what the example does."""
    examples = doctest.DocTestParser().get_examples(cls.__doc__ or "")
    namespace = {**vars(sys.modules[cls.__module__]), "torch": torch, cls.__name__: cls}
    with _recorded(cls) as calls:
        for example in examples:
            exec(compile(example.source, f"the example of {cls.__name__}", "exec"), namespace)
            if calls:
                model, args, kwargs = calls[0]
                return small(model).float(), args, kwargs
    raise LookupError(f"no example calls {cls.__name__}")


@contextmanager
def _recorded(cls: type[nn.Module]) -> Iterator[list[Built]]:
    """The calls of models of a class, through the model or of its forward, with copies of what they got."""
    calls: list[Built] = []
    forward, own = cls.forward, "forward" in vars(cls)

    def noted(self: nn.Module, *args: Any, **kwargs: Any) -> Any:
        if type(self) is cls:
            calls.append((self, *copy.deepcopy((args, kwargs))))
        return forward(self, *args, **kwargs)

    cls.forward = noted
    try:
        yield calls
    finally:
        if own:
            cls.forward = forward
        else:
            del cls.forward
