"""Values and their operators, the runs of solve, steps and choices."""
