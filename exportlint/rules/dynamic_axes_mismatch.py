"""`dynamic_axes` that name no input, or an axis that the example input does not have.

## What it does
Compares `dynamic_axes` of a `torch.onnx.export` call with its `input_names` and `output_names`, and the axes with the
sizes of the example inputs. Reports names that are neither, axes beyond the example's rank, and axes counted from the
end.

## Why it breaks
For a name that is neither an input nor an output, `dynamo=True` raises "Failed to convert 'dynamic_axes'", and
`dynamo=False` warns and exports a file of fixed size. For an axis beyond the rank both raise. An axis counted from the
end is dropped without a word by `dynamo=True`; with `dynamo=False` it has been seen to end the process ("free():
invalid pointer").

## Example
```python
model = Net().eval()
torch.onnx.export(model, (x,), "net.onnx", dynamo=False, input_names=["input"], dynamic_axes={"x": {0: "batch"}})
```

## Use instead
```python
model = Net().eval()
torch.onnx.export(model, (x,), "net.onnx", dynamo=False, input_names=["input"], dynamic_axes={"input": {0: "batch"}})
```

## When it is no problem
Never: the axes that were asked for do not get dynamic.
"""

from __future__ import annotations

from collections.abc import Iterator

from exportlint.finding import Finding, Severity
from exportlint.flow.exporting.events import Example, ExportCall
from exportlint.rule import Context, Rule

TARGETS = ("onnx", "onnx-ts")


def check(event: ExportCall, context: Context) -> Iterator[Finding]:
    """One finding for each name or axis that cannot be meant."""
    argument = event.argument("dynamic_axes")
    if argument is None or argument.pairs is None or event.argument("dynamic_shapes") is not None:
        return
    inputs, outputs = _names(event, "input_names"), _names(event, "output_names")
    if inputs is None or outputs is None:
        return
    for name, axes in argument.pairs:
        for message, help in _wrong(event, inputs, outputs, str(name), axes):
            yield RULE.finding(argument.span, event.symbol, message, help, tuple(event.targets), Severity.ERROR)


def _names(event: ExportCall, word: str) -> tuple[str, ...] | None:
    """The names that an argument gives, none where it is not given; None where they are not known."""
    argument = event.argument(word)
    if argument is None or (argument.known and argument.value is None):
        return ()
    return argument.value if argument.known and isinstance(argument.value, tuple) else None


def _wrong(
    event: ExportCall, inputs: tuple[str, ...], outputs: tuple[str, ...], name: str, axes: object
) -> Iterator[tuple[str, str]]:
    if name not in inputs and name not in outputs:
        # With no names at all the dynamo exporter goes by position, and the key does not matter.
        if inputs or event.targets == {"onnx-ts"}:
            listed = ", ".join(map(repr, (*inputs, *outputs))) or "none"
            yield (
                f"`dynamic_axes` names {name!r}, which is neither an input nor an output; the names are {listed}",
                "use a name of `input_names` or `output_names`",
            )
        return
    numbers = [axis for axis in axes if isinstance(axis, int)] if isinstance(axes, tuple) else []
    if any(axis < 0 for axis in numbers):
        yield f"axis {min(numbers)} of {name!r} counts from the end", "count axes from the front"
    example = _example(event, inputs.index(name)) if name in inputs else None
    if example is not None and example.shape is not None:
        beyond = [axis for axis in numbers if axis >= len(example.shape)]
        if beyond:
            sizes = ", ".join("?" if size is None else str(size) for size in example.shape)
            yield (
                f"{name!r} has no axis {beyond[0]}: its example has the sizes ({sizes})",
                "name an axis that the example input has",
            )


def _example(event: ExportCall, position: int) -> Example | None:
    return event.examples[position] if event.examples and position < len(event.examples) else None


RULE = Rule("EXL806", "dynamic-axes-mismatch", TARGETS, (ExportCall,), check)
