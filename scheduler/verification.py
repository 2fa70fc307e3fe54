"""The vectorised checker: a plan of any size against its round, without the solver's code.

It asks the same questions as `checker.py` and calls what it finds by the same words.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import numpy as np

from scheduler.arrays import Flags, Ints, Texts, pc
from scheduler.checker import SUBJECTS, Finding
from scheduler.errors import PlanError
from scheduler.planfiles import ABSENT, Published
from scheduler.proof import Proof
from scheduler.wishes import find_wishes

if TYPE_CHECKING:
    from scheduler.rounds import Round

ENDLESS = 2**62
_NAMED = 20


class Verifier:
    """Checks one published plan; `findings` says what does not hold."""

    def __init__(self, found: Round, plan: Published) -> None:
        self.found, self.plan = found, plan
        self.findings: list[Finding] = []
        #: People in components with chains, whose costs rest on the programme's own proof.
        self.on_trust = 0
        self.people = len(found.applications.rank)
        self.pools, self.sessions = len(found.pools.seats), len(found.sessions.seats)

    def run(self) -> list[Finding]:
        """Check everything; what cannot be matched with the round ends the check early."""
        if not self._certificate():
            return self.findings
        self._decisions()
        totals: dict[str, Any] = {}
        if not self.findings:
            self._seats()
            totals = Proof(self, find_wishes(self.found)).run()
        self._summary(totals)
        return self.findings

    def say(self, kind: str, where: str, text: str) -> None:
        """Note something that does not hold."""
        self.findings.append(Finding(kind, where, text))

    def say_each(self, kind: str, ids: Texts, bad: Flags, text: str) -> None:
        """Note something about the first of the ids where `bad` holds."""
        for place in np.flatnonzero(bad)[:_NAMED].tolist():
            self.say(kind, ids[place].as_py(), text)

    def _certificate(self) -> bool:
        found, text = self.plan.certificate, self.plan.certificate_bytes
        if found.get("format") != "kaochang-certificate/1":
            self.say("file", "certificate.json", "is not of format kaochang-certificate/1")
        if found.get("round_sha256") != self.found.sha256:
            self.say("digest", "certificate.json", "is for another round")
        if text != json.dumps(found, sort_keys=True, separators=(",", ":")).encode():
            self.say("file", "certificate.json", "is not in RFC 8785 form")
        try:
            pools, sessions = self.found.pools.ids, self.found.sessions.ids
            self.level = self._numbers(found["levels"]["pools"], pools, ENDLESS)
            self.session_level = self._numbers(found["levels"]["sessions"], sessions, ENDLESS)
            self.price = self._numbers(found["prices"]["pools"], pools, None)
            self.session_price = self._numbers(found["prices"]["sessions"], sessions, None)
            self.salts: dict[str, Any] = {**found["salts"]}
        except (KeyError, TypeError, OverflowError) as error:
            self.say("file", "certificate.json", f"cannot be read: {error!r}")
            return False
        except PlanError as error:
            self.say("file", "certificate.json", str(error))
            return False
        return True

    def _numbers(self, found: dict[str, Any], ids: Texts, absent: int | None) -> Ints:
        """Return the numbers of ids; levels start from 1 and may be absent, prices from 0."""
        names = ids.to_pylist()
        if found.keys() != set(names):
            odd = min(found.keys() ^ set(names))
            raise PlanError(f"{odd!r} is missing or too much")
        low = 0 if absent is None else 1
        for name in names:
            value = found[name]
            if (value is None and low) or (type(value) is int and low <= value < ENDLESS):
                continue
            raise PlanError(f"{value!r} of {name} cannot stand in the certificate")
        values = [absent if found[name] is None else found[name] for name in names]
        return np.array(values, np.int64).reshape(len(names))

    def _decisions(self) -> None:
        """Match both tables with the round: everybody is decided exactly once."""
        self.pool = np.full(self.people, -1, np.int64)
        self.row = np.full(self.people, -1, np.int64)
        seen = np.zeros(self.people, np.int64)
        ids = self.found.applications.ids
        tables = {"assignments": self.plan.assignments, "refused": self.plan.refused}
        texts = {name: table["application"] for name, table in tables.items()}
        numbers = _split_of(ids, *texts.values()) or self._looked_up(ids, texts)
        for number, (name, table) in zip(numbers, tables.items(), strict=True):
            known = number >= 0
            seen += np.bincount(number[known], minlength=self.people)
            self.row[number[known]] = np.flatnonzero(known)
            if name == "assignments":
                self._places(texts[name], number, table)
        self.say_each("undecided", ids, seen == 0, "stands neither in assignments nor in refused")
        self.say_each("decided_twice", ids, seen > 1, "stands more than once in the plan")

    def _looked_up(self, ids: Texts, texts: dict[str, Texts]) -> list[Ints]:
        """Look up every row of two tables that do not just share the applications out."""
        numbers = []
        for name, column in texts.items():
            place = pc.fill_null(pc.index_in(column, ids), -1)
            number = np.asarray(place.to_numpy(zero_copy_only=False), np.int64)
            self.say_each("unknown", column, number < 0, "is no application of this round")
            if len(column) > 1 and not pc.all(pc.less(column[:-1], column[1:])).as_py():
                self.say("row_order", name, "rows must stand once, in order of application")
            numbers.append(number)
        return numbers

    def _places(self, texts: Texts, number: Ints, table: dict[str, Any]) -> None:
        pools, sessions = self.found.pools, self.found.sessions
        pool = table["pool"].numbers(pools.ids, -1)
        self.say_each("unknown", texts, pool < 0, "sits in no pool of this round")
        session = table["session"].numbers(sessions.ids, -2)
        if self.pools:
            odd = (pool >= 0) & (session != pools.session[pool])
            self.say_each("session", texts, odd, "the pool is not in this session")
        self.pool[number[number >= 0]] = pool[number >= 0]

    def column(self, name: str) -> Ints:
        """Return a number column of assignments by application, absent where refused."""
        seated = self.pool >= 0
        values = np.full(self.people, ABSENT, np.int64)
        values[seated] = self.plan.assignments[name][self.row[seated]]
        return values

    def _seats(self) -> None:
        """Count seats, and give vehicles and turns by rank."""
        found, pools = self.found, self.found.pools
        seated = np.flatnonzero(self.pool >= 0)
        taken = np.bincount(self.pool[seated], minlength=self.pools)
        in_session = np.zeros(self.sessions, np.int64)
        np.add.at(in_session, pools.session, taken)
        self.say_each("pool_seats", pools.ids, taken > pools.seats, "more sit here than seats")
        crowded = in_session > found.sessions.seats
        self.say_each("session_seats", found.sessions.ids, crowded, "more sit here than seats")
        self.room, self.session_room = taken < pools.seats, in_session < found.sessions.seats
        movable = seated[~found.applications.pinned[seated]]
        self.movable = movable
        self.moving = np.bincount(self.pool[movable], minlength=self.pools) > 0
        order = seated[np.argsort(self.pool[seated] * 2**32 + found.applications.rank[seated])]
        place = np.arange(len(order)) - np.repeat(np.cumsum(taken) - taken, taken)
        vehicles = np.repeat(pools.vehicles, taken).astype(np.int32)
        turn, vehicle = np.divmod(place.astype(np.int32), np.maximum(vehicles, 1))
        vehicle = np.where(vehicles > 0, vehicle + 1, 0)
        row, given = self.row[order], self.plan.assignments
        odd = np.zeros(self.people, bool)
        odd[order] = (given["vehicle"][row] != vehicle) | (given["turn"][row] != turn + 1)
        self.say_each("turn", found.applications.ids, odd, "has another vehicle or turn by rank")

    def _summary(self, totals: dict[str, Any]) -> None:
        found, rows = self.plan.summary, self.found.applications
        truth = {
            "format": "kaochang-summary/1",
            "round_sha256": self.found.sha256,
            "applications": self.people,
        } | totals
        if totals:
            served = self.pool >= 0
            reasons = self.plan.refused["reason"].counts()
            truth |= {
                "served": int(served.sum()),
                "refused": {"no_session": 0, "full": 0, "chain": 0} | reasons,
                "by_choice": _tally(self.column("order")[served]),
                "by_tier": _asked(rows.tier, served, str),
                "by_subject": _asked(rows.subject, served, SUBJECTS.__getitem__),
            }
        for key, value in truth.items():
            if found.get(key) != value:
                self.say("summary", key, f"is {found.get(key)!r} and must be {value!r}")


def _split_of(ids: Texts, one: Texts, two: Texts) -> list[Ints] | None:
    """Return the places of two columns that share the ids out in their order, or else None.

    Looking the ids up among the fewer texts is several times quicker than the reverse.
    """
    few, many = sorted((one, two), key=len)
    inside = pc.is_valid(pc.index_in(ids, few))
    if not (ids.filter(inside).equals(few) and ids.filter(pc.invert(inside)).equals(many)):
        return None
    flags = np.asarray(inside.to_numpy(zero_copy_only=False), bool)
    places = [np.flatnonzero(flags), np.flatnonzero(~flags)]
    return places if few is one else places[::-1]


def _tally(values: Ints) -> dict[str, int]:
    found, counts = np.unique(values, return_counts=True)
    return dict(zip(map(str, found.tolist()), counts.tolist(), strict=True))


def _asked(values: Ints, served: Flags, name: Any) -> dict[str, list[int]]:
    asked, got = _tally(values), _tally(values[served])
    return {name(int(key)): [count, got.get(key, 0)] for key, count in asked.items()}
