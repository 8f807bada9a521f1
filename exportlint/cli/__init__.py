"""cli/: the commands, one file each."""
