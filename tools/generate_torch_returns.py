"""Write exportlint/data/torch_returns.json and torch_signatures.json from the installed torch.

    python tools/generate_torch_returns.py

What each public function of torch returns, in the words listed in exportlint/data/__init__.py, and the names of its
parameters. Needs torch and expecttest. In order: what stands in torchfacts/by_hand.py; torch's stubs and Python
signatures; its operator schemas; what its own sample inputs returned. A name on which declaration and samples
disagree stops the tool: it must be decided by hand.
"""

from __future__ import annotations

import inspect
import json
import warnings
from pathlib import Path

import torch
from torchfacts import observed
from torchfacts.by_hand import BY_HAND, SIGNATURES
from torchfacts.kinds import combined
from torchfacts.overloads import Overload, signature_overload
from torchfacts.public import PREFIX, overloads_of, public_names

DATA = Path(__file__).parent.parent / "exportlint" / "data"


def kind_of_class(namespace: str, name: str, value: type, samples: dict[str, str]) -> str:
    """What calling a class gives: a tensor, or (for modules) what calling an instance returns."""
    if issubclass(value, torch.nn.Module):
        public = f"{namespace}.{name}"
        if public in samples:
            return samples[public]
        forward = signature_overload(inspect.getattr_static(value, "forward"), skip_self=True)
        kind = combined([forward]) if forward else "unknown"
        return "unknown" if kind == "none" else kind  # containers and base classes only raise
    return "tensor" if name.endswith("Tensor") or issubclass(value, torch.Tensor) else "static"


def refined(declared: str, seen: str | None) -> str | None:
    """The declared kind, made finer by what was seen; None where the two contradict each other."""
    if seen is None or seen == "mixed" or declared == seen:
        return declared
    if declared == "unknown":
        return seen
    if declared == "tensor" and seen in ("tensor:bool", "tensor:int"):
        return seen
    if declared.split(":")[0] == "tensors" and seen.startswith("tensors"):
        return declared
    return None


def shape_depends_on_data() -> set[str]:
    """Operators that torch tags as having an output shape that depends on data, by name without overload."""
    tagged = set()
    for schema in torch._C._jit_get_all_schemas():
        if schema.name.startswith("aten::"):
            packet = getattr(torch.ops.aten, schema.name[6:], None)
            overload = getattr(packet, schema.overload_name or "default", None)
            if torch.Tag.dynamic_output_shape in getattr(overload, "tags", ()):
                tagged.add(schema.name[6:])
    return tagged


def positional(overloads: list[Overload]) -> list[str]:
    """Names by position, "dim|other" where overloads differ, then "*" and those given by keyword only."""
    columns: list[list[str]] = []
    keywords: list[str] = []
    for overload in overloads:
        by_position = [p for p in overload.parameters if not p.by_keyword]
        for index, parameter in enumerate(by_position):
            if index == len(columns):
                columns.append([])
            if parameter.name not in columns[index]:
                columns[index].append(parameter.name)
        keywords += [p.name for p in overload.parameters if p.by_keyword and p.name not in keywords]
    names = ["|".join(column) for column in columns]
    taken = {one for column in columns for one in column}
    keywords = [k for k in keywords if k not in taken]
    return [*names, "*", *keywords] if keywords else names


def tables() -> tuple[dict[str, str], dict[str, list[str]]]:
    """Returns and signatures by public name. Raises SystemExit naming those on which the sources disagree."""
    samples = {**observed.operators(), **observed.modules()}
    tagged = shape_depends_on_data()
    returns: dict[str, str] = {}
    signatures: dict[str, list[str]] = {}
    disagree = []
    for namespace, name, value in public_names():
        public = f"{namespace}.{name}"
        overloads = overloads_of(namespace, name, value)
        if isinstance(value, type):
            kind = kind_of_class(namespace, name, value, samples)
        else:
            declared = combined(overloads) if overloads else "unknown"
            kind = refined(declared, samples.get(public))
            if kind is None and public not in BY_HAND:
                disagree.append(f"{public}: declared {declared}, seen {samples[public]}")
            if kind and kind.startswith("tensor") and PREFIX.get(namespace, "") + name in tagged:
                kind += "!shape"
        if kind == "unknown" and name.startswith(("is_", "has_")):
            kind = "bool:static"  # torch's predicates on types, modes and builds; those on data are in by_hand.py
        returns[public] = BY_HAND.get(public, kind)
        if overloads:
            signatures[public] = SIGNATURES.get(public, positional(overloads))
    if disagree:
        raise SystemExit("decide these in tools/torchfacts/by_hand.py:\n" + "\n".join(disagree))
    unused = sorted(set(BY_HAND) - set(returns))
    if unused:
        raise SystemExit(f"by_hand.py names what torch {torch.__version__} has not: {', '.join(unused)}")
    return returns, signatures


def write(path: Path, table: dict[str, object]) -> None:
    """One entry a line, sorted, so that two torch releases can be compared with diff."""
    lines = [f"{json.dumps(key)}: {json.dumps(value)}" for key, value in sorted(table.items())]
    path.write_text("{\n" + ",\n".join(lines) + "\n}\n")
    print(f"{path.name}: {len(lines)} entries")


def main() -> None:
    """Regenerate both tables."""
    warnings.simplefilter("ignore")
    returns, signatures = tables()
    write(DATA / "torch_returns.json", returns)
    write(DATA / "torch_signatures.json", signatures)


if __name__ == "__main__":
    main()
