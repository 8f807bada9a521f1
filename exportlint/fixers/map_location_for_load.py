"""A checkpoint is read to the CPU, wherever it was saved.

## Before
```python
model = Net()
torch.save(model.state_dict(), "net.pt")
model.load_state_dict(torch.load("net.pt"))
```

## After
```python
model = Net()
torch.save(model.state_dict(), "net.pt")
model.load_state_dict(torch.load("net.pt", map_location="cpu"))
```

## Safety
Unsafe: tensors that nothing copies into a model stay on the CPU, where they would have been on a GPU.
"""

from __future__ import annotations

from exportlint.finding import Finding, Fix, Severity
from exportlint.fix.arguments import with_argument
from exportlint.fix.fixer import Fixer
from exportlint.fix.forms import call_of
from exportlint.fix.site import Site


def fix(finding: Finding, site: Site) -> Fix | None:
    """Repairs a call of `torch.load` that is noted for nothing but the missing device."""
    call = call_of(site, ("torch.load",)) if finding.severity is Severity.INFO else None
    if call is None or len(call.args) != 1 or call.args[0].star:
        return None
    return Fix("read it to the CPU", (with_argument(site, call, 'map_location="cpu"'),), False)


FIXER = Fixer("EXL818", fix)
