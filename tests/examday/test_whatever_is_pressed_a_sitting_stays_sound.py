"""A state machine presses the buttons of hall, examiner, candidate and leader in any order."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import sqlalchemy as sa
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from exam.booking.models import Booking, BookingState
from exam.db import db
from exam.errors import KaochangError
from exam.examday import services
from exam.examday.calling import line_of
from exam.examday.drawing import draws_of, repeat
from exam.examday.models import IN_USE, Signature, Sitting, SittingState
from exam.examday.rules import sheet_sha256
from exam.examday.signing import sheet
from exam.policy.subjects import Subject
from exam.registration.models import SubjectResult
from tests.examday.factories import ENDS, PACK, REPORT, book, examiner_of, make_hall, of_day

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask import Flask

    from exam.people.roles import Actor

WHO = st.integers(0, 2)


class Day(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        db.session.remove()
        names = ", ".join(f'"{table.name}"' for table in db.metadata.tables.values())
        db.session.execute(sa.text(f"TRUNCATE {names} CASCADE"))
        db.session.commit()
        self.hall = make_hall()
        self.people = [book(self.hall, Subject.S2) for _ in range(3)]
        self.day_id = self.hall.opened()
        self.now = REPORT

    def sitting(self, who: int) -> Sitting:
        return of_day(self.day_id)[self.people[who].booking_id]

    def press(self, step: Callable[[], object]) -> None:
        """What is refused changes nothing; the invariants look after each step."""
        try:
            step()
        except KaochangError:
            db.session.rollback()

    def examiner(self, who: int) -> Actor:
        found = self.sitting(who)
        return examiner_of(self.hall, found.id) if found.examiner_id else self.hall.examiner

    @rule(who=WHO)
    def arrives(self, who: int) -> None:
        def step() -> None:
            found = services.check_in(
                self.hall.officer, self.day_id, self.people[who].reference, pack=PACK, now=self.now
            )
            services.confirm_by_person(self.hall.officer, found.id, now=self.now)

        self.press(step)

    @rule(who=WHO)
    def goes_on(self, who: int) -> None:
        """The step that comes next, so that many examples reach the signatures."""
        found = self.sitting(who)
        steps: dict[SittingState, list[Callable[[int], None]]] = {
            SittingState.EXPECTED: [self.arrives],
            SittingState.CALLED: [self.is_drawn],
            SittingState.DRAWN: [self.begins],
            SittingState.TESTING: [self.ends],
            SittingState.TO_SIGN: [self.is_signed_for_by_the_examiner, self.signs],
        }
        if found.state is SittingState.CHECKED_IN:
            self.the_hall_calls()
        for step in steps.get(found.state, []):
            step(who)

    @rule(who=WHO)
    def is_doubted(self, who: int) -> None:
        key = self.sitting(who).id
        self.press(lambda: services.doubt_identity(self.hall.officer, key, words="x", now=self.now))

    @rule()
    def the_hall_calls(self) -> None:
        line = line_of(self.sitting(0))
        self.press(
            lambda: services.call_next(
                self.hall.officer, self.day_id, line, pack=PACK, now=self.now
            )
        )

    @rule(who=WHO)
    def is_drawn(self, who: int) -> None:
        key = self.sitting(who).id
        self.press(lambda: services.draw_for(self.hall.officer, key, pack=PACK, now=self.now))

    @rule(who=WHO)
    def is_put_back(self, who: int) -> None:
        key = self.sitting(who).id
        self.press(lambda: services.put_back(self.hall.officer, key, now=self.now))

    @rule(who=WHO, granted=st.booleans())
    def is_drawn_again(self, who: int, granted: bool) -> None:  # noqa: FBT001 - drawn by Hypothesis
        key = self.sitting(who).id

        def step() -> None:
            asked = services.ask_redraw(self.hall.officer, key, reason="x", now=self.now)
            services.decide(self.hall.leader, asked.id, granted=granted, pack=PACK, now=self.now)

        self.press(step)

    @rule(who=WHO)
    def begins(self, who: int) -> None:
        key, examiner = self.sitting(who).id, self.examiner(who)
        self.press(lambda: services.open_attempt(examiner, key, pack=PACK, now=self.now))

    @rule(who=WHO, code=st.sampled_from(["s2.general.stall", "s2.garage.too_long", "nonsense"]))
    def loses_points(self, who: int, code: str) -> None:
        key, examiner = self.sitting(who).id, self.examiner(who)
        self.press(lambda: services.note_deduction(examiner, key, code, now=self.now))

    @rule(who=WHO)
    def ends(self, who: int) -> None:
        key, examiner = self.sitting(who).id, self.examiner(who)
        self.now += timedelta(minutes=1)
        self.press(lambda: services.end_attempt(examiner, key, pack=PACK, now=self.now))

    @rule(who=WHO, taken=st.booleans())
    def answers_the_offer(self, who: int, taken: bool) -> None:  # noqa: FBT001 - as above
        key = self.sitting(who).id
        self.press(
            lambda: services.answer_retake(
                self.people[who].candidate, key, taken=taken, now=self.now
            )
        )

    @rule(who=WHO)
    def is_signed_for_by_the_examiner(self, who: int) -> None:
        found = self.sitting(who)
        held = found.attempts[-1].examiner_id if found.attempts else None
        both = (self.hall.examiner, self.hall.examiner_two)
        signer = next((x for x in both if x.account_id == held), self.hall.examiner)
        key = found.id
        self.press(lambda: services.sign_as_examiner(signer, key, pack=PACK, now=self.now))

    @rule(who=WHO)
    def signs(self, who: int) -> None:
        found = self.sitting(who)
        key, seen = found.id, sheet_sha256(sheet(found))
        self.press(
            lambda: services.sign_as_candidate(
                self.people[who].candidate, key, sheet_sha256_seen=seen, now=self.now
            )
        )

    @rule(who=WHO, reason=st.sampled_from(["power", "illness"]))
    def is_released(self, who: int, reason: str) -> None:
        key, examiner = self.sitting(who).id, self.examiner(who)
        self.press(
            lambda: services.release_no_fault(examiner, key, reason, pack=PACK, now=self.now)
        )

    @rule(who=WHO)
    def is_missed(self, who: int) -> None:
        key = self.sitting(who).id
        self.press(lambda: services.mark_absent(self.hall.examiner, [key], now=ENDS))
        self.press(lambda: services.confirm_absences(self.hall.leader, self.day_id, now=ENDS))

    @invariant()
    def a_result_has_two_signatures_or_nobodys_fault(self) -> None:
        db.session.rollback()
        results = {x.sitting_id: x for x in db.session.scalars(sa.select(SubjectResult))}
        for sitting in of_day(self.day_id).values():
            query = sa.select(Signature.account_id).where(Signature.sitting_id == sitting.id)
            signers = list(db.session.scalars(query))
            booking = db.session.get(Booking, sitting.booking_id)
            done = sitting.state in (SittingState.SIGNED, SittingState.RELEASED)
            assert (sitting.id in results) == done
            if sitting.state is SittingState.SIGNED:
                assert len(set(signers)) == 2
                assert booking.state is BookingState.USED
            elif sitting.state is SittingState.RELEASED:
                assert signers == []
                assert not results[sitting.id].booking_counts
                assert booking.state is BookingState.RELEASED
            else:
                assert booking.state is BookingState.BOOKED
            assert len(sitting.attempts) <= 2
            assert (sitting.vehicle_id is not None) >= (sitting.state in IN_USE)

    @invariant()
    def vehicles_are_held_once_and_draws_repeat(self) -> None:
        rows = of_day(self.day_id).values()
        held = [x.vehicle_id for x in rows if x.state in IN_USE]
        assert len(held) == len(set(held))
        for sitting in rows:
            for row in draws_of(sitting.id):
                repeat(row.record)
                assert row.number == 1 or row.second_account_id
        db.session.rollback()


def test_whatever_is_pressed(app: Flask) -> None:
    run_state_machine_as_test(
        Day,
        settings=settings(
            max_examples=6,
            stateful_step_count=35,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
