"""Which jobs run, where and how many at a time, and what becomes of each: the parent's side of the line."""
