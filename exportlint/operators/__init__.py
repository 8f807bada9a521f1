"""operators/: which operator exports where, looked up in a measured table."""
