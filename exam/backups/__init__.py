"""Copies of a whole installation: taken while it runs, brought back and compared."""
