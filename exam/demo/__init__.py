"""A simulated city, made by the same services that an office runs, from a fixed seed."""
