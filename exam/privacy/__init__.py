"""What is kept of people, why, for how long; keys, holds and erasure."""
