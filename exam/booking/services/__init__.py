"""Use cases of planning, applying, deciding and booking.

Here stand the three that the exam day needs; the others are in the modules of this package.
"""

from exam.booking.services.bookings import bookings_on, finish, release

__all__ = ["bookings_on", "finish", "release"]
