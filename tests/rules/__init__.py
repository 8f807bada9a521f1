"""The proof of the rules: fixtures are checked, exported and compared with what their markers claim."""
