"""Exams on paper: sources, measuring, batches of papers and keys, the folder they end in."""
