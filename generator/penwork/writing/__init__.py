"""Numbers, values, lines and statements to LaTeX, and back; knows TeX's syntax and no page."""
