"""Starts a rule: `python tools/new_rule.py EXL104 tensor-as-key --event Conversion --target export`.

Writes the rule's file and its fixture. Both are whole: the rule is found and documented, and finds nothing; the fixture
expects one finding, so the suite stays red until the rule finds it.
"""

from __future__ import annotations

import re
from pathlib import Path

import click

from exportlint.finding import TARGETS
from exportlint.flow import events, whole_events
from exportlint.rule import all_rules

EVENTS = {
    name: kind.__module__
    for name, kind in sorted((vars(events) | vars(whole_events)).items())
    if isinstance(kind, type) and issubclass(kind, events.Event) and kind not in (events.Event, whole_events.WholeEvent)
}
"""Each event, and the module that it stands in."""

RULE = '''\
"""{Pattern}: say in one sentence what the code does that breaks.

## What it does
Reports ...

## Why it breaks
What the exporter does with it, and what comes out.

## Example
```python
class Example(nn.Module):
    def forward(self, x: torch.Tensor):
        return x
```

## Use instead
```python
class Example(nn.Module):
    def forward(self, x: torch.Tensor):
        return x
```

## When it is no problem
What looks like it and exports well.
"""

from __future__ import annotations

from collections.abc import Iterator

from exportlint.finding import Finding
from {module} import {event}
from exportlint.rule import Context, Rule

TARGETS = {targets}


def check(event: {event}, context: Context) -> Iterator[Finding]:
    """Say when an event is a finding, and for which targets."""
    targets = event.targets.intersection(TARGETS, context.targets)
    if targets and False:
        yield RULE.finding(event.span, event.symbol, "what is wrong here", "what to write instead", tuple(targets))


RULE = Rule("{code}", "{name}", TARGETS, ({event},), check)
'''

FIXTURE = '''\
"""{Pattern}: marked lines are found, all others stay silent."""

import torch
from torch import nn


class Bad(nn.Module):
    inputs = (torch.ones(2),)

    def forward(self, x):
        return x  # EXPECT {code} "what is wrong here"


class Good(nn.Module):
    inputs = (torch.ones(2),)

    def forward(self, x):
        return x
'''


@click.command(help=__doc__)
@click.argument("code")
@click.argument("name")
@click.option("--event", type=click.Choice(EVENTS), required=True, help="What the rule wants to see.")
@click.option("--target", multiple=True, type=click.Choice(TARGETS), required=True, help="What it breaks; repeatable.")
@click.option("--root", type=click.Path(path_type=Path), default=Path(__file__).parent.parent, hidden=True)
def main(code: str, name: str, event: str, target: tuple[str, ...], root: Path) -> None:
    if not re.fullmatch(r"EXL[1-9]\d\d", code):
        raise click.BadParameter(f"{code} is not EXL and three digits, the first from 1")
    if not re.fullmatch(r"[a-z]+(-[a-z0-9]+)+", name):
        raise click.BadParameter(f"{name} is not words joined by hyphens, naming the bad pattern")
    for rule in all_rules():
        if code == rule.code or name == rule.name:
            raise click.BadParameter(f"{rule.code} {rule.name} exists")
    file = name.replace("-", "_") + ".py"
    words = {
        "code": code,
        "name": name,
        "event": event,
        "module": EVENTS[event],
        "targets": str(tuple(word for word in TARGETS if word in target)).replace("'", '"'),
        "Pattern": name.replace("-", " ").capitalize(),
    }
    for path, text in ((root / "exportlint/rules" / file, RULE), (root / "tests/fixtures" / file, FIXTURE)):
        path.write_text(text.format(**words), "utf-8")
        click.echo(path)


if __name__ == "__main__":
    main()
