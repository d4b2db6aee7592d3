"""Results of the grid: one method on one dataset run and scored, and what all of them say together."""
