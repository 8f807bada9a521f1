"""An argument that torch.onnx.export no longer takes is left out.

## Before
```python
model = Net().eval()
torch.onnx.export(model, (x,), "net.onnx", example_outputs=model(x), input_names=["x"])
```

## After
```python
model = Net().eval()
torch.onnx.export(model, (x,), "net.onnx", input_names=["x"])
```

## Safety
Safe: the call raised TypeError, and no model computes anything else.
"""

from __future__ import annotations

from exportlint.finding import Finding, Fix
from exportlint.fix.arguments import named_argument, without
from exportlint.fix.fixer import Fixer
from exportlint.fix.site import Site

GONE = ("example_outputs", "use_external_data_format", "enable_onnx_checker", "strip_doc_string", "fallback")
"""What torch.onnx.export took once; other names may be misspelt."""


def fix(finding: Finding, site: Site) -> Fix | None:
    """Repairs an argument that is given by name."""
    found = named_argument(site)
    if found is None or found[1].keyword.value not in GONE:
        return None
    return Fix(f"leave `{found[1].keyword.value}` out", (without(site, *found),), True)


FIXER = Fixer("EXL802", fix)
