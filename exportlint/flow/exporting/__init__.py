"""Reads the code around models: scripts that export, save, load, run and compare them.

`forward` is read by the interpreter next door. Here a walk over all paths of a module or function follows what matters
to an export: which model object is in which mode, what it is wrapped in, what an example input looks like, which file
was written with which names. It follows calls into the project's own functions, and emits the events of `events.py`.
"""
