"""Who listens to which domain event."""

from exam.booking import handlers as booking
from exam.booking.events import RoundPublished
from exam.registration.events import CaseEnded
from exam.system.outbox import Subscriptions


def subscribe(outbox: Subscriptions) -> None:
    """Fill the subscriptions of an application."""
    outbox.add(RoundPublished, booking.tell_results)
    outbox.add(CaseEnded, booking.end_case)
