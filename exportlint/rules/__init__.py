"""rules/: one reason why a target breaks a file; found by listing this folder."""
