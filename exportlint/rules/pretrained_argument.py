"""`pretrained=` of torchvision's models, which gave way to `weights=`.

## What it does
Reports `pretrained=` in a call of a function of `torchvision.models`.

## Why it breaks
torchvision warns since 0.13 that "the parameter 'pretrained' is deprecated and may be removed in the future". What
`True` stands for is the first weights that were published, not the best ones.

## Example
```python
import torchvision

model = torchvision.models.resnet18(pretrained=False)
```

## Use instead
```python
import torchvision

model = torchvision.models.resnet18(weights=None)
```

## When it is no problem
With a torchvision older than 0.13. timm's `pretrained=` is another one, and current.
"""

from __future__ import annotations

from collections.abc import Iterator

from exportlint.finding import TARGETS, Finding, Severity
from exportlint.flow.exporting.events import LibraryCall
from exportlint.rule import Context, Rule

HELP = 'give `weights="DEFAULT"` for the best weights, `"IMAGENET1K_V1"` for the same ones, or None'


def check(event: LibraryCall, context: Context) -> Iterator[Finding]:
    """A warning: it works, and says so."""
    for argument in event.arguments if event.name.startswith("torchvision.models.") else ():
        if argument.name in ("pretrained", "pretrained_backbone"):
            message = f"torchvision's `{argument.name}` is deprecated: `weights` took its place"
            yield RULE.finding(argument.span, event.symbol, message, HELP, TARGETS, Severity.WARNING)


RULE = Rule("EXL819", "pretrained-argument", TARGETS, (LibraryCall,), check)
