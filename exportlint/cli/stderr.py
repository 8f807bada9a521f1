"""What is said to people beside the report."""

from __future__ import annotations

import os

import click

from exportlint.report.escaping import defused


def say(text: str) -> None:
    """A message on stderr, harmless for the log of a CI runner."""
    click.echo(defused(text) if "GITHUB_ACTIONS" in os.environ else text, err=True)
