"""Attacks of a pull request on whoever verifies it, run for real; SECURITY.md lists them as `table.py` renders them."""
