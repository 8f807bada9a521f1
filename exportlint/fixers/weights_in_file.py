"""An ONNX file gets the model's weights: `export_params=False` is left out.

## Before
```python
model = Net().eval()
torch.onnx.export(model, (x,), "net.onnx", export_params=False)
```

## After
```python
model = Net().eval()
torch.onnx.export(model, (x,), "net.onnx")
```

## Safety
Unsafe: the model computes the same, but the file is another one, and somebody may want it without weights.
"""

from __future__ import annotations

from exportlint.finding import Finding, Fix
from exportlint.fix.arguments import named_argument, without
from exportlint.fix.fixer import Fixer
from exportlint.fix.site import Site


def fix(finding: Finding, site: Site) -> Fix | None:
    """Repairs an argument that is given by name."""
    found = named_argument(site)
    if found is None or found[1].keyword.value != "export_params":
        return None
    return Fix("write the weights into the file", (without(site, *found),), False)


FIXER = Fixer("EXL804", fix)
