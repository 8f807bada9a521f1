"""One check beyond the export a file, found by listing: a docstring, and a CHECK. A file's name is the check's."""
