"""Who listens to which domain event."""

from exam.booking import handlers as booking
from exam.booking.events import RoundPublished
from exam.notify.texts import send_code
from exam.people.one_time_codes import CodeAsked
from exam.registration import own_door
from exam.registration.events import CaseEnded, PhoneCodeAsked
from exam.replanning import handlers as replanning
from exam.replanning.events import ReplanTold
from exam.system.outbox import Subscriptions


def subscribe(outbox: Subscriptions) -> None:
    """Fill the subscriptions of an application."""
    outbox.add(RoundPublished, booking.tell_results)
    outbox.add(ReplanTold, replanning.tell_everybody)
    outbox.add(CaseEnded, booking.end_case)
    outbox.add(CodeAsked, send_code)
    outbox.add(PhoneCodeAsked, own_door.send_code)
