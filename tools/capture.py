"""Runs commands in a terminal of its own and draws what they print: `python tools/capture.py`.

Writes docs/terminal.svg, the picture in the README, from a real run over examples/.
"""

from __future__ import annotations

import fcntl
import os
import pty
import struct
import subprocess
import sys
import termios
from pathlib import Path

from rich.console import Console
from rich.terminal_theme import MONOKAI
from rich.text import Text

ROOT = Path(__file__).parent.parent
PICTURE = ROOT / "docs" / "terminal.svg"
COLUMNS = 118
COMMANDS = ("exportlint check gate.py --target trace", "exportlint verify gate.py::Gate --target trace")


def printed(command: str, folder: Path) -> str:
    """What a command prints, colours included, in a terminal of `COLUMNS` columns; progress bars are on stderr."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 50, COLUMNS, 0, 0))
    environment = os.environ | {"TERM": "xterm-256color", "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"}
    words = command.split()
    with subprocess.Popen(
        words, cwd=folder, env=environment, stdin=theirs, stdout=theirs, stderr=subprocess.DEVNULL
    ) as running:
        os.close(theirs)
        text = b""
        while chunk := _read(ours):
            text += chunk
    os.close(ours)
    if running.returncode not in (0, 1):
        raise SystemExit(f"{command}: exit status {running.returncode}")
    return text.decode().replace("\r\n", "\n")


def _read(terminal: int) -> bytes:
    try:
        return os.read(terminal, 65536)
    except OSError:  # how Linux reports that the other end of a terminal is closed
        return b""


def main() -> None:
    """Draws the commands and their output, one after the other."""
    with open(os.devnull, "w") as nowhere:
        console = Console(record=True, width=COLUMNS, file=nowhere, force_terminal=True, color_system="truecolor")
        for command in COMMANDS:
            console.print(Text.assemble(("$ ", "bold green"), (command, "bold")))
            console.print(Text.from_ansi(printed(command, ROOT / "examples")))
    PICTURE.write_text(console.export_svg(title="exportlint", theme=MONOKAI, unique_id="exportlint"), "utf-8")


if __name__ == "__main__":
    main()
