"""Which problems, in which order, with how much room: pure data, ending in a recipe."""
