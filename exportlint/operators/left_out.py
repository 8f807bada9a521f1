"""Calls of which the table of single operations says little.

Complex numbers: ONNX Runtime takes and gives no complex tensor, so a model that is nothing but `torch.polar` cannot be
run. Inside a model the exporter built on torch.export carries a complex tensor as a real one with a last axis of two,
and a rotary embedding or a spectrogram comes out right (measured with torch 2.13: view_as_complex, polar, stft and fft
with real ends).

Dropout: what is wrong with one that is on is that it is random, which a rule of its own tells (EXL601).

`interpolate(mode="area")`: it is adaptive pooling, where the sizes decide (EXL302).

`torch.meshgrid(x, y, indexing="xy")`: what fails with onnx-ts is one tensor alone.

`torch.cdist(x, y)`: with onnx the sizes decide. Where one of the two has more than 25 rows torch multiplies matrices,
which exports (measured with torch 2.13: 3x3 and 25x25 rows fail, 24x30 and 30x3 export); the table knows few rows only.

`torch.randint(low, high, size)`: its rows in the table cannot be told from those of `torch.randint(high, size)`, which
fails with onnx-ts where this exports.
"""

from __future__ import annotations

from exportlint.flow.events import OperatorCall

_NAMES = frozenset({"view_as_complex", "view_as_real", "polar", "complex", "stft", "istft"})


def pools_by_area(event: OperatorCall) -> bool:
    """Whether a call is `interpolate(mode="area")`, which torch does by adaptive pooling."""
    return event.name == "torch.nn.functional.interpolate" and event.argument("mode", 3) == "area"


def _may_multiply(event: OperatorCall) -> bool:
    """Whether a call of cdist may be done by a product of matrices, as its norm and its mode say."""
    never = event.argument("compute_mode", 3) == "donot_use_mm_for_euclid_dist"
    return event.argument("p", 2, 2.0) == 2 and not never


def is_left_out(event: OperatorCall, target: str) -> bool:
    """Whether the table has no say on a call: complex only inside the graph, a dropout, a pooling, ambiguous."""
    name = event.name.rpartition(".")[2]
    if name == "dropout" or pools_by_area(event):
        return True
    if name == "meshgrid" and "1" in event.given:
        return True
    if name == "randint" and len(event.given) >= 3:
        return True
    if name == "cdist" and target == "onnx" and _may_multiply(event):
        return True
    is_complex = name in _NAMES or event.name.startswith("torch.fft.")
    return target == "onnx" and is_complex and not event.returned
