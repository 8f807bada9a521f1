"""Specs that nobody wrote: constructor arguments and example inputs, found by trial in the worker.

Arguments come from calls in the project, then from annotations and names. Inputs come from calls, annotations,
docstrings, the first layers and what errors say. Trials run on fake tensors, which have shapes and no values; what runs
there is run on real numbers. The number of attempts and their time are bounded.
"""
