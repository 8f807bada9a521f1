"""The page that tells what `bench_inference.py` measured."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from exportlint.verify.contract import STATUSES, Result

Results = Mapping[str, Result]

HEAD = """# Real models without any configuration
Written by `make bench-inference`: {models} models of timm, vit-pytorch, monai and transformers that take one tensor,
with random weights. exportlint is told the name of the class (of timm, the name of the model) and nothing else.

## Specs
Constructor arguments and example inputs were found for {found} of {models} ({share:.2f}).

"""
VERDICTS = """
## Verdicts
Each of those was exported for `{target}` and compared with seeds {seeds}: {stable} of {judged} have one verdict over
all. At most {inputs} inputs were tried on one model and seed; where all agree, the difference on the example is
{median:.1f} times eager mode's own noise in the median, {most:.1f} at most.

"""


def page(found: Results, verdicts: Mapping[int, Results], target: str) -> str:
    """The whole page, as Markdown. `verdicts` are the results of each seed."""
    usable = [entry for entry, result in found.items() if result.status == "ok"]
    text = HEAD.format(models=len(found), found=len(usable), share=len(usable) / max(len(found), 1))
    packages = {entry: entry.partition(":")[0].partition(".")[0] for entry in found}
    rows = []
    for package in dict.fromkeys(packages.values()):
        own = [entry for entry in found if packages[entry] == package]
        rows.append((package, str(len(own)), str(sum(entry in usable for entry in own))))
    text += _table(("package", "models", "found"), rows)
    lacking = [(f"`{entry}`", _cell(found[entry].reason.rpartition("; ")[2])) for entry in found if entry not in usable]
    text += "\n" + _table(("not found", "what was said"), lacking) if lacking else ""
    return text + (_verdicts(usable, verdicts, target) if verdicts else "")


def _verdicts(usable: Sequence[str], verdicts: Mapping[int, Results], target: str) -> str:
    said = {entry: [each[entry] for each in verdicts.values()] for entry in usable}
    stable = [entry for entry, each in said.items() if len({result.status for result in each}) == 1]
    every = [result for each in said.values() for result in each]
    times = sorted(result.times_noise or 0.0 for result in every if result.status == "ok") or [0.0]
    text = VERDICTS.format(
        target=target,
        seeds=", ".join(map(str, verdicts)),
        stable=len(stable),
        judged=len(usable),
        inputs=max((result.inputs_tried for result in every), default=0),
        median=times[len(times) // 2],
        most=times[-1],
    )
    counts = {seed: Counter(each[entry].status for entry in usable) for seed, each in verdicts.items()}
    seen = [status for status in STATUSES if any(count[status] for count in counts.values())]
    text += _table(("seed", *seen), [(str(seed), *(str(count[s]) for s in seen)) for seed, count in counts.items()])
    other = [
        (f"`{entry}`", ", ".join(result.status for result in each), _cell(_first_reason(each)))
        for entry, each in said.items()
        if entry not in stable or each[0].status != "ok"
    ]
    return text + ("\n" + _table(("not ok", "verdicts", "what was said"), other) if other else "")


def _first_reason(results: Sequence[Result]) -> str:
    return next((result.reason for result in results if result.status != "ok"), "")


def _cell(text: str) -> str:
    """Text of a model as a cell: short, and nothing in it means anything to Markdown."""
    short = text if len(text) <= 160 else text[:157] + "..."
    return f"`{short.replace('`', chr(39)).replace('|', '/')}`"


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = (head, ["---"] * len(head), *rows)
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)
