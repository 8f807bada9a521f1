"""Calls in the project that build a model, and that call it: literal arguments, and the shapes of the tensors.

Read from Python files, and from the code blocks of Markdown files, without running anything. Standard library and the
static half only.
"""

from __future__ import annotations

import ast
import importlib.metadata
import importlib.util
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from exportlint.config import Settings
from exportlint.source.files import model_files
from exportlint.verify.literals import Scope, Unknown

MOST_CALLS = 6  # of one model
LARGEST = 400_000  # characters of a file that is read for calls
_BLOCK = re.compile(
    r"^[ \t]*(?:```|~~~)[ \t]*(?:python|py|pycon)?[ \t]*\n(.*?)^[ \t]*(?:```|~~~)", re.DOTALL | re.MULTILINE
)

Found = dict[str, object]


def found(settings: Settings, entries: Sequence[str]) -> dict[str, tuple[Found, ...]]:
    """By entry, the calls that build it: {"at", "args", "kwargs", "inputs": {"args", "kwargs"} or None} each.

    Arguments are JSON; an object is {"make": entry, ...its arguments}. Inputs are shapes as in the configuration.
    """
    names = {entry: entry.rpartition("::" if "::" in entry else ":")[2].rpartition(".")[2] for entry in entries}
    calls: dict[str, list[Found]] = {name: [] for name in names.values()}
    pattern = re.compile(rf"\b({'|'.join(map(re.escape, calls))})\(") if calls else None
    for where, entry_of, text in _texts(settings, entries):
        wanted = set(pattern.findall(text)) if pattern and len(text) <= LARGEST else set()
        if wanted:
            for name, call in _calls(text, where, entry_of, wanted):
                calls[name].append(call)
    return {
        entry: tuple(_distinct([call for call in calls[name] if call["home"] in (None, _stem(entry))]))[:MOST_CALLS]
        for entry, name in names.items()
    }


def _stem(entry: str) -> str:
    """The last part of the module that an entry names."""
    location = entry.partition("::")[0] if "::" in entry else entry.partition(":")[0]
    return Path(location).stem if "::" in entry else location.rpartition(".")[2]


def _distinct(calls: list[Found]) -> list[Found]:
    """Each call once, where it stands first; those that come with inputs before the others."""
    once: dict[str, Found] = {}
    for call in calls:
        once.setdefault(repr([call["args"], call["kwargs"], call["inputs"]]), call)
    return sorted(once.values(), key=lambda call: call["inputs"] is None)


def _texts(settings: Settings, entries: Sequence[str]) -> Iterator[tuple[str, str | None, str]]:
    """Where a text stands, the file by which its own classes are named (None in Markdown), and the text."""
    root = settings.root.absolute()
    folders = [root, *_packages(entries, root)]
    for folder in folders:
        for file in sorted([*folder.glob("*.md"), *folder.glob("docs/**/*.md")]):
            yield from _blocks(_read(file), file.name)
        files, _ = model_files([folder], settings)
        for file in files:
            shown = file.relative_to(root).as_posix() if file.is_relative_to(root) else file.name
            yield shown, shown if file.is_relative_to(root) else None, _read(file)
    for name in _distributions(entries):
        yield from _blocks(_description(name), f"the documentation of {name}")


def _blocks(text: str, where: str) -> Iterator[tuple[str, str | None, str]]:
    for block in _BLOCK.finditer(text):
        line = text.count("\n", 0, block.start(1)) + 1
        yield f"{where}:{line}", None, block[1]


def _read(file: Path) -> str:
    """A file's text; bytes that are no UTF-8 cannot be part of a call that is understood here."""
    return file.read_text("utf-8", "replace") if file.is_file() else ""


def _distributions(entries: Sequence[str]) -> list[str]:
    return sorted({entry.partition(".")[0].partition(":")[0] for entry in entries if "::" not in entry})


def _packages(entries: Sequence[str], root: Path) -> Iterator[Path]:
    """Folders of the packages that are named by module and lie outside of the project."""
    for name in _distributions(entries):
        if (root / name).exists() or (root / "src" / name).exists():
            continue
        found = importlib.util.find_spec(name)  # of a top-level name: imports nothing
        for folder in (found.submodule_search_locations or ()) if found else ():
            yield Path(folder)


def _description(name: str) -> str:
    """The long description of an installed package, "" where there is none: for most it is their README."""
    try:
        return importlib.metadata.distribution(name).metadata.get_payload() or ""
    except importlib.metadata.PackageNotFoundError:
        return ""


def _calls(text: str, where: str, file: str | None, wanted: set[str]) -> Iterator[tuple[str, Found]]:
    try:
        tree = ast.parse(text)
    except (SyntaxError, ValueError):  # `check` reports source that does not parse; examples in Markdown need not
        return
    own = {node.name for node in tree.body if isinstance(node, ast.ClassDef)}
    for body in _bodies(tree):
        scope = Scope(tree, body, file)
        for node in scope.nodes():
            name = _called(node)
            if name in wanted:
                call = _described(node, scope, where)
                if call:
                    # another class of this name is meant where a file defines one
                    yield name, {**call, "home": Path(where).stem if name in own else None}


def _bodies(tree: ast.Module) -> Iterator[ast.AST]:
    yield tree
    yield from (node for node in ast.walk(tree) if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)))


def _called(node: ast.AST) -> str | None:
    if not isinstance(node, ast.Call):
        return None
    return node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", None)


def _described(node: ast.Call, scope: Scope, where: str) -> Found | None:
    """A call whose positional arguments are all known; keyword arguments that are not are left to their defaults."""
    try:
        args = [scope.value(argument) for argument in node.args]
    except Unknown:
        return None
    kwargs: dict[str, object] = {}
    for keyword in node.keywords:
        try:
            if keyword.arg:
                kwargs[keyword.arg] = scope.value(keyword.value)
        except Unknown:
            continue
    line = "" if re.search(r":\d+$", where) else f":{node.lineno}"
    return {"at": where + line, "args": args, "kwargs": kwargs, "inputs": _inputs(node, scope)}


def _inputs(built: ast.Call, scope: Scope) -> Mapping[str, object] | None:
    """The shapes of the first call of what was built, where all are known."""
    holder = scope.assigned_to(built)
    for node in scope.nodes():
        if isinstance(node, ast.Call) and (node.func is built or (holder and ast.unparse(node.func) == holder)):
            args = [scope.shape(argument) for argument in node.args]
            kwargs = {keyword.arg: scope.shape(keyword.value) for keyword in node.keywords if keyword.arg}
            known = {name: shape for name, shape in kwargs.items() if shape}
            if (args or known) and all(args):
                return {"args": args, "kwargs": known}
    return None
