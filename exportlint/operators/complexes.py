"""Operations on complex numbers, of which a measurement of the operation alone says little.

ONNX Runtime takes and gives no complex tensor, so a model that is nothing but `torch.polar` cannot be run. Inside a
model the exporter built on torch.export carries a complex tensor as a real one with a last axis of two, and a rotary
embedding or a spectrogram comes out right (measured with torch 2.13: view_as_complex, polar, stft and fft
with real ends).
"""

from __future__ import annotations

from exportlint.flow.events import OperatorCall

_NAMES = frozenset({"view_as_complex", "view_as_real", "polar", "complex", "stft", "istft"})


def hidden_in_graph(event: OperatorCall, target: str) -> bool:
    """Whether a call is complex only inside the graph, where the exporter built on torch.export follows it."""
    name = event.name.rpartition(".")[2]
    is_complex = name in _NAMES or event.name.startswith("torch.fft.")
    return target == "onnx" and is_complex and not event.returned
