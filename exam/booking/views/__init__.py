"""Pages of applying and of planning."""

from exam.booking.views import reports, tickets
from exam.booking.views.candidate import booking
from exam.booking.views.planning import planning

__all__ = ["booking", "planning", "reports", "tickets"]
