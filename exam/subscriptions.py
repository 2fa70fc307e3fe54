"""Who listens to which domain event."""

from exam.system.outbox import Subscriptions


def subscribe(outbox: Subscriptions) -> None:
    """Fill the subscriptions of an application."""
