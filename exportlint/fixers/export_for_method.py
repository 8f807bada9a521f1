"""A method that is called after scripting is marked with `@torch.jit.export`.

## Before
```python
class Coder(nn.Module):
    def forward(self, x):
        return x * 2

    def decode(self, x):  # back again
        return x / 2


scripted = torch.jit.script(Coder().eval())
restored = scripted.decode(x)
```

## After
```python
class Coder(nn.Module):
    def forward(self, x):
        return x * 2

    @torch.jit.export
    def decode(self, x):  # back again
        return x / 2


scripted = torch.jit.script(Coder().eval())
restored = scripted.decode(x)
```

## Safety
Safe: eager mode does not look at the mark. `torch.jit.script` compiles the method from then on, and says where it
cannot. Made where the class stands in the same file.
"""

from __future__ import annotations

import ast

from exportlint.finding import Finding, Fix
from exportlint.fix.fixer import Fixer
from exportlint.fix.names import spelled
from exportlint.fix.plain import put_above
from exportlint.fix.site import Site


def fix(finding: Finding, site: Site) -> Fix | None:
    """Repairs a call on a scripted module, at the method without decorators that the finding is related to."""
    mark, method = spelled(site, "torch.jit.export"), finding.related[0]
    if finding.targets != ("script",) or mark is None or method.path != finding.span.path:
        return None
    for node in ast.walk(site.module.tree):
        if isinstance(node, ast.FunctionDef) and node.lineno == method.line and not node.decorator_list:
            return Fix("compile the method too", (put_above(site, node, f"@{mark}"),), True)
    return None


FIXER = Fixer("EXL821", fix)
