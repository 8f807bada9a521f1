"""From a call as it stands in source to the words of the operator table: which rows, and arguments by one name each."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from exportlint.data import torch_returns, torch_signatures


class _Unknown:
    """The value of an argument that is given, but not known."""

    def __init__(self, word: str) -> None:
        self.word = word

    def __repr__(self) -> str:
        return self.word


UNKNOWN = _Unknown("UNKNOWN")
"""A tensor, or something computed."""
NUMBER = _Unknown("NUMBER")
"""Some int or float, computed or configured."""
TENSOR = "<tensor>"
"""In the table, the value of an argument that was a tensor, or a list of tensors."""

# Arguments that no exporter minds: where and how the result lies in memory, whether it wants a gradient.
_IGNORED = frozenset(
    "input self out device layout pin_memory requires_grad memory_format generator non_blocking copy shape".split()
)
_OPERATORS = {
    "operator.abs": "torch.abs",
    "operator.add": "torch.add",
    "operator.and_": "torch.bitwise_and",
    "operator.eq": "torch.eq",
    "operator.floordiv": "torch.floor_divide",
    "operator.ge": "torch.ge",
    "operator.gt": "torch.gt",
    "operator.invert": "torch.bitwise_not",
    "operator.le": "torch.le",
    "operator.lshift": "torch.bitwise_left_shift",
    "operator.lt": "torch.lt",
    "operator.matmul": "torch.matmul",
    "operator.mod": "torch.remainder",
    "operator.mul": "torch.mul",
    "operator.ne": "torch.ne",
    "operator.neg": "torch.neg",
    "operator.or_": "torch.bitwise_or",
    "operator.pow": "torch.pow",
    "operator.rshift": "torch.bitwise_right_shift",
    "operator.sub": "torch.sub",
    "operator.truediv": "torch.div",
    "operator.xor": "torch.bitwise_xor",
}
_SYMBOLS = {
    "operator.add": "+",
    "operator.and_": "&",
    "operator.floordiv": "//",
    "operator.getitem": "[...]",
    "operator.invert": "~",
    "operator.lshift": "<<",
    "operator.matmul": "@",
    "operator.mod": "%",
    "operator.mul": "*",
    "operator.or_": "|",
    "operator.pow": "**",
    "operator.rshift": ">>",
    "operator.setitem": "[...] =",
    "operator.sub": "-",
    "operator.truediv": "/",
    "operator.xor": "^",
}
# Where a function that was not measured has a namesake that computes the same.
_NAMESAKES = (
    ("torch.", "torch.nn.functional."),
    ("torch.nn.functional.", "torch."),
    ("torch.", "torch.special."),
    ("torch.special.", "torch."),
    ("torch.", "torch.Tensor."),
)


def owner(name: str) -> str:
    """The name under which the table keeps a call: a method's function, a Python operator's; else the name itself."""
    if name in _OPERATORS:
        return _OPERATORS[name]
    function = name.replace("torch.Tensor.", "torch.")
    return function if function in torch_returns() else name


def spelled(name: str) -> str:
    """The name as it stands in source: "//" for operator.floordiv."""
    return _SYMBOLS.get(name, name)


def namesakes(name: str, aliases: Mapping[str, str]) -> Iterator[str]:
    """Names whose rows speak for a call of `name`, the best first; last those of the operator that is not in place."""
    spellings = [name, name[:-1]] if name.endswith("_") and not name.endswith("__") else [name]
    for spelling in map(owner, spellings):
        yield aliases.get(spelling, spelling)
        for prefix, other in _NAMESAKES:
            rest = spelling.removeprefix(prefix)
            if rest != spelling and "." not in rest:
                yield aliases.get(other + rest, other + rest)


def normal(name: str, target: str, arguments: Mapping[str, object]) -> dict[str, object]:
    """The arguments of a call of `name` as `target` calls them, without those that no exporter minds.

    Keys of `arguments` are parameter names, labels such as "other|dim" (a position that overloads call differently), or
    positions as text. A variadic parameter (`x.view(2, -1)`) becomes one tuple.
    """
    own, theirs = torch_signatures().get(name, []), torch_signatures().get(target, [])
    shift = int(_is_method(target)) - int(_is_method(name))
    variadic = next((i for i, label in enumerate(own) if "*" in label and label != "*"), None)
    found: dict[str, object] = {}
    gathered: dict[int, object] = {}
    for key, value in arguments.items():
        position = _position(key, own)
        if variadic is not None and position is not None and position >= variadic:
            gathered[position] = value
        elif not (position == 0 and _is_operand(name, value)):
            found[_label(key, position, shift, theirs)] = _plain(value)
    if gathered:
        values = [gathered[position] for position in sorted(gathered)]
        found[_label(own[variadic], variadic, shift, theirs)] = _plain(values[0] if len(values) == 1 else values)
    return {key: value for key, value in found.items() if key not in _IGNORED}


def canonical(name: str, parameter: str) -> str:
    """The key that `normal` gives a parameter of `name`."""
    labels = torch_signatures().get(name, [])
    return _label(parameter, _position(parameter, labels), 0, labels)


def _is_operand(name: str, value: object) -> bool:
    """Whether a first argument is the tensor that a function works on, which methods do not list."""
    return value in (UNKNOWN, TENSOR) and not _is_method(name) and not name.rpartition(".")[2][:1].isupper()


def _is_method(name: str) -> bool:
    return name.startswith("torch.Tensor.")


def _label(key: str, position: int | None, shift: int, labels: list[str]) -> str:
    at = None if position is None else position - shift
    positional = labels[: labels.index("*")] if "*" in labels else labels
    if at is not None and 0 <= at < len(positional):
        key = positional[at]
    return "|".join(sorted(set(key.replace("*", "").split("|"))))


def _position(key: str, labels: list[str]) -> int | None:
    """The position that a key stands for; None for parameters given by keyword that stand at none."""
    if key.isdigit():
        return int(key)
    for index, label in enumerate(labels):
        if label == "*":
            return None
        if key == label or key in label.replace("*", "").split("|"):
            return index
    return None


def _plain(value: object) -> object:
    """Lists as tuples, since torch takes either; a list of tensors as one."""
    if not isinstance(value, list | tuple):
        return value
    members = tuple(_plain(member) for member in value)
    if not members or not all(member in (UNKNOWN, TENSOR, NUMBER) for member in members):
        return members
    return UNKNOWN if NUMBER in members else members[0]
