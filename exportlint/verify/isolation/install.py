"""`python -m exportlint.verify.isolation.install [--wheels DIR] REQUIREMENT...`: adds what is missing to what is there.

Runs in a container that has a network, and neither code nor tokens. Wheels only: pip runs no program of a package. What
the image holds (torch above all) stays as it is; the rest goes to `PACKAGES`, a volume. Prints what it installed.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from importlib.metadata import distributions
from pathlib import Path

from exportlint.verify.isolation.container import PACKAGES

FAILED = 1
# --isolated: no variable of the environment and no file of a user tells pip anything
PIP = (sys.executable, "-m", "pip", "install", "--isolated", "--disable-pip-version-check", "--no-input", "--quiet")
WHEELS_ONLY = ("--no-cache-dir", "--only-binary", ":all:", "--root-user-action", "ignore")


def main(words: list[str]) -> int:
    """Resolves, installs, and prints one name==version a line. pip says on stderr why it could not."""
    source: tuple[str, ...] = ()
    if words[:1] == ["--wheels"]:
        source, words = ("--no-index", "--find-links", words[1]), words[2:]
    with tempfile.TemporaryDirectory() as folder:
        present, report = Path(folder, "present.txt"), Path(folder, "report.json")
        present.write_text("".join(f"{found.name}=={found.version}\n" for found in distributions()), encoding="utf-8")
        resolve = ("--dry-run", "--report", str(report), "--constraint", str(present))
        if subprocess.run([*PIP, *WHEELS_ONLY, *source, *resolve, "--", *words], check=False).returncode:
            return FAILED
        missing = [item["metadata"] for item in json.loads(report.read_text(encoding="utf-8"))["install"]]
    exact = sorted(f"{item['name']}=={item['version']}" for item in missing)
    into = ("--no-deps", "--target", PACKAGES)
    if exact and subprocess.run([*PIP, *WHEELS_ONLY, *source, *into, "--", *exact], check=False).returncode:
        return FAILED
    print("\n".join(exact))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
