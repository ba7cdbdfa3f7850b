"""Proof that templates are right: SymPy, the audit, mutation."""
