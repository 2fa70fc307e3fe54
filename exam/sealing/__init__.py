"""Personal data at rest: sealed with keys that lie outside the database."""
