#!/usr/bin/env bash
# Runs the tests that need no torch on each Python from 3.10 to 3.13 found on PATH or under pyenv, in an environment
# without torch for each: what `pip install exportlint` alone must be able to do. PYTHONS="3.10 3.13" names fewer.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

find_python() { # find_python 3.12 prints the interpreter's path; fails where there is none
    local candidate
    for candidate in "$(command -v "python$1")" "${PYENV_ROOT:-$HOME/.pyenv}/versions/$1".*/bin/python; do
        # a pyenv shim is on PATH whether or not the version behind it is active, so run it
        if "$candidate" -c "import sys; sys.exit('%d.%d' % sys.version_info[:2] != '$1')" 2>/dev/null; then
            echo "$candidate"
            return
        fi
    done
    return 1
}

tested=()
for version in ${PYTHONS:-3.10 3.11 3.12 3.13}; do
    if ! python=$(find_python "$version"); then
        echo "test_static: no Python $version here"
        continue
    fi
    venv=.venv/static/$version
    if [ ! -e "$venv/.ready" ] || [ pyproject.toml -nt "$venv/.ready" ] || [ constraints.txt -nt "$venv/.ready" ]; then
        "$python" -m venv "$venv"
        "$venv/bin/python" -m pip --disable-pip-version-check -qq install --constraint constraints.txt --editable ".[dev]"
        touch "$venv/.ready"
    fi
    echo "== Python $version, without torch"
    "$venv/bin/python" -m pytest -n "${WORKERS:-2}" -m "not torch and not docker" tests
    tested+=("$version")
done
[ ${#tested[@]} -gt 0 ] || { echo "test_static: no supported Python found" >&2; exit 1; }
