"""The sweep behind exportlint's operator table: cases, one measured cell, workers with deadlines, the table."""
