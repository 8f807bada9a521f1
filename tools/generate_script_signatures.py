"""Write exportlint/data/script_signatures.json from the installed torch.

    python tools/generate_script_signatures.py

What torch.jit.script takes for the parameters of each public function of torch and of each method of a tensor, as its
compiler has them: the schemas of the operator that it maps a name to, or those of the compiled function where
torch writes it in Python. Overloads with `out` are left out, and names with an overload that cannot be told.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from typing import Any

import torch
from generate_torch_returns import DATA, write
from torch.jit._builtins import _find_builtin
from torch.jit._script import _get_overloads
from torchfacts.public import public_names

NAMESPACES = (
    "torch",
    "torch.Tensor",
    "torch.fft",
    "torch.linalg",
    "torch.nn.functional",
    "torch.special",
)


def schemas(namespace: str, name: str, value: Any) -> list[Any]:
    """What the compiler knows of a name; nothing where it dispatches in a way of its own."""
    if namespace == "torch.Tensor":
        found = torch._C._jit_get_schemas_for_operator(f"aten::{name}")
        return [schema for schema in found if _takes_tensor_first(schema)]
    if builtin := _find_builtin(value):
        return torch._C._jit_get_schemas_for_operator(builtin)
    if torch._jit_internal.boolean_dispatched.get(value) is not None or not hasattr(value, "__code__"):
        return []
    try:
        return [one.schema for one in _get_overloads(value) or [torch.jit.script(value)]]
    except (RuntimeError, torch.jit.frontend.FrontendError, TypeError, OSError, ValueError):
        return []  # what scripting does not take is another table's matter


def _takes_tensor_first(schema: Any) -> bool:
    first = schema.arguments[0] if schema.arguments else None
    return first is not None and isinstance(first.type, torch.TensorType)


def described(schema: Any, is_method: bool, is_builtin: bool) -> str:
    """The parameters of an overload: "Tensor input, int[1]? dim, bool keepdim=, *, int? dtype="."""
    words = []
    by_keyword = False
    for index, argument in enumerate(schema.arguments):
        if is_method and index == 0:
            continue
        if argument.kwarg_only and not by_keyword:
            by_keyword = True
            words.append("*")
        name = "input" if is_builtin and argument.name == "self" else argument.name
        words.append(f"{_type(argument.type, argument.N)} {name}{'=' if argument.has_default_value() else ''}")
    return ", ".join(words)


def _type(kind: Any, length: int | None = None) -> str:
    if isinstance(kind, torch.OptionalType):
        return f"{_type(kind.getElementType(), length)}?"
    if isinstance(kind, torch.ListType):
        return f"{_type(kind.getElementType())}[{length or ''}]"
    text = str(kind)
    text = "Scalar" if text == "number" else text
    return text if text in ("Tensor", "int", "float", "bool", "str", "Scalar", "Device") else "Any"


def entries() -> Iterator[tuple[str, list[str]]]:
    """Overloads by public name."""
    for namespace, name, value in public_names():
        if namespace not in NAMESPACES or name.startswith("__") or isinstance(value, type):
            continue
        is_method = namespace == "torch.Tensor"
        found = schemas(namespace, name, value)
        is_builtin = is_method or _find_builtin(value) is not None
        texts = {described(s, is_method, is_builtin) for s in found if not any(a.is_out for a in s.arguments)}
        if texts and not name.startswith("has_torch_function"):  # which has a variant for any number of tensors
            yield f"{namespace}.{name}", sorted(texts)


def main() -> None:
    """Regenerate the table."""
    warnings.simplefilter("ignore")
    write(DATA / "script_signatures.json", dict(entries()))


if __name__ == "__main__":
    main()
