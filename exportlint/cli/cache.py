"""`exportlint cache`: where the reports of earlier runs are kept, and how to be rid of them."""

from __future__ import annotations

import click

from exportlint import cache
from exportlint.mistake import UserMistake


@click.command("cache", short_help="Show or clear the cache of earlier reports.")
@click.argument("action", type=click.Choice(["where", "clear"]))
def command(action: str) -> int:
    """Shows the cache folder, or clears it.

    A report is found again only when nothing that it was made from has changed, so clearing is never needed for right
    results. EXPORTLINT_CACHE_DIR names another folder.
    """
    if action == "where":
        click.echo(cache.folder())
        return 0
    try:
        count = cache.clear()
    except OSError as error:
        raise UserMistake(f"{cache.folder()}: cannot be cleared: {error.strerror}") from error
    click.echo(f"{count} entr{'y' if count == 1 else 'ies'} deleted from {cache.folder()}")
    return 0
