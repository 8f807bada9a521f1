"""torchvision's `pretrained=` becomes `weights=`.

## Before
```python
model = torchvision.models.resnet18(pretrained=False)
```

## After
```python
model = torchvision.models.resnet18(weights=None)
```

## Safety
Safe: `False` meant no weights, and `True` the first that were published for ImageNet, which is what torchvision makes
of them itself. Other values are left alone, and so are models for detection, segmentation and video.
"""

from __future__ import annotations

import libcst as cst

from exportlint.finding import Finding, Fix
from exportlint.fix.fixer import Fixer
from exportlint.fix.names import called
from exportlint.fix.site import Site

WEIGHTS = {"True": '"IMAGENET1K_V1"', "False": "None"}


def fix(finding: Finding, site: Site) -> Fix | None:
    """Repairs `pretrained=True` and `pretrained=False`."""
    value = site.at(cst.Name)
    argument = site.parent(value) if value is not None else None
    if not isinstance(argument, cst.Arg) or argument.keyword is None or argument.keyword.value != "pretrained":
        return None
    call = site.parent(argument)
    classifier = isinstance(call, cst.Call) and called(site, call).count(".") == 2
    if value is None or value.value not in WEIGHTS or not classifier:
        return None
    edit = site.replaced(argument.keyword, f"weights={WEIGHTS[value.value]}", value)
    return Fix("say it with weights", (edit,), True)


FIXER = Fixer("EXL819", fix)
