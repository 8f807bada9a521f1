"""Python or numpy draws a random number in the forward path.

## What it does
Reports `random.random()`, `np.random.rand()` and their kin in code that an export runs through.

## Why it breaks
The exporters see the number that came out, not that it was drawn. The file holds the draw of the export and uses it in
every call; a branch on it is gone with the side not taken.

## Example
```python
class Jitter(nn.Module):
    def forward(self, x: torch.Tensor):
        return x * random.random()
```

## Use instead
```python
class Jitter(nn.Module):
    def forward(self, x: torch.Tensor):
        return x * torch.rand(1)
```
torch's own random functions stay random in the file. Or draw outside and pass the number as an input.

## When it is no problem
Under `if self.training`, which an export in eval mode does not run, and in constructors. In files of transforms and
augmentations, which stay outside of the exported model, it is a note.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from exportlint.finding import Finding, Severity
from exportlint.flow.events import PythonDraw
from exportlint.rule import Context, Rule, severity

TARGETS = ("trace", "export", "onnx", "onnx-ts")
_AUGMENTS = re.compile(r"(?:^|[/_])(?:data|transforms?|augment\w*)(?:[/_.]|$)")
HELP = "draw with torch (torch.rand), pass the number as an input, or draw under `if self.training`"


def check(event: PythonDraw, context: Context) -> Iterator[Finding]:
    """Draws that the exporters take for constants; torch.jit.script knows neither library."""
    targets = event.targets.intersection(TARGETS, context.targets)
    if targets:
        message = f"`{event.function}` draws once, at the export; the file uses that number in every call"
        level = Severity.INFO if _AUGMENTS.search(event.span.path) else severity(event)
        yield RULE.finding(event.span, event.symbol, message, HELP, tuple(targets), level, event.confidence)


RULE = Rule("EXL605", "python-random", TARGETS, (PythonDraw,), check)
