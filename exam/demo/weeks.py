"""The plans of the city: one a week, each with its round."""

from datetime import date, datetime, time, timedelta

from exam.booking.models import Plan
from exam.booking.plan_rules import PoolDraft, SessionDraft
from exam.booking.services import plans
from exam.demo.buildings import City
from exam.demo.places import SITES, TIME_ZONE, Field
from exam.policy.pack import Pack
from exam.policy.subjects import Subject

WEEKS = 9
"""Weeks with a published plan: this one, and from the second week on without a gap."""
DAYS = 7
FIRST_OPEN = 10
"""Days from today to the first exam of the round that is open when the demo starts."""
LEAD = timedelta(days=16)


def first_days(today: date) -> list[date]:
    """First exam day of each week's plan."""
    later = [today + timedelta(days=FIRST_OPEN + DAYS * n) for n in range(WEEKS - 1)]
    return [today, *later]


def publish(city: City, first: date, *, now: datetime, pack: Pack) -> Plan:
    """Make and publish one week's plan."""
    planner = city.actor("planner")
    days = (first, first + timedelta(days=DAYS - 1))
    code = f"P{first:%Y%m%d}"
    sessions = [s for n in range(DAYS) for s in _sessions(city, first + timedelta(days=n))]
    plan = plans.create_plan(planner, code=code, days=days, sessions=sessions, now=now)
    return plans.publish_plan(planner, plan.id, now=now, pack=pack, zone=TIME_ZONE)


def _sessions(city: City, day: date) -> list[SessionDraft]:
    return [
        _session(city, place.code, field, day, start)
        for place in SITES
        for field in place.fields
        for start in field.starts
    ]


def _session(city: City, site: str, field: Field, day: date, start: str) -> SessionDraft:
    begins = time.fromisoformat(start)
    ends = (datetime.combine(day, begins) + timedelta(hours=field.hours)).time()
    pools = tuple(
        PoolDraft(
            kind=kind,
            classes=tuple(classes.split()),
            seats=seats,
            vehicles=vehicles,
            offers=tuple(field.offers.get(kind, "").split()),
        )
        for kind, (classes, seats, vehicles) in field.pools.items()
    )
    return SessionDraft(
        site_id=city.sites[site],
        subject=Subject(field.subject),
        date=day,
        start=begins,
        end=ends,
        seats=field.seats,
        pools=pools,
    )
