"""A check in pieces that do not know of each other: done in any order and process, or found again from an earlier run.

A unit looks at one file: its survey (`work.Survey`), the interpretation of some of its models (`work.Analysis`), or of
one model as the configuration declares it (`work.Declared`). What comes out depends on nothing but the unit and the
files that it looked at, so equal input gives equal output whatever the other units are.
"""
