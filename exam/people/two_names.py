"""Asked by one, agreed by another: the one shape of everything that needs two names.

A model says which of its columns hold what; names and columns stay the model's own, and so do the
constraints of the database that stand behind it. Who may sign first and who second is in
`exam.people.roles.SIGNATURES`.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from exam.errors import NotAllowed, WrongState
from exam.people.roles import Act, Actor


@dataclass(frozen=True, kw_only=True)
class TwoNames:
    """Where a row keeps the two names of one act."""

    act: Act
    first: str
    first_at: str
    second: str
    second_at: str
    granted: str | None = None
    """The answer of the second; None where agreeing is the only one."""

    def may_ask(self, actor: Actor) -> UUID:
        """The account that gives the first name.

        Raises:
            NotAllowed: this role may not ask.
        """
        if actor.account_id is None or not actor.may_sign(self.act, second=False):
            raise NotAllowed
        return actor.account_id

    def ask(self, row: Any, actor: Actor, *, now: datetime) -> None:
        """Write the first name.

        Raises:
            NotAllowed: this role may not ask.
            WrongState: it was asked already.
        """
        account = self.may_ask(actor)
        if getattr(row, self.first_at) is not None:
            raise WrongState(current="asked", wanted="new")
        setattr(row, self.first, account)
        setattr(row, self.first_at, now)

    def may_decide(self, row: Any, actor: Actor) -> UUID:
        """The account that gives the second name.

        Raises:
            NotAllowed: this role may not decide, or it is the person who asked.
        """
        asked_by = getattr(row, self.first)
        may = actor.may_sign(self.act, second=True, first_account_id=asked_by)
        if actor.account_id is None or not may:
            raise NotAllowed
        return actor.account_id

    def decide(self, row: Any, actor: Actor, *, granted: bool = True, now: datetime) -> None:
        """Write the second name and its answer; the caller holds the row's lock.

        Raises:
            NotAllowed: this role may not decide, or it is the person who asked.
            WrongState: nobody has asked, or it is decided already.
        """
        account = self.may_decide(row, actor)
        if not self.is_waiting(row):
            raise WrongState(current="decided", wanted="waiting")
        setattr(row, self.second, account)
        setattr(row, self.second_at, now)
        if self.granted is not None:
            setattr(row, self.granted, granted)

    def is_waiting(self, row: Any) -> bool:
        """Whether it was asked and nobody has decided."""
        return getattr(row, self.first_at) is not None and getattr(row, self.second_at) is None

    def waiting(self, model: type[Any]) -> sa.ColumnElement[bool]:
        """The same as a condition."""
        asked, decided = getattr(model, self.first_at), getattr(model, self.second_at)
        return sa.and_(asked.is_not(None), decided.is_(None))
