"""The proof of the fixes: examples are fixed, run before and after, and exported before and after."""
