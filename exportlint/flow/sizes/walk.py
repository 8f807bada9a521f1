"""The statements of a model's own functions, run with one set of sizes; what they call of the project is run too."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from exportlint.flow.arguments import Arguments
from exportlint.flow.interpreter import Interpreter
from exportlint.flow.sizes.sized import Lost
from exportlint.flow.values import NONE, UNKNOWN, Const, Function, Instance, Map, Seq, Value
from exportlint.source.remembered import once_a_node

MOST_STEPS = 20_000  # statements of one run; a ResNet takes a thousand
MOST_NESTED = 40  # calls within calls
MOST_TURNS = 200  # of one loop

_LEAVES = ast.Return | ast.Break | ast.Continue | ast.Yield | ast.YieldFrom


class Run:
    """One run of one model. `training` as `self.training` says it, None where that is not known."""

    def __init__(self, interpreter: Interpreter, training: bool | None) -> None:
        self.interpreter = interpreter
        self.project = interpreter.project
        self.training = training
        self.written: dict[tuple[Instance, str], Value] = {}  # attributes that forward sets
        self._steps = 0
        self._nested: list[ast.AST] = []

    def step(self) -> None:
        """Count a statement. Raises Lost."""
        self._steps += 1
        if self._steps > MOST_STEPS:
            raise Lost

    def call(self, function: Function, given: Arguments) -> Value:
        """What a function of the project gives. Raises Mismatch and Lost."""
        node = function.node
        known = isinstance(node, ast.FunctionDef) and not _is_odd(node)
        if not known or node in self._nested or len(self._nested) >= MOST_NESTED:
            return UNKNOWN
        self._nested.append(node)
        try:
            return Body(self, function, given).run()
        finally:
            self._nested.pop()


@once_a_node
def _is_odd(node: ast.FunctionDef) -> bool:
    """Whether calling a function does not simply run it."""
    plain = ("staticmethod", "classmethod", "torch.no_grad()", "torch.inference_mode()")
    if any(ast.unparse(decorator) not in plain for decorator in node.decorator_list):
        return True
    return any(isinstance(inner, ast.Yield | ast.YieldFrom) for inner in ast.walk(node))


class Returned(Exception):
    """A return, with its value."""

    def __init__(self, value: Value) -> None:
        super().__init__()
        self.value = value


class Body:
    """One call of one function. `env` holds its variables."""

    def __init__(self, run: Run, function: Function, given: Arguments) -> None:
        from exportlint.flow.sizes.expressions import evaluate

        self._run = run
        self.interpreter = run.interpreter
        self.project = run.project
        self.function = function
        self.module = function.module
        self.overall = run
        self.evaluate = lambda node: evaluate(self, node)
        self.env = self._bound(given)
        self.received = set(self.env)  # variables that still are what the caller passed

    def _bound(self, given: Arguments) -> dict[str, Value]:
        spec = self.function.node.args
        positional = [*spec.posonlyargs, *spec.args]
        args = list(given.args)
        if self.function.receiver is not None and positional:
            args.insert(0, self.function.receiver)
        defaults = dict(zip(reversed([p.arg for p in positional]), reversed(spec.defaults), strict=False))
        defaults |= {p.arg: d for p, d in zip(spec.kwonlyargs, spec.kw_defaults, strict=True) if d is not None}
        is_open = given.open_kwargs or given.open_args is not None
        env: dict[str, Value] = {}
        for position, parameter in enumerate([*positional, *spec.kwonlyargs]):
            name = parameter.arg
            if position < min(len(args), len(positional)):
                env[name] = args[position]
            elif name in given.kwargs:
                env[name] = given.kwargs[name]
            else:
                env[name] = UNKNOWN if is_open or name not in defaults else self._default(defaults[name])
        if spec.vararg:
            rest = tuple(args[len(positional) :])
            env[spec.vararg.arg] = UNKNOWN if is_open else Seq("tuple", rest)
        if spec.kwarg:
            env[spec.kwarg.arg] = UNKNOWN
        return env

    def _default(self, node: ast.expr) -> Value:
        self.env = {}
        return self.evaluate(node)

    def run(self) -> Value:
        """What the function returns. Raises Mismatch and Lost."""
        try:
            self.block(self.function.node.body)
        except Returned as returned:
            return returned.value
        return NONE

    def block(self, body: list[ast.stmt]) -> None:
        """Statements in their order. Raises Returned."""
        for statement in body:
            self._run.step()
            self._statement(statement)

    def _statement(self, node: ast.stmt) -> None:
        if isinstance(node, ast.Assign):
            value = self.evaluate(node.value)
            for target in node.targets:
                self.assign(target, value)
        elif isinstance(node, ast.AnnAssign):
            if node.value is not None:
                self.assign(node.target, self.evaluate(node.value))
        elif isinstance(node, ast.AugAssign):
            loaded = ast.copy_location(ast.BinOp(_loaded(node.target), node.op, node.value), node)
            self.assign(node.target, self.evaluate(loaded))
        elif isinstance(node, ast.Expr):
            self.evaluate(node.value)
        elif isinstance(node, ast.Return):
            raise Returned(self.evaluate(node.value) if node.value is not None else NONE)
        elif isinstance(node, ast.If):
            self._if(node)
        elif isinstance(node, ast.For):
            self._for(node)
        elif isinstance(node, ast.With):
            self.block(node.body)
        elif isinstance(node, ast.While | ast.Try | ast.Match):
            self._skip([node])
        elif isinstance(node, ast.Raise | ast.Break | ast.Continue):
            raise Lost
        elif isinstance(node, ast.FunctionDef | ast.ClassDef | ast.Import | ast.ImportFrom):
            self._forget(_bound_in([node]))

    def assign(self, target: ast.expr, value: Value) -> None:
        """Bind a target to a value."""
        if isinstance(target, ast.Name):
            self.env[target.id] = value
            self.received.discard(target.id)
        elif isinstance(target, ast.Tuple | ast.List):
            whole = isinstance(value, Seq) and value.items is not None and len(value.items) == len(target.elts)
            whole = whole and not any(isinstance(part, ast.Starred) for part in target.elts)
            for position, part in enumerate(target.elts):
                self.assign(part, value.items[position] if whole else UNKNOWN)
        elif isinstance(target, ast.Starred):
            self.assign(target.value, UNKNOWN)
        elif isinstance(target, ast.Attribute):
            receiver = self.evaluate(target.value)
            if isinstance(receiver, Instance):
                self._run.written[(receiver, target.attr)] = value
        elif isinstance(target, ast.Subscript):
            self._put_into(target.value)

    def _put_into(self, holder: ast.expr) -> None:
        """An item of a list or dict changes in place; a tensor keeps its sizes. Raises Lost for one that came in."""
        if isinstance(holder, ast.Name) and isinstance(self.env.get(holder.id), Seq | Map):
            if holder.id in self.received:
                raise Lost
            self.env[holder.id] = UNKNOWN
        elif isinstance(holder, ast.Attribute) and isinstance(self.evaluate(holder), Seq | Map):
            self.assign(holder, UNKNOWN)

    def _if(self, node: ast.If) -> None:
        test = self.evaluate(node.test)
        if isinstance(test, Const):
            self.block(node.body if test.value else node.orelse)
        elif _only_raises(node.body):
            self.block(node.orelse)  # what would raise is another matter
        else:
            self._skip([*node.body, *node.orelse])

    def _skip(self, body: list[ast.stmt]) -> None:
        """Statements that may run or not: what they change is not known. Raises Lost where the run may end in them."""
        if any(isinstance(inner, _LEAVES) for statement in body for inner in ast.walk(statement)):
            raise Lost
        self._forget(_bound_in(body))

    def _forget(self, names: set[str]) -> None:
        for name in names:
            self.env[name] = UNKNOWN

    def _for(self, node: ast.For) -> None:
        over = self.evaluate(node.iter)
        items = over.items if isinstance(over, Seq) else None
        leaves = any(isinstance(inner, _LEAVES) for statement in node.body for inner in ast.walk(statement))
        if items is None or len(items) > MOST_TURNS or leaves or node.orelse:
            self._skip([node])
            return
        for item in items:
            self.assign(node.target, item)
            self.block(node.body)


def _only_raises(body: list[ast.stmt]) -> bool:
    return isinstance(body[-1], ast.Raise) and not any(
        isinstance(inner, _LEAVES) for statement in body for inner in ast.walk(statement)
    )


def _bound_in(body: list[ast.stmt]) -> set[str]:
    """Variables that statements set, or change in place."""
    return {name for statement in body for name in _bound_by(statement)}


def _bound_by(statement: ast.stmt) -> Iterator[str]:
    for node in ast.walk(statement):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store | ast.Del):
            yield node.id
        elif isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store):
            raise Lost  # an attribute that may be set or not
        elif isinstance(node, ast.FunctionDef | ast.ClassDef):
            yield node.name
        elif isinstance(node, ast.alias):
            yield (node.asname or node.name).partition(".")[0]
        elif isinstance(node, ast.expr):
            yield from _changed_by(node)


def _changed_by(node: ast.expr) -> set[str]:
    """The list that a call like `items.append(x)` changes."""
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and isinstance(node.func.value, ast.Name):
        changing = ("append", "extend", "insert", "pop", "reverse", "clear", "remove", "update")
        return {node.func.value.id} if node.func.attr in changing else set()
    return set()


def _loaded(target: ast.expr) -> ast.expr:
    """The target of an augmented assignment as what is read."""
    copy = {ast.Name: lambda t: ast.Name(t.id, ast.Load()), ast.Attribute: lambda t: ast.Attribute(t.value, t.attr)}
    made = copy.get(type(target), lambda t: t)(target)
    return ast.copy_location(made, target)
