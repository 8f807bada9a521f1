"""One function as torch.jit.script compiles it: the types of its variables, statement by statement."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from exportlint.flow.objects import dotted
from exportlint.flow.scripting import assignments, attribute_writes, branches, containers, managers, operations, terms
from exportlint.flow.scripting.branches import Mismatch
from exportlint.flow.scripting.conditions import judge
from exportlint.flow.scripting.fitting import fits, joined
from exportlint.flow.scripting.types import (
    FLOAT,
    INT,
    NONE,
    NUMBERS,
    TENSOR,
    Type,
    Unscriptable,
    is_optional,
)
from exportlint.flow.values import UNKNOWN, Const, Function, Instance, Layer, Value
from exportlint.source.project import External

if TYPE_CHECKING:
    from exportlint.flow.scripting.reach import Program


class Body:
    """A function being compiled. `env`: the types of variables; `levels`: where each was made."""

    def __init__(
        self, program: Program, function: Function, env: dict[str, Value], declared: Value | None, doubt: bool
    ) -> None:
        self.program = program
        self.project = program.project
        self.function = function
        self.module = function.module
        self.env = env
        self.levels = {name: (0, kind) for name, kind in env.items()}  # depth and type at its making
        self.untyped = {
            a.arg for a in (*function.node.args.posonlyargs, *function.node.args.args) if a.annotation is None
        }
        self.misread: set[tuple[Instance, str]] = set()  # attributes of another type than was meant, as is told
        self.declared = declared
        self.doubts = self._doubts_at_start = int(doubt)
        self.result: Value | None = None
        self._level = 0
        self._unrolled = 0

    def run(self) -> Value:
        """Compile the body; the type of what it returns."""
        ended = self.block(self.function.node.body)
        if not ended and self._must_return():
            head = self.function.node.args.args[0] if self.function.node.args.args else self.function.node.body[0]
            self.fault(head, "return-type", f"declared {self.declared}, but some path returns nothing")
        if self.declared is not None:
            return self.declared
        if self.result is None:
            return NONE
        return self.result if ended else (joined(self.result, NONE) or UNKNOWN)

    def _must_return(self) -> bool:
        known = (
            isinstance(self.declared, Type) and self.declared not in (NONE, UNKNOWN) and not is_optional(self.declared)
        )
        return known and not isinstance(self.function.node.body[-1], ast.While | ast.With | ast.Try | ast.Match)

    def block(self, body: list[ast.stmt]) -> bool:
        """Statements in turn; whether every path through them ends. What stands behind is not compiled."""
        for statement in body:
            handler = getattr(self, f"_{type(statement).__name__}", None)
            if handler is not None and handler(statement):
                return True
        return False

    def term(self, node: ast.expr | None) -> Value:
        """The type of an expression."""
        return UNKNOWN if node is None else terms.evaluate(self, node)

    def fault(self, node: ast.AST, reason: str, detail: str) -> None:
        """Report what torch would reject here."""
        self.program.report(self.module, node, self.function.qualname, reason, detail, bool(self.doubts))

    def unscriptable(self, node: ast.Attribute, held: Unscriptable) -> None:
        """Report the use of an attribute that torch left out."""
        detail = f"`{node.attr}`, which is {held.why}"
        other = (held.made,) if held.made else ()
        where = self.function.qualname
        self.program.report(self.module, node, where, "attribute", detail, bool(self.doubts), other=other)

    def external(self, node: ast.expr) -> str:
        """The dotted name of what lives outside the project, builtins included; "" for anything else."""
        name = dotted(node)
        head = name.partition(".")[0]
        if not name or head in self.env:
            return ""
        resolved = self.project.resolve(self.module, name)
        if isinstance(resolved, External):
            return resolved.name
        known = resolved is not None or self.project.resolve(self.module, head) is not None
        return "" if known or "." in name else f"builtins.{name}"

    def is_constant(self, node: ast.Attribute) -> bool:
        """Whether an attribute is one that torch knows while compiling."""
        holder = self.term(node.value)
        return isinstance(holder, Instance) and self.program.is_constant(holder, node.attr)

    def constant(self, node: ast.Attribute) -> bool | None:
        """The value of such an attribute, where the constructor leaves no choice."""
        holder = self.term(node.value)
        held = self.program.interpreter.attributes.of(holder).get(node.attr)
        return bool(held.value) if isinstance(held, Const) and held.fixed and isinstance(held.value, bool) else None

    def is_module(self, value: Value) -> bool:
        """Whether a value is a module, of torch's or of the project."""
        return isinstance(value, Layer) or (isinstance(value, Instance) and self.program.is_module(value.cls))

    # -- statements

    def _Expr(self, node: ast.Expr) -> None:
        if isinstance(node.value, ast.Constant) and node.value.value is Ellipsis:
            self.fault(node, "unsupported-syntax", "`...` as a statement")
        self.term(node.value)

    def _Return(self, node: ast.Return) -> bool:
        value = self.term(node.value) if node.value is not None else NONE
        if self.declared is not None:
            if fits(self.declared, value) is False:
                self.fault(node, "return-type", f"declared {self.declared}, returned {value}")
            return True
        if self.doubts > self._doubts_at_start:
            value = UNKNOWN  # the branch may not be compiled, and then its result does not count
        both = value if self.result is None else joined(self.result, value)
        if both is None:
            self.fault(node, "return-type", f"{self.result} before, {value} here")
        self.result = UNKNOWN if both is None else both
        return True

    def _Raise(self, node: ast.Raise) -> bool:
        if isinstance(node.exc, ast.Call):
            for argument in node.exc.args:
                self.term(argument)
        return True

    def _Assert(self, node: ast.Assert) -> bool:
        outcome = judge(self, node.test)
        self.env.update(outcome.true)
        return outcome.known is False and not outcome.doubt

    def _Delete(self, node: ast.Delete) -> None:
        for target in node.targets:
            if isinstance(target, ast.Attribute):
                self.fault(node, "unsupported-syntax", "`del` of an attribute")

    def _Assign(self, node: ast.Assign) -> None:
        value = self.term(node.value)
        for target in node.targets:
            self.assign(target, value, node)

    def _AnnAssign(self, node: ast.AnnAssign) -> None:
        if _is_tolist(node.value):  # an annotation gives its result a type
            self.term(node.value.func.value)
        elif isinstance(node.value, ast.Subscript):  # an annotation with an interface may index a ModuleDict freely
            self.term(node.value.value)
        elif not isinstance(node.value, ast.List | ast.Dict):
            assignments.check_annotated(self, node, self.term(node.value))
        if isinstance(node.target, ast.Name):
            if self.levels.get(node.target.id, (self._level,))[0] < self._level:
                self.fault(node, "variable-type", f"`{node.target.id}`, which an outer block made, is annotated again")
            self._set(node.target.id, self.program.declared(self.module, node.annotation), node)

    def _AugAssign(self, node: ast.AugAssign) -> None:
        left, right = self.term(_loaded(node.target)), self.term(node.value)
        value = operations.arithmetic(self, node, node.op, left, right)
        if isinstance(node.target, ast.Name):
            kept = value == UNKNOWN and left not in NUMBERS  # which `+=` may make a tensor
            self._set(node.target.id, left if kept else value, node)
        elif isinstance(node.target, ast.Attribute):
            attribute_writes.set_attribute(self, node.target, value, node)

    def assign(self, target: ast.expr, value: Value, node: ast.AST) -> None:
        """Bind a target to a value of a type."""
        if isinstance(target, ast.Name):
            self._set(target.id, value, node)
        elif isinstance(target, ast.Tuple | ast.List):
            assignments.unpack(self, target, value, node)
        elif isinstance(target, ast.Starred):
            self.assign(target.value, UNKNOWN, node)
        elif isinstance(target, ast.Attribute):
            attribute_writes.set_attribute(self, target, value, node)
        elif isinstance(target, ast.Subscript):
            attribute_writes.set_item(self, target, value, node)

    def _set(self, name: str, value: Value, node: ast.AST) -> None:
        level, known = self.levels.get(name, (self._level, UNKNOWN))
        if level < self._level and not self.doubts:
            if fits(known, value) is False and not (known == NONE and value == NONE):
                self.fault(node, "variable-type", f"`{name}` was {known} and becomes {value} in an inner block")
                value = UNKNOWN
            elif known in (INT, FLOAT) and value == TENSOR:
                value = known  # torch makes it a number
        else:
            self.levels[name] = (self._level, value)
        self.env[name] = value

    # -- blocks

    def _If(self, node: ast.If) -> bool:
        outcome = judge(self, node.test)
        if outcome.known is not None and not outcome.doubt:
            self.env.update(outcome.true if outcome.known else outcome.false)
            return self.block(node.body if outcome.known else node.orelse)
        before, levels = dict(self.env), dict(self.levels)
        self._level += 1
        self.doubts += outcome.doubt
        ends = []
        for refined, body in ((outcome.true, node.body), (outcome.false, node.orelse)):
            self.env, self.levels = before | refined, dict(levels)
            ends.append((self.block(body), self.env))
        self._level -= 1
        self.doubts -= outcome.doubt
        self.levels = levels
        (true_ended, true), (false_ended, false) = ends
        if true_ended or false_ended:
            self.env = false if true_ended else true
        else:
            self.env = branches.merged(self, node, before, true, false, outcome.doubt)
        for name in self.env:
            self.levels.setdefault(name, (self._level, self.env[name]))
        return true_ended and false_ended

    def _While(self, node: ast.While) -> None:
        judge(self, node.test)
        self._loop(node.body, {})

    def _For(self, node: ast.For) -> None:
        value = self.term(node.iter)
        element, unrolled = containers.element(self, node.iter, value)
        if unrolled:
            self._unrolled += 1
            self.assign(node.target, element, node)
            self.block(node.body)
            self._unrolled -= 1
            return
        outer, self._unrolled = self._unrolled, 0
        self._loop(node.body, {"": (node.target, element, node)} if element is not None else {}, value == UNKNOWN)
        self._unrolled = outer

    def _loop(self, body: list[ast.stmt], target: dict, maybe_unrolled: bool = False) -> None:
        before, levels = dict(self.env), dict(self.levels)
        self._level += not maybe_unrolled
        for bound in target.values():
            self.assign(*bound)
        self.block(body)
        self._level -= not maybe_unrolled
        if not maybe_unrolled:
            inner = self.env
            self.env = {n: before[n] if v == before[n] else UNKNOWN for n, v in inner.items() if n in before}
            late = "is set in a loop only, and torch forgets it behind the loop"
            self.env |= {n: Mismatch(None, f"`{n}` {late}") for n in inner if n not in before}
            self.levels = levels

    def _Break(self, node: ast.stmt) -> bool:
        if self._unrolled:
            self.fault(node, "module-container", "`break` or `continue` in a loop over modules, which is unrolled")
        return True

    _Continue = _Break

    def _With(self, node: ast.With) -> bool:
        for item in node.items:
            managers.refuse(self, item.context_expr)
            if item.optional_vars is not None:
                self.assign(item.optional_vars, UNKNOWN, item.context_expr)
        return self.block(node.body)


def _loaded(target: ast.expr) -> ast.expr:
    if isinstance(target, ast.Name):
        return ast.copy_location(ast.Name(target.id, ast.Load()), target)
    return target


def _is_tolist(node: ast.expr | None) -> bool:
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "tolist"
