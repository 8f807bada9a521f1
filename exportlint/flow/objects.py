"""Classes and objects of the project: bases across files, methods, and attributes as constructors leave them."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from exportlint.flow.joins import computed, join
from exportlint.flow.values import NONE, UNKNOWN, Class, Const, Function, Instance, Map, Static, Unknown, Value
from exportlint.source.project import Assigned, Defined, Definition, External, Project, bindings
from exportlint.source.remembered import once_a_node

if TYPE_CHECKING:
    from exportlint.flow.interpreter import Interpreter


MODULE_BASES = ("torch.nn.", "torch.jit.ScriptModule")
_FOREIGN_MODULES = (
    "LightningModule",
    "PreTrainedModel",
    "PyTorchModelHubMixin",
    "MessagePassing",
    "PretrainedModel",
)
_PLAIN_BASES = frozenset(("torch.nn.Module", "abc.ABC", "typing.Generic"))
_HOUSEKEEPERS = ("LightningModule", "PreTrainedModel")
_LOSSES = ("Loss", "Criterion")


class Classes:
    """What is known of the project's classes, computed once each."""

    def __init__(self, project: Project) -> None:
        self.project = project
        self._orders: dict[Defined, tuple[list[Defined], list[str]]] = {}

    def order(self, cls: Defined) -> tuple[list[Defined], list[str]]:
        """Method resolution order: classes of the project, and names of the foreign bases."""
        if cls not in self._orders:
            self._orders[cls] = ([cls], [])
            own, foreign = [cls], []
            for base in cls.node.bases:
                resolved = self.project.resolve(cls.module, _dotted(base)) if _dotted(base) else None
                if isinstance(resolved, Assigned) and _dotted(resolved.node):
                    resolved = self.project.resolve(resolved.module, _dotted(resolved.node))
                if isinstance(resolved, Defined) and isinstance(resolved.node, ast.ClassDef):
                    theirs, outside = self.order(resolved)
                    own = [c for c in own if c not in theirs] + theirs
                    foreign += outside
                elif isinstance(resolved, External):
                    foreign.append(resolved.name)
                elif _dotted(base):
                    foreign.append(_dotted(base))
            self._orders[cls] = (own, list(dict.fromkeys(foreign)))
        return self._orders[cls]

    def is_module(self, cls: Defined) -> bool:
        """Whether a class is an nn.Module, however far up its bases are."""
        return any(
            name.startswith(MODULE_BASES) or name.rpartition(".")[2] in _FOREIGN_MODULES for name in self.order(cls)[1]
        )

    def foreign(self, cls: Defined) -> list[str]:
        """Names of the bases that are not in the project."""
        return self.order(cls)[1]

    def is_plain(self, cls: Defined) -> bool:
        """Whether no base outside the project gives a module more than nn.Module does."""
        return _PLAIN_BASES.issuperset(self.foreign(cls))

    def is_loss(self, cls: Defined) -> bool:
        """A loss is a module, but nobody exports one."""
        names = [cls.node.name, *(c.node.name for c in self.order(cls)[0])]
        return any(name.endswith(_LOSSES) for name in (*names, *self.foreign(cls)))

    def is_call_of_loss(self, function: Function) -> bool:
        """Whether a call computes a loss: of a function that is called one, or the forward of a module that is one."""
        if function.owner is None:
            return function.qualname.endswith(_LOSSES)
        return function.qualname.endswith(".forward") and self.is_loss(function.owner)

    def find(self, cls: Defined, name: str, after: Defined | None = None) -> tuple[Defined, ast.AST] | None:
        """The class that defines a member, and the defining node: a definition or the assigned expression."""
        order = self.order(cls)[0]
        if after in order:
            order = order[order.index(after) + 1 :]
        for owner in order:
            found = members(owner.node).get(name)
            if found is not None:
                return owner, found
        return None

    def all(self, project_modules: list) -> list[Defined]:
        """Every class at the top level of some modules, or inside a function of them."""
        found = []
        for module in project_modules:
            found += [
                b for b in bindings(module).values() if isinstance(b, Defined) and isinstance(b.node, ast.ClassDef)
            ]
        return found

    def chooses_forward(self, cls: Defined) -> bool:
        """Whether a decorator of the class gives it another forward, which may call the one that is written or not."""
        found = (self.project.resolve(cls.module, name) for name in decorators(cls.node) if name)
        return any(isinstance(one, Defined) and _sets_forward(one.node) for one in found)


def is_housekeeping(made: Instance | None, caller: Function, called: Function) -> bool:
    """Whether a call before export is made by a library's base of all its models, or of a method it gave `made`.

    That keeps house (weights, hooks, plans for devices): nothing of it is in a graph. `made`: what is constructed.
    """
    inherited = made is not None and called.receiver is made and not called.qualname.endswith(".__init__")
    return is_library_base(caller.owner) or (inherited and is_library_base(called.owner))


def is_library_base(owner: Defined | None) -> bool:
    """Whether a class is what a library builds all its models on."""
    return owner is not None and owner.node.name in _HOUSEKEEPERS


@once_a_node
def members(cls: ast.ClassDef) -> dict[str, ast.AST]:
    """What a class body binds: name -> definition or assigned expression; the last one wins."""
    bound: dict[str, ast.AST] = {}
    for statement in _flat(cls.body):
        if isinstance(statement, Definition):
            if not _is_variant(statement):
                bound[statement.name] = statement
        elif isinstance(statement, ast.Assign):
            for target in statement.targets:
                if isinstance(target, ast.Name):
                    bound[target.id] = statement.value
        elif isinstance(statement, ast.AnnAssign) and isinstance(statement.target, ast.Name) and statement.value:
            bound[statement.target.id] = statement.value
    return bound


def _flat(body: list[ast.stmt]) -> list[ast.stmt]:
    flat = []
    for statement in body:
        if isinstance(statement, ast.If):
            flat += _flat(statement.orelse) + _flat(statement.body)
        else:
            flat.append(statement)
    return flat


@once_a_node
def _sets_forward(decorator: ast.AST) -> bool:
    return any(
        isinstance(node, ast.Attribute) and node.attr == "forward" and isinstance(node.ctx, ast.Store)
        for node in ast.walk(decorator)
    )


def decorators(node: ast.AST) -> list[str]:
    """Dotted names of a definition's decorators, without their arguments."""
    return [_dotted(d.func if isinstance(d, ast.Call) else d) for d in getattr(node, "decorator_list", ())]


def _is_variant(node: ast.AST) -> bool:
    """Overload stubs and property setters do not replace the definition that they belong to."""
    return any(
        d.endswith((".setter", ".deleter")) or d.rpartition(".")[2] in ("overload", "_overload_method")
        for d in decorators(node)
    )


def is_property(node: ast.AST) -> bool:
    """Whether reading the name calls the function."""
    return any(d.rpartition(".")[2] in ("property", "cached_property") for d in decorators(node))


def bound_method(owner: Defined, node: ast.FunctionDef, receiver: Value) -> Function:
    """A method as read from an object: static methods and class methods get no `self`."""
    names = decorators(node)
    qualname = f"{owner.qualname}.{node.name}"
    if "staticmethod" in names:
        return Function(owner.module, node, qualname, None, owner)
    if "classmethod" in names:
        cls = receiver.cls if isinstance(receiver, Instance) else owner
        return Function(owner.module, node, qualname, Class(cls), owner)
    return Function(owner.module, node, qualname, receiver, owner)


def _dotted(node: ast.AST) -> str:
    """Source of a chain of names, `a.b.c`; subscripts (Generic[T]) are dropped; "" for anything else."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        head = _dotted(node.value)
        return f"{head}.{node.attr}" if head else ""
    if isinstance(node, ast.Subscript):
        return _dotted(node.value)
    return ""


dotted = _dotted


def says_none(node: ast.AST | None) -> bool:
    """Whether an expression is the word None."""
    return isinstance(node, ast.Constant) and node.value is None


def simplified(value: Value) -> Value:
    """A constructor's argument as it tells objects apart: what decides code is kept, configuration stays open."""
    if isinstance(value, Const):
        return Const(value.type, value.value, False)
    if isinstance(value, Static | Instance | Class | Function | Unknown):
        return value
    if isinstance(value, Map) and len(value.items) > 40:
        return UNKNOWN
    return value


class Attributes:
    """What objects hold: set by constructors, class bodies and, joined in, by methods."""

    def __init__(self, interpreter: Interpreter) -> None:
        self._interpreter = interpreter
        self._held: dict[Instance, dict[str, Value]] = {}
        self._building = 0  # constructors under way
        self.woken = False  # whether a call, and no constructor, kept a tensor of its own where there had been None

    def of(self, instance: Instance) -> dict[str, Value]:
        """Attributes by name, after the constructor ran (abstractly; nothing it does is an event)."""
        if instance not in self._held:
            self._held[instance] = {}
            self._building += 1
            try:
                self._interpreter.construct(instance)
            finally:
                self._building -= 1
        return self._held[instance]

    def write(self, instance: Instance, name: str, value: Value, first: bool) -> None:
        """`self.name = value`: in a constructor's straight line it replaces, elsewhere it is one more possibility."""
        held = self._held.setdefault(instance, {})
        if not first and not self._building and held.get(name) == NONE and computed(value) is not None:
            self.woken = True
        held[name] = value if first or name not in held else join(held[name], value)
