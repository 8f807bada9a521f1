"""report/: one renderer a format."""
