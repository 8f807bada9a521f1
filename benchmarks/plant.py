"""Plants one fault in an ONNX file, at the first operator of a type that the user's code can be held to account for."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy
import onnx
from onnx import numpy_helper

ENDLESS = 2**31 - 1  # an end that means "to the last"
STACK = "pkg.torch.onnx.stack_trace"


@dataclass(frozen=True)
class Site:
    """Where a fault was planted: the node, and the lines of the user's code it comes from, innermost last."""

    node: str
    lines: tuple[int, ...]


class Unfit(Exception):
    """The fault cannot be planted at this node."""


class Graph:
    """A graph to change; constants are given to one node only before they change."""

    def __init__(self, model: onnx.ModelProto) -> None:
        self.graph = model.graph
        self.opset = model.opset_import
        self._made = 0

    def constant(self, name: str) -> numpy.ndarray | None:
        """The value of an initializer or of a Constant node, None for anything computed."""
        for one in self.graph.initializer:
            if one.name == name:
                return numpy_helper.to_array(one)
        for node in self.graph.node:
            if node.op_type == "Constant" and node.output[0] == name and node.attribute[0].name == "value":
                return numpy_helper.to_array(node.attribute[0].t)
        return None

    def give(self, node: onnx.NodeProto, at: int, value: numpy.ndarray) -> None:
        """Makes input `at` of a node a constant of its own."""
        self._made += 1
        name = f"planted_{self._made}"
        self.graph.initializer.append(numpy_helper.from_array(numpy.ascontiguousarray(value), name))
        node.input[at] = name


def changed_constant(graph: Graph, node: onnx.NodeProto, keeps: int) -> None:
    for at in reversed(range(len(node.input))):
        value = graph.constant(node.input[at])
        if value is not None:
            changed = value + 1 if value.dtype.kind in "iu" else value * 1.25 + 0.1
            graph.give(node, at, changed.astype(value.dtype))
            return
    raise Unfit


def swapped_inputs(graph: Graph, node: onnx.NodeProto, keeps: int) -> None:
    first = 1 if node.op_type == "Where" else 0
    if len(node.input) < first + 2 or node.input[first] == node.input[first + 1]:
        raise Unfit
    node.input[first], node.input[first + 1] = node.input[first + 1], node.input[first]


def wrong_axis(graph: Graph, node: onnx.NodeProto, keeps: int) -> None:
    for attribute in node.attribute:
        if attribute.name == "axis":
            attribute.i = {-1: 1, 0: 1, 1: 0}.get(attribute.i, attribute.i - 1)
            return
        if attribute.name == "perm":
            order = list(attribute.ints)
            order[-1], order[-2] = order[-2], order[-1]
            attribute.ints[:] = order
            return
    axes = graph.constant(node.input[1]) if len(node.input) > 1 else None
    if axes is None:
        raise Unfit
    graph.give(
        node, 1, numpy.where(axes == 1, axes * 0 + (2 if node.op_type != "CumSum" else 0), axes - 1).astype(axes.dtype)
    )


def dropped_guard(graph: Graph, node: onnx.NodeProto, keeps: int) -> None:
    for other in graph.graph.node:
        for at, name in enumerate(other.input):
            if name == node.output[0]:
                other.input[at] = node.input[keeps]
    if any(output.name == node.output[0] for output in graph.graph.output):
        raise Unfit
    graph.graph.node.remove(node)


def off_by_one_slice(graph: Graph, node: onnx.NodeProto, keeps: int) -> None:
    if node.op_type == "Gather":
        index = graph.constant(node.input[1])
        if index is None or index.size != 1:
            raise Unfit
        graph.give(node, 1, index + (-1 if index.flat[0] < 0 else 1))
        return
    start, end = graph.constant(node.input[1]), graph.constant(node.input[2])
    if start is None or end is None:
        raise Unfit
    by = -1 if end.flat[0] >= ENDLESS or (end.flat[0] < 0 and start.flat[0]) else 1
    graph.give(node, 1, start + by)
    graph.give(node, 2, numpy.where(end >= ENDLESS, -1, end + by).astype(end.dtype))


FAULTS: dict[str, Callable[[Graph, onnx.NodeProto, int], None]] = {
    fault.__name__: fault for fault in (changed_constant, swapped_inputs, wrong_axis, dropped_guard, off_by_one_slice)
}


def plant(file: Path, kind: str, operator: str, keeps: int = 0) -> Site:
    """Plants a fault of that kind in the file. Raises Unfit where no node of that type takes it."""
    model = onnx.load(str(file))
    graph = Graph(model)
    for node in list(model.graph.node):
        lines = _lines(node)
        if node.op_type != operator or not lines:
            continue
        try:
            FAULTS[kind](graph, node, keeps)
        except Unfit:
            continue
        del model.graph.value_info[:]
        onnx.save(model, str(file))
        return Site(node.name, lines)
    raise Unfit(f"no {operator} takes {kind}")


def _lines(node: onnx.NodeProto) -> tuple[int, ...]:
    text = next((entry.value for entry in node.metadata_props if entry.key == STACK), "")
    return tuple(int(line) for line in re.findall(r"planted/\w+\.py\", line (\d+)", text))
