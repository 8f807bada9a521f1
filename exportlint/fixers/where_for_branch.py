"""A branch on a tensor becomes `torch.where` over both arms.

## Before
```python
class Scale(nn.Module):
    def forward(self, x: torch.Tensor):
        if x.sum() > 0:  # mostly bright
            y = x * 2
        else:
            y = -x
        return y.exp() if y.mean().item() < 1 else y
```

## After
```python
class Scale(nn.Module):
    def forward(self, x: torch.Tensor):
        # mostly bright
        y = torch.where(x.sum() > 0, x * 2, -x)
        return torch.where(y.mean() < 1, y.exp(), y)
```

## Safety
Unsafe: both arms are computed, which costs time, may raise in the arm that was not taken, and lets a NaN in its
gradient through. Arms of different shapes are broadcast, arms of different dtypes promoted. Arms that call the model's
own modules or methods are left for `torch.cond`.
"""

from __future__ import annotations

import ast
from dataclasses import dataclass

import libcst as cst

from exportlint.finding import Finding, Fix
from exportlint.fix.fixer import Fixer
from exportlint.fix.forms import without_item
from exportlint.fix.names import spelled
from exportlint.fix.site import Site
from exportlint.fix.tensors import Tensors

_ELSEWHERE = (ast.NamedExpr, ast.Await, ast.Yield, ast.YieldFrom)


@dataclass(frozen=True)
class Arms:
    """The two values that a branch chooses from, and the last node that goes with it; `store` is "return" or "y ="."""

    then: cst.BaseExpression
    otherwise: cst.BaseExpression
    store: str
    last: cst.CSTNode


def fix(finding: Finding, site: Site) -> Fix | None:
    """Repairs `a if test else b`, and an `if` whose arms return, or assign to one name."""
    node = site.syntax(ast.expr)
    above = site.whole(node) if node is not None else None
    where = spelled(site, "torch.where")
    if not isinstance(above, ast.If | ast.IfExp | ast.UnaryOp):
        return None
    test = site.at(cst.BaseExpression)
    if test is None or where is None:
        return None
    around = site.parent(test)
    negated = isinstance(around, cst.UnaryOperation) and isinstance(around.operator, cst.Not)
    branch = site.parent(around) if negated else around
    if isinstance(test, cst.UnaryOperation) and isinstance(test.operator, cst.Not):
        test, negated = test.expression, not negated
    condition = _condition(site, test)
    arms = _arms(site, branch)
    if condition is None or arms is None or not _are_tensors(site, condition, arms):
        return None
    then, otherwise = (arms.otherwise, arms.then) if negated else (arms.then, arms.otherwise)
    text = f"{where}({condition}, {site.bare_code(then)}, {site.bare_code(otherwise)})"
    if arms.store:
        text = _with_comments(site, branch, arms, f"{arms.store} {text}")
    return Fix("compute both arms and choose with torch.where", (site.replaced(branch, text, arms.last),), False)


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


def _arms(site: Site, branch: cst.CSTNode) -> Arms | None:
    if isinstance(branch, cst.IfExp):
        return Arms(branch.body, branch.orelse, "", branch)
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


def _stored(then: cst.CSTNode | None, otherwise: cst.CSTNode | None, last: cst.CSTNode) -> Arms | None:
    """Arms that both return a value, or both assign one to the same name."""
    if isinstance(then, cst.Return) and isinstance(otherwise, cst.Return) and then.value and otherwise.value:
        return Arms(then.value, otherwise.value, "return", last)
    if isinstance(then, cst.Assign) and isinstance(otherwise, cst.Assign):
        name = _name(then)
        if name and name == _name(otherwise):
            return Arms(then.value, otherwise.value, f"{name} =", last)
    return None


def _kept(site: Site, then: cst.Assign, branch: cst.If) -> Arms | None:
    """An assignment without `else`, to a name that the test or the value reads: the other arm is the name as it was."""
    name = _name(then)
    read = {
        n.id for part in (branch.test, then.value) for n in ast.walk(site.expression(part)) if isinstance(n, ast.Name)
    }
    return Arms(then.value, then.targets[0].target, f"{name} =", branch) if name and name in read else None


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


def _are_tensors(site: Site, condition: str, arms: Arms) -> bool:
    """Whether one arm is surely a tensor and the other one too, or a number."""
    known = Tensors(site, ast.parse(f"({condition})", mode="eval").body)
    values = [site.expression(arm) for arm in (arms.then, arms.otherwise)]
    if any(_may_do_more(node) for value in values for node in ast.walk(value)):
        return False
    numbers = [_is_number(value) for value in values]
    return not all(numbers) and all(n or known.holds(value) for n, value in zip(numbers, values, strict=True))


def _is_number(node: ast.expr) -> bool:
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        node = node.operand
    return isinstance(node, ast.Constant) and type(node.value) in (int, float)


def _may_do_more(node: ast.AST) -> bool:
    """A call that may do more than give a tensor: of the model's own parts, or of a method such as `x.mul_()`."""
    if isinstance(node, _ELSEWHERE):
        return True
    if not isinstance(node, ast.Call):
        return False
    function = node.func
    if isinstance(function, ast.Attribute) and function.attr.endswith("_"):
        return True
    while isinstance(function, ast.Attribute):
        function = function.value
    return isinstance(function, ast.Name) and function.id in ("self", "cls", "super")


def _with_comments(site: Site, branch: cst.CSTNode, arms: Arms, statement: str) -> str:
    """The statement, below the comments that stood in the branch."""
    indentation = site.indentation(branch)
    comments = [c for c in site.comments(site.stretch(branch, arms.last)) if c not in statement]
    return "".join(f"{comment}\n{indentation}" for comment in comments) + statement


FIXER = Fixer("EXL101", fix)
