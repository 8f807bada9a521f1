"""An annotation that TorchScript cannot read.

## What it does
Reports parameters and results of compiled functions annotated as Callable, Sequence, Iterable, Mapping, Literal, bare
dict, np.ndarray, nn.Module, a dataclass, a tuple of open length, or what may be a bare list or tuple.

## Why it breaks
TorchScript reads annotations as types and has these: Tensor, int, float, bool, str, List, Dict, Tuple with a fixed
number of members, Optional, Union, Any, and classes it can compile.

## Example
```python
class Net(nn.Module):
    def forward(self, x: torch.Tensor, sizes: Sequence[int] = (2, 2)):
        return x * sizes[0]
```

## Use instead
```python
class Net(nn.Module):
    def forward(self, x: torch.Tensor, sizes: List[int] = (2, 2)):
        return x * sizes[0]
```

## When it is no problem
Functions that scripting does not reach, or that are decorated with `torch.jit.ignore` or `torch.jit.unused`.
"""

from __future__ import annotations

from collections.abc import Iterator

from exportlint.finding import Finding
from exportlint.flow.events import ScriptFault
from exportlint.rule import Context, Rule, severity

REASONS = ("annotation",)
HELP = "use List, Dict[str, torch.Tensor], Tuple with as many members, or Optional of these"


def check(event: ScriptFault, context: Context) -> Iterator[Finding]:
    """Faults of this kind, where the code is compiled."""
    targets = event.targets.intersection(("script",), context.targets)
    if event.reason in REASONS and targets:
        message = f"`{event.text}` is no type of TorchScript"
        yield RULE.finding(event.span, event.symbol, message, HELP, tuple(targets), severity(event), event.confidence)


RULE = Rule("EXL413", "annotation-not-scriptable", ("script",), (ScriptFault,), check)
