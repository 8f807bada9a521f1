"""An argument that the chosen exporter ignores is left out.

## Before
```python
model = Net().eval()
torch.onnx.export(model, (x,), "net.onnx", do_constant_folding=False)
```

## After
```python
model = Net().eval()
torch.onnx.export(model, (x,), "net.onnx")
```

## Safety
Safe: it had no effect. `training` and `verify` are left alone: what they ask for is to be done in another way.
"""

from __future__ import annotations

from exportlint.finding import Finding, Fix
from exportlint.fix.arguments import named_argument, without
from exportlint.fix.fixer import Fixer
from exportlint.fix.site import Site

_ASK_FOR_MORE = ("training", "verify")


def fix(finding: Finding, site: Site) -> Fix | None:
    """Repairs an argument that is given by name."""
    found = named_argument(site)
    if found is None or found[1].keyword.value in _ASK_FOR_MORE:
        return None
    return Fix(f"leave `{found[1].keyword.value}` out", (without(site, *found),), True)


FIXER = Fixer("EXL803", fix)
