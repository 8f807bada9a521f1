"""source/: text to syntax: which files, one parsed module, the project, suppressions."""
