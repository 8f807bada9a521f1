"""The dynamo exporter is asked for an opset that it writes by itself.

## Before
```python
model = Net().eval()
torch.onnx.export(model, (x,), "net.onnx", opset_version=11)
```

## After
```python
model = Net().eval()
torch.onnx.export(model, (x,), "net.onnx", opset_version=18)
```

## Safety
Unsafe: the model computes the same, but a runtime that knows no opset 18 wants `dynamo=False` instead.
"""

from __future__ import annotations

import libcst as cst

from exportlint.finding import Finding, Fix
from exportlint.fix.arguments import named_argument
from exportlint.fix.fixer import Fixer
from exportlint.fix.site import Site

LOWEST = 18
"""The lowest opset that the dynamo exporter of torch 2.13 writes without converting."""


def fix(finding: Finding, site: Site) -> Fix | None:
    """Repairs a number below 18 that is given to the dynamo exporter by name."""
    found = named_argument(site) if finding.targets == ("onnx",) else None
    if found is None or not isinstance(found[1].value, cst.Integer) or found[1].value.evaluated_value >= LOWEST:
        return None
    edit = site.replaced(found[1].value, str(LOWEST))
    return Fix(f"ask for opset {LOWEST}", (edit,), False)


FIXER = Fixer("EXL807", fix)
