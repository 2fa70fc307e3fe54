"""A booking as an iCalendar file (RFC 5545): one event, no personal data."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from flask_babel import gettext as _

from exam.booking.models import Booking
from exam.booking.subject_names import SUBJECT_NAMES

LINE_OCTETS = 75


def event(booking: Booking, *, report_at: datetime, now: datetime) -> str:
    """The file's text, lines folded at 75 octets as the standard asks."""
    site = booking.session.site
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//kaochang//booking//EN",
        "BEGIN:VEVENT",
        f"UID:{booking.id}@kaochang",
        f"DTSTAMP:{_stamp(now)}",
        f"DTSTART:{_stamp(booking.starts_at)}",
        f"DTEND:{_stamp(booking.ends_at)}",
        f"SUMMARY:{_text(str(SUBJECT_NAMES[booking.subject]))}",
        f"LOCATION:{_text(f'{site.name_zh} {site.address_zh}')}",
        f"DESCRIPTION:{_text(_description(booking, report_at))}",
        "END:VEVENT",
        "END:VCALENDAR",
    ]
    return "".join(f"{_folded(line)}\r\n" for line in lines)


def _description(booking: Booking, report_at: datetime) -> str:
    from_site = report_at.astimezone(_zone(booking))
    text = _("Reference %(reference)s. Report at %(time)s.")
    return str(text) % {"reference": booking.reference, "time": f"{from_site:%H:%M}"}


def _zone(booking: Booking) -> ZoneInfo:
    return ZoneInfo(booking.session.site.time_zone)


def _stamp(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y%m%dT%H%M%SZ}"


def _text(value: str) -> str:
    for plain, escaped in (("\\", "\\\\"), (";", "\\;"), (",", "\\,"), ("\r", ""), ("\n", "\\n")):
        value = value.replace(plain, escaped)
    return value


def _folded(line: str) -> str:
    parts: list[str] = []
    part = ""
    for letter in line:
        if len((part + letter).encode()) > LINE_OCTETS - bool(parts):
            parts.append(part)
            part = ""
        part += letter
    return "\r\n ".join([*parts, part])
