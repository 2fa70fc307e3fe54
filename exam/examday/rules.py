"""Rules of the exam day. Pure: values in, values out."""

import hashlib
from collections.abc import Mapping
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, NamedTuple

import rfc8785

from exam.policy.pack import Pack
from exam.policy.subjects import Subject

TICKET_LETTERS = {Subject.S1: "A", Subject.S2: "B", Subject.S3R: "C", Subject.S3T: "D"}
SHEET_FORMAT = "kaochang-sheet/1"


class Line(NamedTuple):
    """Who waits for the same thing: vehicles of a kind, or terminals."""

    subject: Subject
    kind: str


class IdentityStep(StrEnum):
    """What the identity of somebody at the desk waits for."""

    PICTURE = "picture"
    MACHINE = "machine"
    PERSON = "person"
    DONE = "done"


def ticket(subject: Subject, number: int) -> str:
    """The number called in the hall: a letter for the subject, three digits or more."""
    return f"{TICKET_LETTERS[subject]}{number:03d}"


def queue_key(
    *, first_called: bool, report_at: datetime, checked_in_at: datetime, ticket: str
) -> tuple[bool, datetime, datetime, str]:
    """Who is called before whom: service groups, then report time, then check-in."""
    return (not first_called, report_at, checked_in_at, ticket)


def identity_step(
    *,
    confirmed: bool,
    comparable: bool,
    asked_at: datetime | None,
    answered: bool,
    now: datetime,
    pack: Pack,
) -> IdentityStep:
    """Who confirms the identity now.

    Args:
        confirmed: somebody or the machine has.
        comparable: the registered picture is a photo; a drawn one always goes to a person.
        asked_at: when the machine was asked, if it was.
        answered: it has answered, and not that it is the same person.
        now: the injected time.
        pack: how long a machine may take.
    """
    if confirmed:
        return IdentityStep.DONE
    if not comparable or answered:
        return IdentityStep.PERSON
    if asked_at is None:
        return IdentityStep.PICTURE
    return IdentityStep.PERSON if is_late(asked_at, now, pack) else IdentityStep.MACHINE


def is_late(asked_at: datetime, at: datetime, pack: Pack) -> bool:
    """Whether an answer at this time comes too late: a person has been asked instead."""
    return at - asked_at > timedelta(seconds=pack.integer("identity.machine_seconds"))


def reference_in(text: str) -> str:
    """The booking reference in what a scanner or a person typed: the last part of a QR content."""
    last = text.strip()
    for mark in "/=:? ":
        last = last.rpartition(mark)[2]
    return last.upper()


def no_fault_reasons(pack: Pack) -> tuple[str, ...]:
    """All coded reasons, those by default first."""
    return pack.words("no_fault.by_default") + pack.words("no_fault.with_two_names")


def no_fault_needs_two(reason: str, pack: Pack) -> bool:
    """Whether the reason goes against the default, so that a duty leader decides as well.

    Raises:
        ValueError: not a reason of the pack.
    """
    if reason in pack.words("no_fault.by_default"):
        return False
    if reason in pack.words("no_fault.with_two_names"):
        return True
    raise ValueError(reason)


def sheet_sha256(sheet: Mapping[str, Any]) -> str:
    """SHA-256 over the RFC 8785 form of a score sheet: what both sign."""
    return hashlib.sha256(rfc8785.dumps(dict(sheet))).hexdigest()
