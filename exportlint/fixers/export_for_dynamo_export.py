"""`torch.onnx.dynamo_export`, which is gone, becomes `torch.onnx.export`.

## Before
```python
model = Net().eval()
program = torch.onnx.dynamo_export(model, x)
```

## After
```python
model = Net().eval()
program = torch.onnx.export(model, (x,), dynamo=True)
```

## Safety
Safe: the call raised AttributeError, and what it gives now is what it gave then, an ONNXProgram. Calls with
`export_options` are left alone: sizes that were to be dynamic must be named now.
"""

from __future__ import annotations

from exportlint.finding import Finding, Fix
from exportlint.fix.fixer import Fixer
from exportlint.fix.forms import call_of
from exportlint.fix.names import spelled
from exportlint.fix.site import Site


def fix(finding: Finding, site: Site) -> Fix | None:
    """Repairs a call with a model and its inputs."""
    call = call_of(site, ("torch.onnx.dynamo_export",))
    name = spelled(site, "torch.onnx.export")
    if call is None or name is None or not call.args or any(argument.star for argument in call.args):
        return None
    named = [argument for argument in call.args if argument.keyword is not None]
    model, *inputs = [site.code(argument.value) for argument in call.args if argument.keyword is None] or [""]
    if not model or any(argument.keyword.value in ("model", "export_options") for argument in named):
        return None
    given = f"({', '.join(inputs)}{',' if len(inputs) == 1 else ''})"
    pairs = ", ".join(f'"{argument.keyword.value}": {site.code(argument.value)}' for argument in named)
    text = f"{name}({model}, {given}, {f'kwargs={{{pairs}}}, ' if pairs else ''}dynamo=True)"
    return Fix("export with torch.onnx.export", (site.replaced(call, text),), True)


FIXER = Fixer("EXL802", fix)
