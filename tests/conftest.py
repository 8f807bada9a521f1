"""Ends each run with what the rules are known to get wrong, as the fixtures record it."""

from __future__ import annotations

from collections import Counter

import pytest

from tests.rules.fixture import all_fixtures


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    fixtures = list(all_fixtures())
    kinds = Counter(marker.kind for fixture in fixtures for marker in fixture.markers)
    models = sum(len(fixture.models) for fixture in fixtures)
    terminalreporter.write_line(
        f"fixtures: {models} models of {len(fixtures)} rules, {kinds['EXPECT']} findings expected, "
        f"{kinds['MISSED']} known misses, {kinds['FALSE']} known false alarms"
    )
