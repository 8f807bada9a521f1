"""`python -m exportlint`, the same as the command `exportlint`."""

from exportlint.cli.main import run

if __name__ == "__main__":
    run()
