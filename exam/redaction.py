"""What may stand in a log: codes, numbers and ids. Words that people gave are left out.

Lines are kept by allowing, not by forbidding: a value that does not look like a code is hidden,
and a number that looks like a document, a phone or a mail address is hidden wherever it stands.
Exceptions are told by their types and places; their texts quote what they were given.
"""

import logging
import re
import sys
import traceback
from collections.abc import Iterable, Mapping, MutableMapping
from typing import Any

HIDDEN = "[hidden]"
MOST = 200

NUMBERS = re.compile(
    r"(?<![0-9A-Za-z])(?:"
    r"\d{17}[\dXx]|\d{15}"  # identity cards of today and of before 2000
    r"|(?:\+?86[- ]?)?1[3-9]\d[- ]?\d{4}[- ]?\d{4}"  # mobile numbers
    r"|[CDEGHMPSTcdeghmpst][A-Za-z]?\d{7,9}"  # passports, travel permits: the letters in use
    r"|[\w.+-]+@[\w-]+\.[\w.-]+"
    r")(?![0-9A-Za-z])"
)
CODE = re.compile(r"[A-Za-z0-9_.:/<>+\-]*\Z")
NEVER = re.compile(
    r"name\b|phone|document|address|password|secret|token|note|reason|words|medical|photo|birth"
)
"""Names of values that are hidden whatever they look like."""
FREE = frozenset({"event", "timestamp", "level", "exception", "stack", "rule", "said", "shape"})
"""Written by ourselves; may hold spaces."""


def redacted(text: str) -> str:
    """The text without anything that looks like a number of a person."""
    return NUMBERS.sub(HIDDEN, text)


def safe(key: str, value: Any) -> Any:
    """What may be logged of one value."""
    if value is None or isinstance(value, (bool, int, float)):
        return value
    if NEVER.search(key):
        return HIDDEN
    if isinstance(value, Mapping):
        return {str(k): safe(str(k), v) for k, v in value.items()}
    if isinstance(value, (list, tuple, set, frozenset)):
        return [safe(key, x) for x in value]
    text = str(value)
    if key not in FREE and (len(text) > MOST or not CODE.match(text)):
        return HIDDEN
    return redacted(text)


def processor(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> dict[str, Any]:
    """The structlog processor; stands last before the renderer."""
    return {key: safe(key, value) for key, value in event.items()}


def told(error: BaseException) -> str:
    """An exception without its text: types and places, the cause first."""
    lines: list[str] = []
    for one in reversed(list(_chain(error))):
        lines += [x.rstrip() for x in traceback.format_tb(one.__traceback__)]
        diag = getattr(one, "diag", None)
        facts = (getattr(diag, "sqlstate", None), getattr(diag, "constraint_name", None))
        lines.append(" ".join([type(one).__name__, *(x for x in facts if x)]))
    return "\n".join(lines)


def _chain(error: BaseException | None) -> Iterable[BaseException]:
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        yield error
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)


def exceptions(
    _logger: Any, _method: str, event: MutableMapping[str, Any]
) -> MutableMapping[str, Any]:
    """The structlog processor that turns ``exc_info`` into types and places."""
    given = event.pop("exc_info", None)
    if given is True:
        given = sys.exc_info()[1]
    if isinstance(given, tuple):
        given = given[1]
    if isinstance(given, BaseException):
        event["exception"] = told(given)
    return event


class Redacting(logging.Filter):
    """The same for libraries that log by themselves."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Let every line pass, redacted."""
        record.msg, record.args = redacted(record.getMessage()), ()
        if record.exc_info and isinstance(record.exc_info[1], BaseException):
            record.exc_text, record.exc_info = told(record.exc_info[1]), None
        return True


LIBRARIES = ("werkzeug", "gunicorn.error", "gunicorn.access", "exam", "apscheduler", "alembic")


def watch_libraries() -> None:
    """Redact what the libraries of a serving process write."""
    for name in LIBRARIES:
        logger = logging.getLogger(name)
        if not any(isinstance(x, Redacting) for x in logger.filters):
            logger.addFilter(Redacting())
