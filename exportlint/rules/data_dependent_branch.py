"""Python decides on the value of a tensor.

## What it does
Reports `if`, `while`, `assert`, conditional expressions, `and`/`or`/`not`, comparison chains, comprehension filters,
`match`, `in`, and the builtins `max`, `min`, `all`, `any` where what they test was computed from a tensor.

## Why it breaks
`torch.jit.trace` and the TorchScript-based ONNX exporter run the model once and record what that run did: the arm not
taken is missing from the file, and other inputs get the wrong answer without a warning at run time. `torch.export`, and
the ONNX exporter built on it, stop with `GuardOnDataDependentSymNode`.

## Example
```python
class Scale(nn.Module):
    def forward(self, x: torch.Tensor):
        if x.sum() > 0:
            return x * 2
        return -x
```

## Use instead
```python
class Scale(nn.Module):
    def forward(self, x: torch.Tensor):
        return torch.where(x.sum() > 0, x * 2, -x)
```
`torch.cond` where the arms are costly, or `torch.jit.script` for a TorchScript target.

## When it is no problem
Conditions on configuration, `None`, types, shapes, dtypes, devices and `self.training` are not reported. A check that
only raises is left out of a traced file, which is a warning; `torch.export` refuses it all the same. A check that
stands behind `not is_compiling()` or `not is_exporting()` is a note: whoever wrote it wants no exporter to have it. Two
sizes that depend on values may be compared with each other, since mostly they come from one selection. An `assert` on a
tensor fails `torch.export` only: the ONNX exporter retries in strict mode, passes it, and leaves it out of the file.
`torch.jit.script` compiles both arms.
"""

from __future__ import annotations

from collections.abc import Iterator

from exportlint.finding import Finding, Severity
from exportlint.flow.events import Decision, related_to
from exportlint.rule import Context, Rule, severity

TRACERS = ("trace", "onnx-ts")
EXPORTERS = ("export", "onnx")
HELP = "compute both sides and choose with torch.where, or use torch.cond; torch.jit.script keeps the branch"
UNCHECKED = "give the distribution validate_args=False"


def check(event: Decision, context: Context) -> Iterator[Finding]:
    """Where each exporter fails, and where it silently keeps one arm (measured: tests/rules)."""
    related = related_to(event.origin)
    by_level: dict[Severity, dict[str, set[str]]] = {}
    for target in event.targets.intersection(RULE.targets, context.targets):
        outcome = _outcome(event, target)
        if outcome is not None:
            consequence, level = outcome
            by_level.setdefault(level, {}).setdefault(consequence, set()).add(target)
    for level, consequences in by_level.items():
        message = f"`{event.text}` decides on {_SUBJECTS[event.subject]}: {' and '.join(sorted(consequences))}"
        targets = tuple(set().union(*consequences.values()))
        remedy = UNCHECKED if event.form == "validate_args" else HELP
        yield RULE.finding(event.span, event.symbol, message, remedy, targets, level, event.confidence, related)


_SUBJECTS = {
    "tensor": "the value of a tensor",
    "number": "a number taken out of a tensor",
    "size": "a size that depends on the values of a tensor",
}


def _outcome(event: Decision, target: str) -> tuple[str, Severity] | None:
    """What becomes of the decision under one target, and how bad that is; None where nothing does."""
    if target in EXPORTERS:
        if event.form in ("max", "min", "cond"):
            return None
        if event.form == "assert" and target == "onnx":
            return ("the check is missing from the file", Severity.INFO) if event.depends == "input" else None
        if event.form == "assert" and event.subject == "number":
            return None
        if event.form == "validate_args" and event.depends == "constant" and target == "onnx":
            return None  # its second attempt, strict, computes the check beforehand
        return "torch.export cannot know which way it goes and stops", severity(event)
    if event.form in ("resize", "attention", "nested"):
        return None
    if event.depends != "input" or (event.subject == "number" and event.origin is not None):
        return None
    if event.form == "cond":
        return "torch.cond cannot be traced", severity(event)
    if event.only_checks:
        return "the check is missing from the file", _warning(event)
    return "tracing keeps only what the example input does", severity(event)


def _warning(event: Decision) -> Severity:
    return severity(event, Severity.WARNING)


RULE = Rule("EXL101", "data-dependent-branch", (*TRACERS, *EXPORTERS), (Decision,), check)
