"""Sheets to PDF: the preamble, page templates, figures, codes and the TeX engine."""
