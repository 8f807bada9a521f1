"""A branch on a tensor as a choice between two values: `a if test else b`, or an `if` that returns or assigns them."""

from __future__ import annotations

import ast
from dataclasses import dataclass

import libcst as cst

from exportlint.finding import Edit
from exportlint.fix.forms import without_item
from exportlint.fix.site import Site
from exportlint.fix.tensors import Tensors

_EFFECTS = (ast.NamedExpr, ast.Await, ast.Yield, ast.YieldFrom)


@dataclass(frozen=True)
class Choice:
    """What a branch chooses: `then` where `condition`, source text of one tensor of truth values, holds.

    All from `first` to `last` goes with the branch; `store` is "return", "y =" or, for an expression, empty.
    """

    condition: str
    then: cst.BaseExpression
    otherwise: cst.BaseExpression
    store: str
    first: cst.CSTNode
    last: cst.CSTNode


@dataclass(frozen=True)
class _Arms:
    then: cst.BaseExpression
    otherwise: cst.BaseExpression
    store: str
    last: cst.CSTNode


def choice(site: Site) -> Choice | None:
    """The choice that a branch whose test stands at the span makes; None where it does more, or anything else."""
    node = site.syntax(ast.expr)
    above = site.whole(node) if node is not None else None
    if not isinstance(above, ast.If | ast.IfExp | ast.UnaryOp) or not _is_short(above):
        return None
    test = site.at(cst.BaseExpression)
    if test is None:
        return None
    around = site.parent(test)
    negated = isinstance(around, cst.UnaryOperation) and isinstance(around.operator, cst.Not)
    branch = site.parent(around) if negated else around
    if isinstance(test, cst.UnaryOperation) and isinstance(test.operator, cst.Not):
        test, negated = test.expression, not negated
    condition = _condition(site, test)
    arms = _arms(site, branch)
    if condition is None or arms is None:
        return None
    then, otherwise = (arms.otherwise, arms.then) if negated else (arms.then, arms.otherwise)
    return Choice(condition, then, otherwise, arms.store, branch, arms.last)


def chosen(site: Site, choice: Choice, value: str) -> Edit:
    """The edit that computes the value of a choice without a branch; comments of the branch stand above it then."""
    if choice.store:
        statement = f"{choice.store} {value}"
        indentation = site.indentation(choice.first)
        comments = [c for c in site.comments(site.stretch(choice.first, choice.last)) if c not in statement]
        value = "".join(f"{comment}\n{indentation}" for comment in comments) + statement
    return site.replaced(choice.first, value, choice.last)


def has_effect(arm: ast.expr) -> bool:
    """Whether an arm binds a name, waits, or calls a method such as `x.mul_()`."""
    nodes = list(ast.walk(arm))
    methods = [node.func.attr for node in nodes if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)]
    return any(isinstance(node, _EFFECTS) for node in nodes) or any(name.endswith("_") for name in methods)


def calls_own_part(arm: ast.expr) -> bool:
    """Whether an arm calls a part or a method of the model itself."""
    return any(is_own_part(node) for node in ast.walk(arm))


def is_own_part(node: ast.AST) -> bool:
    """Whether a node is a call of something that `self` has: `self.layer(x)`, `self.layers[0](x)`."""
    called = node.func if isinstance(node, ast.Call) else None
    while isinstance(called, ast.Attribute | ast.Subscript):
        called = called.value
    return isinstance(called, ast.Name) and called.id in ("self", "cls", "super")


def _is_short(branch: ast.AST) -> bool:
    """Whether each arm of a branch is one statement at most."""
    return not isinstance(branch, ast.If) or (len(branch.body) == 1 and len(branch.orelse) <= 1)


def _condition(site: Site, test: cst.BaseExpression) -> str | None:
    """The test as one tensor of truth values; None where it is anything else."""
    if isinstance(test, cst.Comparison) and len(test.comparisons) == 1:
        side = test.comparisons[0]
        left, right = site.code(without_item(test.left)), site.code(without_item(side.comparator))
        text = f"{left}{site.between(test.left, side.comparator)}{right}"
    else:
        text = site.code(without_item(test))
    value = ast.parse(f"({text})", mode="eval").body
    return text if Tensors(site, tested=value).is_boolean(value) else None


def _arms(site: Site, branch: cst.CSTNode) -> _Arms | None:
    if isinstance(branch, cst.IfExp):
        return _Arms(branch.body, branch.orelse, "", branch)
    if not isinstance(branch, cst.If) or isinstance(site.parent(branch), cst.If):
        return None
    then = _only_statement(branch.body)
    if isinstance(branch.orelse, cst.Else):
        otherwise = _only_statement(branch.orelse.body)
        return _stored(then, otherwise, branch)
    if branch.orelse is None and isinstance(then, cst.Return):
        following = _next_statement(site, branch)
        return _stored(then, _only_small(following), following) if following is not None else None
    if branch.orelse is None and isinstance(then, cst.Assign):
        return _kept(site, then, branch)
    return None


def _stored(then: cst.CSTNode | None, otherwise: cst.CSTNode | None, last: cst.CSTNode) -> _Arms | None:
    """_Arms that both return a value, or both assign one to the same name."""
    if isinstance(then, cst.Return) and isinstance(otherwise, cst.Return) and then.value and otherwise.value:
        return _Arms(then.value, otherwise.value, "return", last)
    if isinstance(then, cst.Assign) and isinstance(otherwise, cst.Assign):
        name = _name(then)
        if name and name == _name(otherwise):
            return _Arms(then.value, otherwise.value, f"{name} =", last)
    return None


def _kept(site: Site, then: cst.Assign, branch: cst.If) -> _Arms | None:
    """An assignment without `else`, to a name that the test or the value reads: the other arm is the name as it was."""
    name = _name(then)
    read = {
        n.id for part in (branch.test, then.value) for n in ast.walk(site.expression(part)) if isinstance(n, ast.Name)
    }
    return _Arms(then.value, then.targets[0].target, f"{name} =", branch) if name and name in read else None


def _name(assignment: cst.Assign) -> str | None:
    target = assignment.targets[0].target
    return target.value if len(assignment.targets) == 1 and isinstance(target, cst.Name) else None


def _only_statement(suite: cst.BaseSuite) -> cst.CSTNode | None:
    if isinstance(suite, cst.SimpleStatementSuite):
        return suite.body[0] if len(suite.body) == 1 else None
    return _only_small(suite.body[0]) if len(suite.body) == 1 else None


def _only_small(line: cst.CSTNode) -> cst.CSTNode | None:
    return line.body[0] if isinstance(line, cst.SimpleStatementLine) and len(line.body) == 1 else None


def _next_statement(site: Site, branch: cst.If) -> cst.CSTNode | None:
    """The statement that runs after a branch whose arm returns."""
    block = site.parent(branch)
    statements = list(block.body) if isinstance(block, cst.IndentedBlock) else []
    position = next((n for n, statement in enumerate(statements) if statement is branch), len(statements))
    return statements[position + 1] if position + 1 < len(statements) else None
