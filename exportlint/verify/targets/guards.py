"""What torch.export found that its graph holds for, and the ONNX file made of it says nowhere."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import torch

_SMALLEST = 2  # torch.export takes 0 and 1 for sizes of their own; a dynamic dimension begins here anyway
_MOST = 4


def dropped(program: torch.export.ExportedProgram) -> Mapping[str, str]:
    """A note on the guards of a program under "guards", nothing where it has none.

    They are the ranges of dynamic dimensions and the assertions in the graph. The exporter turns neither into nodes.
    """
    found = list(dict.fromkeys([*_ranges(program), *_assertions(program)]))
    named = ", ".join(found[:_MOST]) + (" and more" if len(found) > _MOST else "")
    return {"guards": f"torch.export's graph holds for {named} only; the ONNX file does not say so"} if found else {}


def _ranges(program: torch.export.ExportedProgram) -> Iterator[str]:
    inputs = set(program.graph_signature.user_inputs)
    for node in program.graph.nodes:
        value = node.meta.get("val") if node.op == "placeholder" and node.name in inputs else None
        for axis, size in enumerate(value.shape if isinstance(value, torch.Tensor) else ()):
            held = program.range_constraints.get(size.node.expr) if isinstance(size, torch.SymInt) else None
            if held is not None and held.upper.is_Integer:
                yield f"{node.name}.shape[{axis}] <= {held.upper}"
            if held is not None and held.lower > _SMALLEST:
                yield f"{node.name}.shape[{axis}] >= {held.lower}"


def _assertions(program: torch.export.ExportedProgram) -> Iterator[str]:
    """The conditions of assertions, in torch's own words without what stands before them."""
    for node in program.graph.find_nodes(op="call_function", target=torch.ops.aten._assert_scalar.default):
        _, _, condition = str(node.args[1]).partition("expression ")
        yield condition.partition(" on node")[0] or str(node.args[1])
