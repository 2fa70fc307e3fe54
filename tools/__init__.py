"""What `make` calls: sets the machine up, builds, checks. Standard library only."""
