"""After the results: what an event changes, who must move, and who lost a place through it."""
