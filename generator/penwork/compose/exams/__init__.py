"""Exams: the spec, the class, and which paper has which problems."""
