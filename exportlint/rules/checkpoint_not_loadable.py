"""`torch.load` of what it refuses, or of what may run any code.

## What it does
Reports `torch.load` of a file to which the same script saved a whole module or a TorchScript archive, where
`weights_only` is not turned off, and every `torch.load` with `weights_only=False`. A call without `map_location` is
noted.

## Why it breaks
Since torch 2.6 `weights_only` is true by default, and a pickled module is refused: "Weights only load failed". Turning
it off lets the file run any code. A checkpoint saved on a GPU is put on that GPU again, which fails where there is
none.

## Example
```python
model = Net()
torch.save(model, "net.pt")
model = torch.load("net.pt", map_location="cpu")
```

## Use instead
```python
model = Net()
torch.save(model.state_dict(), "net.pt")
model.load_state_dict(torch.load("net.pt", map_location="cpu", weights_only=True))
```

## When it is no problem
Files that nobody else can write.
"""

from __future__ import annotations

from collections.abc import Iterator

from exportlint.finding import TARGETS, Finding, Severity
from exportlint.flow.exporting.events import LibraryCall
from exportlint.rule import Context, Rule

HELD = {
    "module": ("a whole module was saved there, which torch.load refuses", "save and load its state_dict"),
    "script": ("a TorchScript archive was saved there, which torch.load refuses", "use torch.jit.load"),
}


def check(event: LibraryCall, context: Context) -> Iterator[Finding]:
    """An error for what raises, a warning for what trusts a file, a note for the missing device."""
    if event.name != "torch.load":
        return
    only = event.argument("weights_only")
    turned_off = only is not None and only.known and only.value is False
    if event.saved in HELD and (only is None or only.value is True):
        message, help = HELD[event.saved]
        yield RULE.finding(event.span, event.symbol, message, help, TARGETS, Severity.ERROR)
    elif turned_off:
        message = "with `weights_only=False` the file may run any code"
        help = "save a state_dict, and load it with `weights_only=True`"
        yield RULE.finding(event.span, event.symbol, message, help, TARGETS, Severity.WARNING)
    elif event.argument("map_location") is None:
        message = "without `map_location` a checkpoint from a GPU is not read where there is none"
        help = 'give `map_location="cpu"`'
        yield RULE.finding(event.span, event.symbol, message, help, TARGETS, Severity.INFO)


RULE = Rule("EXL818", "checkpoint-not-loadable", TARGETS, (LibraryCall,), check)
