"""Argument of torch.onnx.export that the chosen exporter silently ignores.

## What it does
Reports arguments of `torch.onnx.export` that are set to something other than their default and have no effect: with
`dynamo=True` (the default since torch 2.9) `training`, `operator_export_type`, `do_constant_folding`, `custom_opsets`,
`export_modules_as_functions` and `autograd_inlining`; with `dynamo=False` `custom_translation_table`, `report`,
`optimize`, `verify`, `profile`, `dump_exported_program` and `external_data`.

## Why it breaks
The two exporters share one signature. What the chosen one does not know is dropped without a word: `training=TRAINING`
exports the model in whatever mode it is, `verify=True` verifies nothing.

## Example
```python
model = Net().eval()
mode = torch.onnx.TrainingMode
torch.onnx.export(model, (x,), "net.onnx", training=mode.TRAINING)
```

## Use instead
```python
model = Net().eval()
torch.onnx.export(model, (x,), "net.onnx")
```
What is to be exported is the mode that the model is in.

## When it is no problem
When the same call is meant to work with both exporters.
"""

from __future__ import annotations

from collections.abc import Iterator

from exportlint.finding import Finding, Severity
from exportlint.flow.exporting.events import Argument, Dotted, ExportCall
from exportlint.rule import Context, Rule

TARGETS = ("onnx", "onnx-ts")
MODE, KIND = "torch.onnx.TrainingMode.EVAL", "torch.onnx.OperatorExportTypes.ONNX"
DEFAULTS: dict[str, dict[str, tuple[object, ...]]] = {
    "onnx": {
        "training": (MODE, False, None),
        "operator_export_type": (KIND, None),
        "do_constant_folding": (True,),
        "custom_opsets": (None,),
        "export_modules_as_functions": (False,),
        "autograd_inlining": (True,),
    },
    "onnx-ts": {
        "custom_translation_table": (None,),
        "report": (False,),
        "optimize": (True, False),
        "verify": (False,),
        "profile": (False,),
        "dump_exported_program": (False,),
        "external_data": (True, False),
    },
}
"""What each exporter ignores, with the values that ask for nothing."""

INSTEAD = {
    "training": "set the mode of the model itself with `.eval()` or `.train()`",
    "verify": "run the file in ONNX Runtime and compare, or use dynamo=True",
}


def check(event: ExportCall, context: Context) -> Iterator[Finding]:
    """A warning for each argument that asks in vain."""
    if len(event.targets) != 1 or not event.name.startswith("torch.onnx"):
        return
    (target,) = event.targets
    for argument in event.arguments:
        if argument.name in DEFAULTS[target] and not _asks_nothing(argument, DEFAULTS[target][argument.name]):
            message = f"with dynamo={target == 'onnx'} torch.onnx.export ignores `{argument.name}`"
            help = INSTEAD.get(argument.name, "leave it out, or choose the other exporter with `dynamo`")
            yield RULE.finding(argument.span, event.symbol, message, help, (target,), Severity.WARNING)


def _asks_nothing(argument: Argument, defaults: tuple[object, ...]) -> bool:
    value = argument.value.name if isinstance(argument.value, Dotted) else argument.value
    return not argument.known or any(value is one or (isinstance(one, str) and value == one) for one in defaults)


RULE = Rule("EXL803", "ignored-export-argument", TARGETS, (ExportCall,), check)
