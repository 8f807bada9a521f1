"""What a user can paste into a bug report when exportlint itself is at fault."""

from __future__ import annotations

import platform
import shlex
import traceback
from collections.abc import Sequence
from pathlib import Path

from exportlint import __version__


def report(error: BaseException, arguments: Sequence[str]) -> str:
    """The error, where it happened and on what machine, in Markdown; the user's home folder is not given away.

    An error may carry notes (`add_note`) or a cause that name the rule, the file and the line that were being checked.
    """
    trace = "".join(traceback.format_exception(error)).rstrip()
    text = (
        "exportlint: this is a bug in exportlint, not in your code. Please report it with the text below.\n\n"
        f"exportlint {__version__}, Python {platform.python_version()}, {platform.platform()}\n"
        f"command: {shlex.join(['exportlint', *arguments])}\n\n"
        f"```\n{trace}\n```"
    )
    home = str(Path.home())
    return text.replace(home, "~") if home != "/" else text
