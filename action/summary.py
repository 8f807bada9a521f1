"""The job's summary page: findings, and models by targets. Everything that a stranger wrote is shown as plain code."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from exportlint.report.escaping import visible

LONGEST_TEXT = 300  # characters of one cell
MOST_ROWS = 200  # of one table
LARGEST_TABLE = 240_000  # characters; there are four, and GitHub drops a summary of more than 1 MiB
MARKS = {"ok": "✅", "no-spec": "➖"}
FAILED_MARK = "❌"


def render(check: dict[str, Any], verify: dict[str, Any] | None, artifacts: str, *, could_verify: bool) -> str:
    """Markdown for the reports of `check` and `verify` (None: it did not run; not `could_verify`: it tried and failed).

    `artifacts` is the address where GitHub lists what the run uploads.
    """
    pages = f"As pages, with source and plots: the output `html`, among the [artifacts]({artifacts}) once uploaded."
    return "\n".join([*_checked(check), "", *_verified(verify, could_verify), "", pages, ""])


def code(text: str) -> str:
    """`text` of a stranger as inline code: no Markdown, HTML, link or mention can come of it."""
    cut = visible(text if len(text) <= LONGEST_TEXT else text[: LONGEST_TEXT - 1] + "…")
    return "<code>" + "".join(map(_spelled, cut)) + "</code>"


def _spelled(sign: str) -> str:
    if sign == "@":  # between tags, because Markdown makes a link of what looks like an address even when spelled out
        return "<wbr>&#64;<wbr>"
    return sign if (sign.isascii() and sign.isalnum()) or sign == " " else f"&#{ord(sign)};"


def _checked(check: dict[str, Any]) -> Iterator[str]:
    findings, problems = check["findings"], check["problems"]
    yield f"## exportlint: {_count(len(findings), 'finding')}"
    yield ""
    yield f"{_count(check['files'], 'file')} read, {_count(check['models'], 'model')} in them."
    if findings:
        rows = (
            [_at(found), found["severity"], code(found["rule"]), code(found["message"]), _remedy(found)]
            for found in findings
        )
        yield from _table(["Where", "Severity", "Rule", "What", "Fix"], rows, len(findings))
    if problems:
        rows = ([_at(problem), code(problem["message"])] for problem in problems)
        yield from _table(["Not checked", "Why"], rows, len(problems))


def _verified(verify: dict[str, Any] | None, could_verify: bool) -> Iterator[str]:
    yield "## exportlint verify"
    yield ""
    if verify is None or not verify["results"]:
        yield "No model was exported." if could_verify else "Nothing could be exported: the log of this step says why."
        return
    results = {(result["model"], result["target"]): result for result in verify["results"]}
    models = sorted({model for model, _ in results})
    targets = sorted({target for _, target in results})
    rows = ([code(model), *(_status(results.get((model, target))) for target in targets)] for model in models)
    yield from _table(["Model", *map(code, targets)], rows, len(models))
    failed = [result for result in results.values() if result["status"] != "ok"]
    if failed:
        rows = (
            [code(r["model"]), code(r["target"]), _at(r), code(r["reason"]), _counterexample(r), _explained(r)]
            for r in failed
        )
        yield from _table(["Model", "Target", "Where", "Why", "Counterexample", "Explained by"], rows, len(failed))


def _remedy(finding: dict[str, Any]) -> str:
    """What to do about a finding: what `--fix` would, where it can, and the rule's advice."""
    fix = finding["fix"]
    if fix is None:
        return code(finding["help"])
    option = "--fix" if fix["safe"] else "--fix --unsafe-fixes"
    return code(finding["help"]) + "<br>" + code(f"exportlint check {option}: {fix['message']}")


def _counterexample(result: dict[str, Any]) -> str:
    """The inputs that show a failure, and what came of them."""
    found = result["counterexample"]
    if found is None:
        return ""
    said = [f"{each['name']} = {each['text']} ({_type_of(each)})" for each in found["inputs"]]
    if result["expected"] is not None and result["got"] is not None:
        said.append(f"expected {result['expected']}, got {result['got']}")
    return "<br>".join(map(code, said))


def _type_of(value: dict[str, Any]) -> str:
    return value["dtype"] if value["shape"] is None else f"{value['dtype']}{value['shape']}"


def _explained(result: dict[str, Any]) -> str:
    return code(f"exportlint explain {result['rule']}") if result["rule"] else ""


def _status(result: dict[str, Any] | None) -> str:
    if result is None:
        return ""
    return f"{MARKS.get(result['status'], FAILED_MARK)} {code(result['status'])}"


def _at(entry: dict[str, Any]) -> str:
    if entry["path"] is None:
        return ""
    return code(entry["path"] if entry["line"] is None else f"{entry['path']}:{entry['line']}")


def _table(head: list[str], rows: Iterable[list[str]], total: int) -> Iterator[str]:
    yield ""
    yield "| " + " | ".join(head) + " |"
    yield "|" + " --- |" * len(head)
    length = 0
    for number, row in enumerate(rows):
        line = "| " + " | ".join(row) + " |"
        length += len(line)
        if number == MOST_ROWS or length > LARGEST_TABLE:
            yield ""
            yield f"{total - number} more are in the report."
            return
        yield line


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
