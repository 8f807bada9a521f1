"""The rules about export scripts: fixtures are scripts, and each is run."""
