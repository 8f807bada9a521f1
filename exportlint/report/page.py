"""The self-contained HTML page that reports are shown in: one file, no script, nothing fetched, light and dark."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from exportlint.report.escaping import visible

FOLDER = Path(__file__).parent / "templates"


def render(template: str, **values: Any) -> str:
    """A template of this package with `values`: texts are escaped for HTML, their unseen characters spelled out."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined
    from markupsafe import Markup

    def harmless(value: object) -> object:
        return visible(value) if isinstance(value, str) and not isinstance(value, Markup) else value

    environment = Environment(
        loader=FileSystemLoader(FOLDER),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=harmless,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    style = Markup((FOLDER / "style.css").read_text("utf-8"))
    # surrogates are spelled out in values already; what else has no UTF-8 does not exist
    return environment.get_template(template).render(style=style, **values) + "\n"
