"""Models that export well, in files named after the fault planted in their graph; `fault` is the operator it is at."""
