"""Whole scripts, as people write them."""
