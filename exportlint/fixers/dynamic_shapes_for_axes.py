"""`dynamic_axes` become the `dynamic_shapes` that the dynamo exporter takes, in the order of the inputs.

## Before
```python
model = Net().eval()
torch.onnx.export(model, (x,), "net.onnx", input_names=["input"], dynamic_axes={"input": {0: "batch"}})
```

## After
```python
model = Net().eval()
torch.onnx.export(model, (x,), "net.onnx", input_names=["input"], dynamic_shapes=({0: "batch"},))
```

## Safety
Safe: no model computes anything else, and the file has the same dynamic inputs. Made where the dict, the input names
and the example inputs are written out in the call. Axes of outputs need no entry: they follow from the inputs.
"""

from __future__ import annotations

import libcst as cst

from exportlint.finding import Finding, Fix
from exportlint.fix.fixer import Fixer
from exportlint.fix.site import Site


def fix(finding: Finding, site: Site) -> Fix | None:
    """Repairs a call whose `dynamic_axes` is a dict of dicts or lists, with a list of `input_names`."""
    axes = site.at(cst.Dict)
    if axes is None or not isinstance(site.parent(axes), cst.Arg):
        return None
    argument, call = site.parent(axes), site.parent(site.parent(axes))
    if not isinstance(call, cst.Call) or argument.keyword is None or argument.keyword.value != "dynamic_axes":
        return None
    inputs = _texts(call, "input_names")
    entries = {_text(element.key): element.value for element in axes.elements if isinstance(element, cst.DictElement)}
    known = {*inputs, *_texts(call, "output_names")}
    if not inputs or len(entries) != len(axes.elements) or not known >= set(entries) or _count(call) != len(inputs):
        return None
    shapes = [_shape(site, name, entries[name]) if name in entries else "{}" for name in inputs]
    if None in shapes:
        return None
    text = f"dynamic_shapes=({', '.join(filter(None, shapes))}{',' if len(shapes) == 1 else ''})"
    return Fix("say it with dynamic_shapes", (site.replaced(argument.keyword, text, axes),), True)


def _argument(call: cst.Call, name: str) -> cst.BaseExpression | None:
    return next((a.value for a in call.args if a.keyword is not None and a.keyword.value == name), None)


def _text(node: cst.BaseExpression) -> str | None:
    return node.evaluated_value if isinstance(node, cst.SimpleString) else None


def _texts(call: cst.Call, name: str) -> list[str]:
    """The texts in a list that is written out, none for anything else."""
    listed = _argument(call, name)
    texts = [_text(item.value) for item in listed.elements] if isinstance(listed, cst.List | cst.Tuple) else []
    return texts if None not in texts else []


def _count(call: cst.Call) -> int:
    """How many example inputs the call has: those of a tuple, or one where a name or a call stands."""
    examples = [a.value for a in call.args if a.keyword is None][1:2] or [_argument(call, "args")]
    if isinstance(examples[0], cst.Tuple):
        return len(examples[0].elements)
    return 1 if examples[0] is not None else 0


def _shape(site: Site, name: str, axes: cst.BaseExpression) -> str | None:
    """The axes of one input: names as they are, made-up ones for a list of axes."""
    if isinstance(axes, cst.Dict):
        return site.code(axes)
    if not isinstance(axes, cst.List | cst.Tuple):
        return None
    numbers = [site.code(item.value) for item in axes.elements]
    return "{" + ", ".join(f'{number}: "{name}_{number}"' for number in numbers) + "}"


FIXER = Fixer("EXL805", fix)
