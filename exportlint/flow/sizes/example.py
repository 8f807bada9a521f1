"""Where following an example input starts: a model as one call builds it."""

from __future__ import annotations

import ast

from exportlint.flow.arguments import Arguments
from exportlint.flow.interpreter import Interpreter, OutOfBudget
from exportlint.flow.objects import bound_method
from exportlint.flow.sizes.sized import Lost, Mismatch
from exportlint.flow.sizes.walk import Run
from exportlint.flow.values import Instance, Value
from exportlint.source.project import Defined


class Built(Interpreter):
    """Builds models from exactly what their constructors get: defaults and branches are decided."""

    def kept(self, value: Value) -> Value:
        """All of an argument."""
        return value

    def given(self, instance: Instance) -> Arguments:
        """What a constructor gets, and no more."""
        return Arguments(kwargs=dict(instance.arguments))


def mismatch(
    interpreter: Built, cls: Defined, arguments: Arguments, inputs: Arguments, training: bool | None
) -> Mismatch | None:
    """The first operation that cannot take the sizes of `inputs` in a model that `arguments` build.

    None where there is none that we know of. An input is Sized, or Unknown.
    """
    found = interpreter.classes.find(cls, "forward")
    if found is None or not isinstance(found[1], ast.FunctionDef):
        return None
    try:
        instance = interpreter.instance(cls, arguments)
        Run(interpreter, training).call(bound_method(found[0], found[1], instance), inputs)
    except Mismatch as mismatch:
        return mismatch
    except (Lost, OutOfBudget):
        pass  # what was followed until then fits
    return None
