"""The command `exportlint`: its sub-commands are the files of this folder; every error ends in one of three ways."""

from __future__ import annotations

import importlib
import importlib.util
import pkgutil
import sys
from collections.abc import Sequence

import click

from exportlint import __version__
from exportlint.cli.stderr import say
from exportlint.mistake import UserMistake, did_you_mean
from exportlint.report.escaping import visible

USERS_MISTAKE = 2
OUR_BUG = 3
INTERRUPTED = 130  # 128 + SIGINT, as shells report it


class _Commands(click.Group):
    """Sub-commands are the modules of this folder that hold a `command`; one is imported only when it is asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        names = (module.name for module in pkgutil.iter_modules(importlib.import_module("exportlint.cli").__path__))
        return sorted(name for name in names if name != "main" and self.get_command(ctx, name))

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if not cmd_name.isidentifier() or not importlib.util.find_spec(f"exportlint.cli.{cmd_name}"):
            return None
        return getattr(importlib.import_module(f"exportlint.cli.{cmd_name}"), "command", None)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if not args[0].startswith("-") and self.get_command(ctx, args[0]) is None:
            raise UserMistake(f'no command "{args[0]}"{did_you_mean(args[0], self.list_commands(ctx))}')
        return super().resolve_command(ctx, args)


@click.group(cls=_Commands, invoke_without_command=True, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, message="exportlint %(version)s")
@click.pass_context
def group(ctx: click.Context) -> None:
    """Finds the lines that break a PyTorch export, and proves it by exporting."""
    if ctx.invoked_subcommand is None:
        click.echo(ctx.get_help())


def main(arguments: Sequence[str]) -> int:
    """Runs one command and returns its exit status; whatever goes wrong ends here.

    Expected (the user's mistake): one line on stderr, status 2. Interrupted: status 130. Our bug: a report ready to
    paste on stderr, status 3.
    """
    try:
        status = group.main(list(arguments), prog_name="exportlint", standalone_mode=False)
    except (UserMistake, click.ClickException) as error:
        said = error.format_message() if isinstance(error, click.ClickException) else str(error)
        say(f"exportlint: error: {visible(' '.join(said.split()))}")
        return USERS_MISTAKE
    except (KeyboardInterrupt, click.Abort):
        say("exportlint: interrupted")
        return INTERRUPTED
    except Exception as error:  # the last resort for what nobody expected: our bug, said as such
        from exportlint.cli import bug

        say(bug.report(error, arguments))
        return OUR_BUG
    return status or 0


def run() -> None:
    """The console script."""
    sys.exit(main(sys.argv[1:]))
