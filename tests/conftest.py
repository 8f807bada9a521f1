"""Tests use a cache of their own; a run ends with what the rules are known to get wrong, as the fixtures record it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

import pytest

from exportlint.flow import immutable

immutable.FROZEN = True  # before values and events are defined

from tests.rules.fixture import all_fixtures  # noqa: E402  it may import them


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    fixtures = list(all_fixtures())
    kinds = Counter(marker.kind for fixture in fixtures for marker in fixture.markers)
    models = sum(len(fixture.models) for fixture in fixtures)
    terminalreporter.write_line(
        f"fixtures: {models} models of {len(fixtures)} rules, {kinds['EXPECT']} findings expected, "
        f"{kinds['MISSED']} known misses, {kinds['FALSE']} known false alarms"
    )


@pytest.fixture(autouse=True, scope="session")
def own_cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """A cache folder of its own for the whole run, also in the programs that tests start."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("EXPORTLINT_CACHE_DIR", str(tmp_path_factory.mktemp("cache")))
        yield
