"""A model is put into eval mode before it is exported.

## Before
```python
model = Net()
program = torch.export.export(model, (x,))
```

## After
```python
model = Net()
model.eval()
program = torch.export.export(model, (x,))
```

## Safety
Unsafe: what follows gets the model in eval mode too. A model that is trained further wants `.train()` again.
"""

from __future__ import annotations

import libcst as cst

from exportlint.finding import Finding, Fix
from exportlint.fix.fixer import Fixer
from exportlint.fix.site import Site

_NAMED = (cst.Name, cst.Attribute)
_STATEMENTS = (cst.SimpleStatementLine, cst.BaseCompoundStatement)


def fix(finding: Finding, site: Site) -> Fix | None:
    """Puts `model.eval()` on a line before the statement, or `.eval()` behind the call that makes the model."""
    call = site.at(cst.Call)
    model = _model(call) if call is not None else None
    if model is None or call is None:
        return None
    if isinstance(model, cst.Call):
        return Fix("put the model into eval mode", (site.replaced(model, f"{site.code(model)}.eval()"),), False)
    line = next((node for node in site.around(call) if isinstance(node, _STATEMENTS)), None)
    if not isinstance(model, _NAMED) or not isinstance(line, cst.SimpleStatementLine):
        return None
    first = line.body[0]
    text = f"{site.code(model)}.eval()\n{site.indentation(first)}{site.code(first)}"
    return Fix("put the model into eval mode", (site.replaced(first, text),), False)


def _model(call: cst.Call) -> cst.BaseExpression | None:
    """What is exported: the first argument, or for `scripted.save(...)` what the method is called on."""
    method = isinstance(call.func, cst.Attribute) and call.func.attr.value in ("save", "_save_for_lite_interpreter")
    owner = call.func.value if isinstance(call.func, cst.Attribute) else None
    if method and not (isinstance(owner, cst.Attribute) and owner.attr.value == "jit"):
        return owner
    if not call.args or call.args[0].star or call.args[0].keyword:
        return None
    return call.args[0].value


FIXER = Fixer("EXL801", fix)
