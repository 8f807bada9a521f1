"""Function or argument of an exporter that torch no longer has.

## What it does
Reports calls of what was removed from `torch.onnx` (`dynamo_export`, `ExportOptions`, `enable_fake_mode`,
`export_to_pretty_string`...), and arguments of `torch.onnx.export` that it no longer takes: `example_outputs`,
`use_external_data_format`, `enable_onnx_checker`, `fallback`, `strip_doc_string`, a fourth positional argument,
`training=True` or `training=False` with `dynamo=False`, `dynamic_shapes` with `dynamo=False`.

## Why it breaks
The call raises AttributeError, TypeError or ValueError. All were tried with torch 2.13; `fallback` went with 2.11.

## Example
```python
program = torch.onnx.dynamo_export(model, x)
program.save("net.onnx")
```

## Use instead
```python
program = torch.onnx.export(model, (x,))
program.save("net.onnx")
```

## When it is no problem
Behind a test of torch's version, where the project still supports an old torch.
"""

from __future__ import annotations

from collections.abc import Iterator

from exportlint.finding import Finding, Severity
from exportlint.flow.exporting.events import ExportCall, LibraryCall
from exportlint.rule import Context, Rule

TARGETS = ("onnx", "onnx-ts")
REMOVED = {
    "torch.onnx.dynamo_export": "use torch.onnx.export",
    "torch.onnx.ExportOptions": "pass the options to torch.onnx.export",
    "torch.onnx.ONNXRuntimeOptions": "pass the options to torch.onnx.export",
    "torch.onnx.OnnxRegistry": "use `custom_translation_table` of torch.onnx.export",
    "torch.onnx.enable_fake_mode": "export under torch._subclasses.FakeTensorMode",
    "torch.onnx.export_to_pretty_string": "export, and print the program that torch.onnx.export gives",
    "torch.onnx._export": "use torch.onnx.export",
    "torch.onnx.is_onnxrt_backend_supported": "leave it out",
}
"""What torch.onnx of 2.13 does not have any more, and what takes its place."""

GONE = {
    "example_outputs": "leave it out: outputs are taken from a run",
    "use_external_data_format": "use `external_data` with the default exporter",
    "enable_onnx_checker": "call onnx.checker.check_model on the file",
    "strip_doc_string": "leave it out",
    "fallback": "leave it out; choose the exporter with `dynamo`",
}
"""Arguments that torch.onnx.export took once, and what to do instead."""

TAKEN = frozenset(
    "model args f kwargs verbose input_names output_names opset_version dynamo external_data dynamic_shapes "
    "custom_translation_table report optimize verify profile dump_exported_program artifacts_dir export_params "
    "keep_initializers_as_inputs dynamic_axes training operator_export_type do_constant_folding custom_opsets "
    "export_modules_as_functions autograd_inlining".split()
)
"""The parameters of torch.onnx.export in torch 2.13; a test compares them with its signature."""


def check(event: LibraryCall, context: Context) -> Iterator[Finding]:
    """One finding for each thing that is gone."""
    if event.name in REMOVED:
        message = f"torch {context.torch} has no `{event.name}`"
        yield RULE.finding(event.span, event.symbol, message, REMOVED[event.name], TARGETS, Severity.ERROR)
    if event.name != "torch.onnx.export":
        return
    targets = tuple(event.targets)
    for argument in event.arguments:
        said = _gone(argument.name) or _refused(argument, event)
        if said:
            message, help = said
            yield RULE.finding(argument.span, event.symbol, message, help, targets, Severity.ERROR)


def _gone(name: str) -> tuple[str, str] | None:
    if name.isdigit():
        return "torch.onnx.export takes three positional arguments", "give the others by name"
    if name in TAKEN:
        return None
    return f"torch.onnx.export takes no `{name}`", GONE.get(name, "leave it out")


def _refused(argument, event: LibraryCall) -> tuple[str, str] | None:
    if event.targets != {"onnx-ts"}:
        return None
    if argument.name == "training" and isinstance(argument.value, bool):
        return "`training` is no bool but a torch.onnx.TrainingMode", "leave it out, and call `.eval()` before"
    given = not argument.known or argument.value is not None
    if argument.name == "dynamic_shapes" and given:
        return "with dynamo=False torch.onnx.export refuses `dynamic_shapes`", "use `dynamic_axes`, or dynamo=True"
    return None


RULE = Rule("EXL802", "removed-export-api", TARGETS, (LibraryCall, ExportCall), check)
