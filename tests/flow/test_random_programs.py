"""`check` never raises and never hangs, whatever Python it is given; EXPORTLINT_FULL=1 gives it 3000 programs."""

from __future__ import annotations

import ast
import os

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from exportlint.check import check
from exportlint.config import Settings
from exportlint.finding import TARGETS
from tests.flow.events_of import HEADER

NAMES = st.sampled_from(
    ["x", "y", "self", "self.fc", "torch", "F", "n", "math", "np", "self.layers", "None", "len", "super()"]
)
NUMBERS = st.sampled_from(["0", "1", "-1", "2.5", "True", "'a'", "None", "...", "()", "[]", "{}"])


def _grow(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    two = st.tuples(inner, inner)
    return st.one_of(
        two.map(lambda p: f"({p[0]} + {p[1]})"),
        two.map(lambda p: f"({p[0]} if {p[1]} else {p[0]})"),
        two.map(lambda p: f"({p[0]} and {p[1]} or not {p[0]})"),
        two.map(lambda p: f"({p[0]} < {p[1]} == {p[0]})"),
        two.map(lambda p: f"({p[0]})[{p[1]}]"),
        two.map(lambda p: f"({p[0]})({p[1]}, *({p[0]}), **({p[1]}))"),
        two.map(lambda p: f"[i for i in ({p[0]}) if {p[1]}]"),
        two.map(lambda p: f"max({p[0]}, {p[1]})"),
        inner.map(lambda e: f"({e}).sum()"),
        inner.map(lambda e: f"({e}).shape"),
        inner.map(lambda e: f"int(({e}).item())"),
        inner.map(lambda e: f"torch.cat([{e}, {e}], dim=0)"),
        inner.map(lambda e: f"(lambda q=({e}): q({e}))()"),
        inner.map(lambda e: f"f'{{{e}}}'"),
        inner.map(lambda e: f"dict(a={e})['a']"),
        inner.map(lambda e: f"range(len({e}))"),
        inner.map(lambda e: f"isinstance({e}, (torch.Tensor, list))"),
    )


EXPRESSIONS = st.recursive(st.one_of(NAMES, NUMBERS), _grow, max_leaves=8)


def _indent(block: list[str]) -> list[str]:
    return ["    " + line for line in block]


def _nest(blocks: st.SearchStrategy[list[str]]) -> st.SearchStrategy[list[str]]:
    return st.one_of(
        st.tuples(EXPRESSIONS, blocks, blocks).map(lambda p: [f"if {p[0]}:", *_indent(p[1]), "else:", *_indent(p[2])]),
        st.tuples(EXPRESSIONS, blocks).map(lambda p: [f"for n, *y in {p[0]}:", *_indent(p[1])]),
        st.tuples(EXPRESSIONS, blocks).map(lambda p: [f"while {p[0]}:", *_indent(p[1]), "    continue"]),
        st.tuples(blocks, blocks).map(lambda p: ["try:", *_indent(p[0]), "except Exception as e:", *_indent(p[1])]),
        st.tuples(EXPRESSIONS, blocks).map(lambda p: [f"with {p[0]} as y:", *_indent(p[1])]),
        st.tuples(EXPRESSIONS, blocks).map(
            lambda p: ["def y(x=None, *n, **k):", *_indent(p[1]), f"    return y({p[0]})", "y(x)"]
        ),
        st.tuples(EXPRESSIONS, blocks).map(
            lambda p: [f"match {p[0]}:", "    case [n, *y]:", *_indent(_indent(p[1])), "    case _: pass"]
        ),
    )


STATEMENTS = st.one_of(
    EXPRESSIONS.map(lambda e: [f"y = {e}"]),
    EXPRESSIONS.map(lambda e: [f"self.fc = {e}"]),
    EXPRESSIONS.map(lambda e: [f"x[{e}] = {e}"]),
    EXPRESSIONS.map(lambda e: [f"n, (y, *x) = {e}"]),
    EXPRESSIONS.map(lambda e: [f"y += {e}"]),
    EXPRESSIONS.map(lambda e: [f"assert {e}"]),
    EXPRESSIONS.map(lambda e: [f"return {e}"]),
    EXPRESSIONS.map(lambda e: [f"n.append({e})"]),
    EXPRESSIONS.map(lambda e: ["global count", f"count += {e}"]),
    EXPRESSIONS.map(lambda e: [f"y, n = self.rnn(nn.utils.rnn.pack_padded_sequence({e}, x))"]),
)
BLOCKS = st.recursive(STATEMENTS, _nest, max_leaves=6)


@settings(
    max_examples=3000 if os.environ.get("EXPORTLINT_FULL") else 150,
    deadline=5000,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(init=BLOCKS, body=BLOCKS)
def test_any_program_is_interpreted(init, body, tmp_path):
    lines = ["class Net(nn.Module):", "    def __init__(self, n=None):", *_indent(_indent(init))]
    lines += ["    def forward(self, x, y=None, n=[]):", *_indent(_indent(body))]
    source = HEADER + "\n".join(lines) + "\n"
    try:
        ast.parse(source)
    except SyntaxError:
        return
    (tmp_path / "net.py").write_text(source)
    report = check([tmp_path / "net.py"], Settings(tmp_path, targets=TARGETS), cache=False)
    assert not report.problems
