"""ONNX Runtime fed with a name, a dtype or an object that the exported file does not take.

## What it does
Compares the names that `InferenceSession.run` feeds and asks for with the names that the same script gave to
`torch.onnx.export`, or that the parameters of forward have where it gave none. Reports names that the file does not
have, torch tensors in the place of arrays, and arrays whose dtype is another one than the example's.

## Why it breaks
ONNX Runtime raises: "Required inputs are missing from input feed", "Invalid output name", "Unexpected input data type".
Arrays of numpy.random are float64, while example inputs mostly are float32.

## Example
```python
import onnxruntime

model = Net().eval()
torch.onnx.export(model, (x,), "net.onnx", input_names=["image"])
session = onnxruntime.InferenceSession("net.onnx")
session.run(None, {"input": x.numpy()})
```

## Use instead
```python
import onnxruntime

model = Net().eval()
torch.onnx.export(model, (x,), "net.onnx", input_names=["image"])
session = onnxruntime.InferenceSession("net.onnx")
session.run(None, {"image": x.numpy()})
```

## When it is no problem
Never: the run raises.
"""

from __future__ import annotations

from collections.abc import Iterator

from exportlint.finding import Finding, Severity
from exportlint.flow.events import related_to
from exportlint.flow.exporting.events import Fed, Run
from exportlint.rule import Context, Rule

TARGETS = ("onnx", "onnx-ts")


def check(event: Run, context: Context) -> Iterator[Finding]:
    """An error for each thing that the session refuses."""
    if event.runtime != "onnxruntime":
        return
    related = related_to(event.export)
    for message, help in [*_names(event), *(said for fed in event.fed if (said := _kind(fed)))]:
        targets = tuple(event.targets)
        yield RULE.finding(event.span, event.symbol, message, help, targets, Severity.ERROR, event.confidence, related)


def _names(event: Run) -> Iterator[tuple[str, str]]:
    for kind, known, used in (
        ("input", event.inputs, [fed.name for fed in event.fed if fed.name]),
        ("output", event.outputs, event.asked),
    ):
        for name in used:
            if known and name not in known:
                listed = ", ".join(map(repr, known))
                yield f"the exported file has no {kind} {name!r}; it has {listed}", f"use the name of the {kind}"


def _kind(fed: Fed) -> tuple[str, str] | None:
    if fed.what is None:
        return None
    of = f"input {fed.name!r}" if fed.name else "the input"
    if not fed.what.array:
        return f"{of} is a torch tensor, and ONNX Runtime takes arrays", "feed `tensor.numpy()`"
    given, exported = fed.what.dtype, fed.example.dtype if fed.example else None
    if given and exported and given != exported:
        return f"{of} is {given}, but was exported with {exported}", f"convert the array to {exported}"
    return None


RULE = Rule("EXL811", "session-feed-mismatch", TARGETS, (Run,), check)
