"""Studies at the edge of the book: each with its own settings, run, figures and sentences."""
