"""Operator tables, one for each torch release that was measured: see tools/measure_operators.py."""
