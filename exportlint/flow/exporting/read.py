"""Where reading starts: the top level of each checked file that exports, then its functions that it does not call."""

from __future__ import annotations

import ast
import re
from functools import lru_cache

from exportlint.flow.collect import Collector
from exportlint.flow.exporting import follow, statements
from exportlint.flow.exporting.state import State
from exportlint.flow.exporting.things import Tensor
from exportlint.flow.exporting.traits import ClassTraits
from exportlint.flow.exporting.walk import Frame, OutOfBudget, Walk
from exportlint.flow.objects import Classes
from exportlint.source.module import Module
from exportlint.source.project import Project

_EXPORTS = re.compile(r"onnx|\bjit\b|torch\.export|import export|torch\.load|\bload\(|torchvision|coremltools")
"""A file without any of these has nothing that a rule for scripts looks at."""

_EXPORT_WORDS = ("onnx", "jit", "torch.export", "import export", "load(", "torch.load", "torchvision", "coremltools")
"""One of them is in all that the pattern finds; they are found a hundred times faster than the pattern is."""

_WORTH = (
    r"\b(?:dynamo_)?export\(|\b(?:trace|script|save|run|InferenceSession|getsize|stat)\(|_export\("
    r"|(?<!json\.)(?<!yaml\.)(?<!pickle\.)(?<!np\.)\bload\(|optimize_for_|torchvision\.models|coremltools|torch\.onnx\."
)
"""A function without any of these does nothing of the kind, unless it calls one that does."""

_WORTH_BESIDE = {
    "torchvision": r"\bpretrained=",  # everywhere else the word is another library's, timm's above all
    "quantization": r"quantize|\bconvert\(",  # models with a codebook quantize too, and colours are converted
    "coremltools": r"\bconvert\(",
}
"""The same in a file that says the word before it."""

_WORTH_WORDS = (
    *("export(", "trace(", "script(", "load(", "save(", "run(", "InferenceSession(", "getsize(", "stat(", "convert("),
    *("optimize_for_", "quantize", "torchvision.models", "coremltools", "torch.onnx.", "pretrained="),
)
"""One of them is in all that the patterns find."""

_CALLED = re.compile(r"(\w+)\(")
Function = ast.FunctionDef | ast.AsyncFunctionDef


def read(project: Project, modules: list[Module], classes: Classes, collector: Collector) -> None:
    """Emit what the scripts among some modules do."""
    traits = ClassTraits(classes)
    for module in modules:
        text = module.text
        if _has(text, _EXPORT_WORDS) and _has(text, _WORTH_WORDS) and _EXPORTS.search(text):
            _read(Walk(project, collector, traits), module)


def _has(text: str, words: tuple[str, ...]) -> bool:
    return any(word in text for word in words)


def _read(walk: Walk, module: Module) -> None:
    functions = _functions(module.tree)
    worth = _worth_reading(module, [node for node, _ in functions])
    if worth or any(_says(module, statement) for statement in _top_level(module.tree)):
        _start(walk, module, None)
    for node, owner in functions:
        if node.name in worth and node not in walk.entered:
            _start(walk, module, node, owner)


def _top_level(tree: ast.Module) -> list[ast.stmt]:
    return [node for node in tree.body if not isinstance(node, Function | ast.ClassDef | ast.Import | ast.ImportFrom)]


def _worth_reading(module: Module, functions: list[Function]) -> set[str]:
    """The names of functions that do something worth it, or call one that does."""
    worth = {node.name for node in functions if _says(module, node)}
    if not worth:
        return worth
    called = [(node.name, _called(module, node)) for node in functions]
    while True:
        more = {name for name, names in called if name not in worth and names & worth}
        if not more:
            return worth
        worth |= more


def _says(module: Module, node: ast.stmt) -> bool:
    text = _text(module, node)
    return _has(text, _WORTH_WORDS) and _worth(module.text).search(text) is not None


@lru_cache(maxsize=1)  # asked for each function of a file
def _worth(text: str) -> re.Pattern[str]:
    """What makes a function of a file with this text worth reading."""
    return re.compile("|".join([_WORTH, *(pattern for word, pattern in _WORTH_BESIDE.items() if word in text)]))


def _called(module: Module, node: ast.stmt) -> set[str]:
    """What stands before a parenthesis: more than what is called, and found in no time."""
    return set(_CALLED.findall(_text(module, node)))


def _text(module: Module, node: ast.stmt) -> str:
    """The lines that a node stands on. No pattern here finds anything that goes over the end of a line."""
    return "\n".join(module.lines[node.lineno - 1 : node.end_lineno])


def _functions(tree: ast.Module) -> list[tuple[Function, str]]:
    """The functions of a file and the methods of its classes, with what stands before their name."""
    found = []
    waiting: list[tuple[ast.stmt, str]] = [(statement, "") for statement in tree.body]
    while waiting:
        node, owner = waiting.pop(0)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            found.append((node, owner))
        elif isinstance(node, ast.ClassDef):
            waiting += [(inner, f"{owner}{node.name}.") for inner in node.body]
        else:
            waiting += [(inner, owner) for inner in ast.iter_child_nodes(node) if isinstance(inner, ast.stmt)]
    return found


def _start(walk: Walk, module: Module, function: ast.AST | None, owner: str = "") -> None:
    walk.renew()
    symbol = "" if function is None else f"{owner}{function.name}"
    frame = Frame(walk, module, symbol, State())
    try:
        if function is None:
            statements.run(frame, module.tree.body)
            walk.globals[module] = frame.state.names
            walk.made = {value: fact for value, fact in frame.state.facts.items() if isinstance(fact, Tensor)}
        else:
            walk.reading.append(function)
            frame.state.facts.update(walk.made)
            frame.state.names = follow.bound(frame, function, None)
            statements.run(frame, function.body)
    except OutOfBudget:
        pass  # what was seen until then is kept
    walk.reading.clear()
    walk.stack.clear()
    walk.finish()
