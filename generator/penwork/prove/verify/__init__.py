"""Verifying what was printed: everything is made again and compared, nothing is trusted."""
