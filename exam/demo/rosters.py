"""The city's rosters: one in force, one that cannot be and says why, and what people declared."""

from datetime import date, datetime, timedelta

from exam.demo.buildings import City
from exam.demo.places import SITES
from exam.demo.staff import RELIEF, Worker, site_staff
from exam.people.roles import Actor, Role
from exam.policy.pack import Pack
from exam.rostering import asking, solving, staff, telling
from exam.rostering.models import ROSTERED

IN_FORCE = ("W1", "W2", "W6")
SHORT = ("W3",)
"""Five cars are on the road there at once, and fewer safety officers are free."""
HOURS = 40


def make(city: City, *, first: date, now: datetime, pack: Pack) -> None:
    """Qualify everybody, and make the rosters of the week that begins on ``first``."""
    planner = city.actor("planner")
    for worker in _everybody():
        held = staff.Held(worker.subjects.split(), worker.classes.split(), HOURS)
        staff.qualify(planner, city.accounts[worker.username], worker.role, held, now=now)
    _declare(city, first, now)
    demands = asking.usual(pack)
    days = (first, first + timedelta(days=6))
    made = asking.ask(planner, sites=IN_FORCE, days=days, demands=demands, pack=pack, now=now).id
    solving.advance(now=now)
    telling.sign(planner, made, now=now)
    telling.approve(city.actor("leader"), made, now=now)
    asking.ask(planner, sites=SHORT, days=days, demands=demands, pack=pack, now=now)
    solving.advance(now=now)


def _everybody() -> list[Worker]:
    found = list(RELIEF)
    for number, place in enumerate(SITES):
        found += site_staff(place.code, number, tuple(x.subject for x in place.fields))
    return [x for x in found if x.role in ROSTERED]


def _declare(city: City, first: date, now: datetime) -> None:
    """One conflict of interest, one day away: said by the people themselves."""
    relief = city.actor("relief-examiner-1")
    staff.declare_avoided(relief, city.sites["W6"], now=now)
    away = Actor(city.accounts["relief-aid-1"], Role.FIRST_AIDER, city.office_id)
    staff.declare_away(away, (first, first), now=now)
