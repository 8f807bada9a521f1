"""Model exported, or saved as TorchScript, while it is in training mode.

## What it does
Reports a call of an exporter that some path reaches without `.eval()` on the model: through loops, branches and the
project's own functions. Models without dropout, batch normalization and the like are the same in both modes and stay
silent; so do models that come in as a parameter, whose mode nobody knows.

## Why it breaks
A module is in training mode when it is made. `torch.jit.trace`, `torch.export.export` and `torch.onnx.export` write
down what they see: dropout that drops, batch normalization over the batch at hand. `.eval()` on the result comes too
late. `torch.jit.script` keeps the mode as a flag, so the file that is saved starts in training mode wherever it is
loaded. The dynamo exporter normalizes with the running statistics all the same, and keeps dropout. With `dynamo=False`
it exports in eval mode by itself, unless `training=` says otherwise.

## Example
```python
model = Net()
model.load_state_dict(weights)
torch.onnx.export(model, (x,), "net.onnx")
```

## Use instead
```python
model = Net()
model.load_state_dict(weights)
model.eval()
torch.onnx.export(model, (x,), "net.onnx")
```

## When it is no problem
When the exported program is trained further, which `torch.export` is made for too.
"""

from __future__ import annotations

from collections.abc import Iterator

from exportlint.finding import TARGETS, Finding, Severity
from exportlint.flow.events import related_to
from exportlint.flow.exporting.events import Dotted, ExportCall, Saved
from exportlint.rule import Context, Rule

HELP = "call `.eval()` on the model before this line, on every path that leads here"
KEEPS_MODE = ("torch.onnx.TrainingMode.PRESERVE", "torch.onnx.TrainingMode.TRAINING")


def check(event: ExportCall | Saved, context: Context) -> Iterator[Finding]:
    """An error where the mode is surely training and matters; a warning where one of the two is only likely."""
    targets = event.targets - {"script"} if isinstance(event, ExportCall) else event.targets & {"script"}
    if isinstance(event, ExportCall) and "onnx-ts" in targets and not _keeps_mode(event):
        targets -= {"onnx-ts"}
    if isinstance(event, ExportCall) and event.form in ("scripted", "traced"):
        return  # its mode was decided when it was scripted or traced
    if not targets or "train" not in event.modes or event.sensitive == "nothing":
        return
    surely, known = event.modes == {"train"}, event.sensitive != "unknown"
    if not surely and not (known and "eval" in event.modes):
        return
    wrong = known and (event.sensitive == "dropout" or "onnx" not in targets)
    level = Severity.ERROR if surely and wrong and isinstance(event, ExportCall) else Severity.WARNING
    what = "the model is exported" if isinstance(event, ExportCall) else "the model is saved"
    message = f"{what} in training mode" if surely else f"{what} in training mode on a path without `.eval()`"
    trained = event.trained if isinstance(event, ExportCall) else None
    related = related_to(trained)
    yield RULE.finding(event.span, event.symbol, message, HELP, tuple(targets), level, event.confidence, related)


def _keeps_mode(event: ExportCall) -> bool:
    training = event.argument("training")
    return training is not None and isinstance(training.value, Dotted) and training.value.name in KEEPS_MODE


RULE = Rule("EXL801", "exported-while-training", TARGETS, (ExportCall, Saved), check)
