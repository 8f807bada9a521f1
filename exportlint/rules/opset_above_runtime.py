"""Opset or IR version that the pinned ONNX Runtime does not load.

## What it does
Compares the file that a call of `torch.onnx.export` writes with the onnxruntime that the project pins: in its lock
file, its requirements, or as `onnxruntime = "1.20"` in the configuration. What each release loads was measured, from
1.15 to 1.32. Says nothing where no release is pinned.

## Why it breaks
`InferenceSession` refuses the file: "ONNX Runtime only *guarantees* support for models stamped with official released
onnx opset versions", or "Unsupported model IR version". The IR version is not asked for: torch 2.13 writes IR version
10 with `dynamo=True` at every opset, which onnxruntime loads from 1.18 on; with `dynamo=False` it depends on the opset.

## Example
```python
# onnxruntime==1.20.1
model = Net().eval()
torch.onnx.export(model, (x,), "net.onnx", opset_version=23)
```

## Use instead
```python
# onnxruntime==1.20.1
model = Net().eval()
torch.onnx.export(model, (x,), "net.onnx", opset_version=21)
```
Or pin a newer onnxruntime: the oldest that loads the file is named.

## When it is no problem
When the file runs elsewhere, in another runtime or another release than the one that is pinned here.
"""

from __future__ import annotations

from collections.abc import Iterator

from exportlint.finding import Finding, Severity
from exportlint.flow.exporting.events import ExportCall
from exportlint.operators.runtimes import Runtime, first_for, ir_written, of_release
from exportlint.rule import DEFAULT_OPSET, Context, Rule

TARGETS = ("onnx", "onnx-ts")


def check(event: ExportCall, context: Context) -> Iterator[Finding]:
    """A warning where the pinned release refuses the file."""
    argument = event.argument("opset_version")
    opset = DEFAULT_OPSET if argument is None else argument.value
    runtime = of_release(context.onnxruntime) if context.onnxruntime else None
    if runtime is None or type(opset) is not int or len(event.targets) != 1 or not event.targets <= set(TARGETS):
        return
    (target,) = event.targets
    ir = ir_written(target, opset)
    message = _refused(runtime, opset, ir)
    if message:
        span = event.span if argument is None or opset <= runtime.opset else argument.span
        yield RULE.finding(span, event.symbol, message, _help(runtime, target, opset, ir), (target,), Severity.WARNING)


def _refused(runtime: Runtime, opset: int, ir: int) -> str:
    if opset > runtime.opset:
        return (
            f"the pinned onnxruntime {runtime.release} loads opset {runtime.opset} at most, and this file has {opset}"
        )
    if ir > runtime.ir:
        return (
            f"the pinned onnxruntime {runtime.release} loads IR version {runtime.ir} at most, and this file has {ir}, "
            "whatever its opset"
        )
    return ""


def _help(runtime: Runtime, target: str, opset: int, ir: int) -> str:
    ways = []
    if ir_written(target, runtime.opset) <= runtime.ir:
        ways.append(f"export at opset {runtime.opset} or lower")
    elif ir_written("onnx-ts", runtime.opset) <= runtime.ir:
        ways.append(f"export with dynamo=False at opset {runtime.opset} or lower")
    newer = first_for(opset, ir)
    if newer:
        ways.append(f"pin onnxruntime {newer.release} or later")
    return " or ".join(ways)


RULE = Rule("EXL504", "opset-above-runtime", TARGETS, (ExportCall,), check)
