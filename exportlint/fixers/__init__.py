"""fixers/: one way to repair a finding a file; found by listing this folder."""
