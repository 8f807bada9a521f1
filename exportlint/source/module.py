"""One parsed file: its text, its syntax tree, and spans that a person can point at."""

from __future__ import annotations

import ast
import sys
import tokenize
import warnings
from dataclasses import dataclass, field
from functools import cached_property
from io import BytesIO
from pathlib import Path

from exportlint.finding import Problem, Span

MAX_BYTES = 4_000_000  # a larger source file is generated data; CPython's parser needs about 100 bytes of memory a byte
_DEPTH = 5_000  # how deep the parser may go is a matter of this limit: the same wherever a file is parsed


class Unreadable(Exception):
    """A file that cannot be judged; carries the problem to tell the user."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.message)
        self.problem = problem


_OPERATIONS = ast.BinOp | ast.UnaryOp | ast.BoolOp | ast.Compare | ast.IfExp | ast.Await | ast.NamedExpr


@dataclass(eq=False)
class Module:
    """A parsed source file. `path` is what findings show, `name` its dotted name below `root`."""

    path: str
    name: str
    root: Path
    is_package: bool
    text: str
    tree: ast.Module
    _imports: dict | None = field(default=None, repr=False)

    def forget(self) -> None:
        """Let go of what refers back to the module, so that it can leave memory."""
        self._imports = None

    @cached_property
    def lines(self) -> list[str]:
        """Lines as `ast` counts them: split at newlines only, not at form feeds or U+2028."""
        return self.text.replace("\r\n", "\n").replace("\r", "\n").split("\n")

    def span(self, node: ast.AST) -> Span:
        """Where a node stands; `ast` counts columns in UTF-8 bytes, a Span in characters."""
        return Span(
            self.path,
            node.lineno,
            self._column(node.lineno, node.col_offset),
            node.end_lineno or node.lineno,
            self._column(node.end_lineno or node.lineno, node.end_col_offset or node.col_offset),
        )

    def _column(self, line: int, offset: int) -> int:
        text = self.lines[line - 1] if line <= len(self.lines) else ""
        return (offset if text.isascii() else len(text.encode()[:offset].decode(errors="replace"))) + 1

    def source(self, node: ast.AST, limit: int = 80) -> str:
        """The text of a node on one line, cut at `limit` characters."""
        first, last = node.lineno - 1, (node.end_lineno or node.lineno) - 1
        rows = [line.encode() for line in self.lines[first : last + 1]]
        rows[-1] = rows[-1][: node.end_col_offset]
        rows[0] = rows[0][node.col_offset :]
        text = " ".join(row.decode(errors="replace").strip() for row in rows)
        return text if len(text) <= limit else text[: limit - 1] + "…"

    def operand(self, node: ast.expr) -> str:
        """The text of a node that a dot follows: an operation stands in parentheses."""
        text = self.source(node)
        return f"({text})" if isinstance(node, _OPERATIONS) else text


def decode(data: bytes, path: str) -> str:
    """Source text by its BOM or coding line (PEP 263). Raises Unreadable."""
    try:
        encoding, _ = tokenize.detect_encoding(BytesIO(data).readline)
        return data.decode(encoding)
    except (SyntaxError, UnicodeDecodeError, LookupError) as error:
        reason = error.reason if isinstance(error, UnicodeDecodeError) else str(error)
        line = data[: error.start].count(b"\n") + 1 if isinstance(error, UnicodeDecodeError) else 1
        raise Unreadable(
            Problem(path, line, f"not valid text: {reason}; save it as UTF-8 or declare its encoding (PEP 263)")
        ) from error


def encoded(text: str) -> bytes:
    """Bytes that are read as this text; where it declares an encoding they may be none that anybody would write."""
    data = text.encode("utf-8", "surrogatepass")
    try:
        return data if decode(data, "") == text else b"\0" + data  # which no file that can be parsed begins with
    except Unreadable:
        return b"\0" + data


def parse_text(text: str, path: str) -> ast.Module:
    """Parse source. Raises Unreadable with the line of a syntax error, of too deep nesting or of a null byte."""
    if len(text) > MAX_BYTES:
        raise Unreadable(Problem(path, None, f"larger than {MAX_BYTES:,} characters; exclude generated files"))
    limit = sys.getrecursionlimit()
    try:
        sys.setrecursionlimit(_DEPTH)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", SyntaxWarning)
            return ast.parse(text)
    except SyntaxError as error:
        raise Unreadable(Problem(path, error.lineno, f"syntax error: {error.msg}")) from error
    except ValueError as error:
        raise Unreadable(Problem(path, None, f"cannot be parsed: {error}")) from error
    except (RecursionError, MemoryError) as error:
        raise Unreadable(Problem(path, None, "nested too deeply to be parsed")) from error
    finally:
        sys.setrecursionlimit(limit)


def read(file: Path, shown: str) -> bytes:
    """Content of a file. Raises Unreadable."""
    try:
        size = file.stat().st_size
        if size > MAX_BYTES:
            raise Unreadable(Problem(shown, None, f"larger than {MAX_BYTES:,} bytes; exclude generated files"))
        return file.read_bytes()
    except OSError as error:
        raise Unreadable(Problem(shown, None, f"cannot be read: {error.strerror or error}")) from error
