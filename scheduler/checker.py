"""Check a published plan against its round, with nothing but Python's standard library.

    python checker.py ROUND PLAN         0 holds, 1 does not hold, 2 the round itself is bad

One file, no solver, no imports from anywhere else: read it, copy it, write your own. A plan holds
if everybody is decided once, nobody sits outside his options, no seat is given twice, the pinned
stay, the levels prove who is served, the prices prove that no cheaper plan serves the same people,
and the draw among equals was followed. Rounds and plans as CSV.
"""

from __future__ import annotations

import csv
import gc
import hashlib
import json
import re
import sys
import tomllib
from bisect import bisect_left, bisect_right
from collections import Counter, defaultdict
from datetime import date
from pathlib import Path
from typing import Any, NamedTuple

SUBJECTS = ("S1", "S2", "S3R", "S3T")
TABLES = {
    "sessions": "session site subject date start end seats",
    "pools": "pool session classes seats vehicles offers?",
    "applications": (
        "application candidate subject licence_class tier key lot any_session earliest latest "
        "partner prior pinned area? needs?"
    ),
    "choices": "application order session",
}
ID = r"[A-Za-z0-9._:-]{1,64}"
WORDS = rf"({ID}( {ID})*)?"
KINDS = {
    "partner": f"({ID})?",
    "prior": f"({ID})?",
    "offers": WORDS,
    "area": WORDS,
    "needs": WORDS,
    "classes": rf"\*|{ID}( {ID})*",
    "subject": "|".join(SUBJECTS),
    "any_session": "[01]",
    "pinned": "[01]",
    "start": "([01][0-9]|2[0-3]):[0-5][0-9]",
    "end": "([01][0-9]|2[0-3]):[0-5][0-9]",
} | dict.fromkeys(("tier", "key", "lot", "order", "seats", "vehicles"), "0|[1-9][0-9]{0,18}")
SMALL, LARGE = 2**31 - 1, 2**63 - 1
ENDLESS = 2**63


class BadRound(Exception):
    """The round is not a valid round; the text names table, row and column."""


class Finding(NamedTuple):
    """One thing that does not hold: a word for its kind, whom it concerns, and a sentence."""

    kind: str
    where: str
    text: str


class Session(NamedTuple):
    session: str
    site: str
    subject: str
    date: str
    start: str
    end: str
    seats: int


class Pool(NamedTuple):
    pool: str
    session: str
    classes: str
    seats: int
    vehicles: int
    offers: str


class Application(NamedTuple):
    application: str
    candidate: str
    subject: str
    licence_class: str
    tier: int
    key: int
    lot: int
    any_session: int
    earliest: str
    latest: str
    partner: str
    prior: str
    pinned: int
    area: str
    needs: str


class Round:
    """A round read from CSV, with ranks and digest; every refusal is one line."""

    def __init__(self, folder: Path) -> None:
        try:
            source = (folder / "round.toml").read_bytes()
            costs = tomllib.loads(source.decode("utf-8-sig"))
        except (OSError, ValueError) as error:
            raise BadRound(f"round.toml: {error}".replace("\n", " ")) from error
        if costs.get("format") != "kaochang-round/1":
            raise BadRound('round.toml column format: must be "kaochang-round/1"')
        self.choice_cost = _costs(costs, "choice_cost", [0, 1, 2, 4, 6])
        self.any_cost = _costs(costs, "any_session_cost", 10)[0]
        self.reserve_cost = _costs(costs, "reserve_cost", 0)[0]
        self.move_cost = _costs(costs, "move_cost", [1000, 300, 100, 30])
        self.rows = {name: _read(folder, name) for name in TABLES}
        self.sessions = self._keyed("sessions", Session)
        self.pools = self._keyed("pools", Pool)
        self.applications = self._keyed("applications", Application)
        self.choices: dict[str, list[str]] = defaultdict(list)
        self._plan()
        self._references()
        self.rank = self._ranks()
        self._candidates()
        self._choices()
        self.sha256 = _digest(source, self.rows)
        self._pins()
        self.rows.clear()

    def refuse(self, table: str, column: str, text: str, *cells: Any) -> None:
        """Raise for the last row that begins with some cells."""
        rows = self.rows[table]
        row = max(at for at, row in enumerate(rows, start=1) if row[: len(cells)] == cells)
        raise BadRound(f"{table} row {row} column {column}: {text}")

    def _keyed(self, table: str, kind: Any) -> dict[str, Any]:
        found = {row[0]: kind(*row) for row in sorted(self.rows[table])}
        if len(found) != len(self.rows[table]):
            seen: set[str] = set()
            for name, *_ in self.rows[table]:
                if name in seen:
                    self.refuse(table, TABLES[table].split()[0], f"{name!r} stands twice", name)
                seen.add(name)
        return found

    def _plan(self) -> None:
        """Sessions end after they start, and pools belong to sessions and have vehicles."""
        for one in self.sessions.values():
            if one.end <= one.start:
                self.refuse("sessions", "end", "is not after start", one.session)
        self.pools_of: dict[str, list[Pool]] = defaultdict(list)
        for pool in self.pools.values():
            if pool.session not in self.sessions:
                self.refuse("pools", "session", f"{pool.session!r} is in no row", pool.pool)
            driven = self.sessions[pool.session].subject in ("S2", "S3R")
            if driven and not pool.vehicles:
                self.refuse("pools", "vehicles", "must be at least 1 for S2 and S3R", pool.pool)
            self.pools_of[pool.session].append(pool)

    def _references(self) -> None:
        """What applications refer to is there; partners are mutual and of subjects that chain."""
        for name, row in self.applications.items():
            if row.prior and row.prior not in self.pools:
                self.refuse("applications", "prior", f"{row.prior!r} is in no row", name)
            if row.pinned and not row.prior:
                self.refuse("applications", "pinned", "has no prior", name)
            if not row.partner:
                continue
            other = self.applications.get(row.partner)
            if other is None:
                self.refuse("applications", "partner", f"{row.partner!r} is in no row", name)
            elif other.partner != name:
                self.refuse("applications", "partner", "is not mutual", name)
            elif other.candidate != row.candidate:
                self.refuse("applications", "partner", "belongs to another candidate", name)
            elif {row.subject, other.subject} not in ({"S2", "S3R"}, {"S3R", "S3T"}):
                text = "must join S2 and S3R, or S3R and S3T"
                self.refuse("applications", "partner", text, name)
            elif row.subject > other.subject and row.prior and not other.prior:
                text = "is told while the subject before it is not"
                self.refuse("applications", "prior", text, name)

    def _ranks(self) -> dict[str, int]:
        order = sorted(
            (row.subject, not row.prior, row.tier, row.key, row.lot, row.application)
            for row in self.applications.values()
        )
        # Told people come first, but no two people of a subject may have the same order.
        keys = {(key[0], *key[2:5]) for key in order}
        if len(keys) != len(order):
            self._same_rank()
        found: dict[str, int] = {}
        subject, place = "", 0
        for key in order:
            subject, place = key[0], place + 1 if key[0] == subject else 1
            found[key[5]] = place
        return found

    def _same_rank(self) -> None:
        seen: set[tuple[Any, ...]] = set()
        for cells in self.rows["applications"]:
            row = Application(*cells)
            key = (row.subject, row.tier, row.key, row.lot)
            if key in seen:
                text = "tier, key and lot are those of another application of the subject"
                self.refuse("applications", "lot", text, row.application)
            seen.add(key)

    def _candidates(self) -> None:
        """A candidate applies once per subject, and only partners have windows that overlap."""
        first: dict[str, list[Application]] = {}
        for cells in self.rows["applications"]:
            others = first.setdefault(cells[1], [])
            for other in others:
                self._beside(Application(*cells), other)
            others.append(Application(*cells))

    def _beside(self, row: Application, other: Application) -> None:
        if row.subject == other.subject:
            text = f"has a second application for the subject beside {other.application!r}"
            self.refuse("applications", "candidate", text, row.application)
        apart = row.earliest > row.latest or other.earliest > other.latest
        apart |= row.earliest > other.latest or other.earliest > row.latest
        if not apart and row.partner != other.application:
            text = f"the window overlaps that of {other.application!r} of the same candidate"
            self.refuse("applications", "earliest", text, row.application)

    def _choices(self) -> None:
        """Orders run from 1 without gaps and a session stands once per application."""
        for cells in self.rows["choices"]:
            name, _, session = cells
            if name not in self.applications:
                self.refuse("choices", "application", f"{name!r} is in no row", *cells)
            if session not in self.sessions:
                self.refuse("choices", "session", f"{session!r} is in no row", *cells)
        for cells in sorted(self.rows["choices"]):
            name, order, session = cells
            mine = self.choices[name]
            if order != len(mine) + 1:
                self.refuse("choices", "order", "orders must be 1, 2, … without gaps", *cells)
            if session in mine:
                self.refuse("choices", "session", "the application has it already", *cells)
            mine.append(session)

    def _pins(self) -> None:
        """A prior seat is of the subject; a pinned one is an option and pins fit into the seats."""
        options, taken = Options(self), Counter[str]()
        pinned = []
        for name, row in self.applications.items():
            if not row.prior:
                continue
            home = self.sessions[self.pools[row.prior].session]
            if home.subject != row.subject:
                self.refuse("applications", "prior", "is a pool of another subject", name)
            if row.pinned:
                pinned.append((row, home))
                group = options.group(row)
                if row.prior not in options.single(row) and not (
                    group and row.prior in group.pools
                ):
                    self.refuse("applications", "prior", "is pinned but none of its options", name)
                taken.update((f"pool {row.prior}", f"session {home.session}"))
        for row, home in pinned:
            full = taken[f"pool {row.prior}"] > self.pools[row.prior].seats
            if full or taken[f"session {home.session}"] > home.seats:
                text = "more are pinned than there are seats"
                name = next(
                    cells[0]
                    for cells in self.rows["applications"]
                    if cells[12] and self._shares(cells, row.prior if full else "", home.session)
                )
                self.refuse("applications", "pinned", text, name)
            self._pinned_chain(row, home)

    def _shares(self, cells: tuple[Any, ...], pool: str, session: str) -> bool:
        return bool(cells[11] == pool if pool else self.pools[cells[11]].session == session)

    def _pinned_chain(self, row: Application, home: Session) -> None:
        before = self.applications.get(row.partner)
        if before is None or not before.pinned or before.subject > row.subject:
            return
        one = self.sessions[self.pools[before.prior].session]
        if (one.site, one.date) != (home.site, home.date) or home.start < one.end:
            text = "is pinned elsewhere or earlier than the subject before it"
            self.refuse("applications", "prior", text, row.application)


def _costs(found: dict[str, Any], key: str, usual: Any) -> list[int]:
    """Return the costs under a key of `round.toml`; a single cost as a list of one."""
    costs = found.get(key, usual)
    listed = costs if isinstance(usual, list) else [costs]
    if not isinstance(listed, list) or not listed:
        raise BadRound(f"round.toml column {key}: must be a list of at least one cost")
    for cost in listed:
        if type(cost) is not int or not 0 <= cost <= 1000:
            raise BadRound(f"round.toml column {key}: {cost!r} is not a cost from 0 to 1000")
    return listed


def _read(folder: Path, name: str) -> list[tuple[Any, ...]]:
    """Read one CSV table: declared columns in declared order, whole numbers as int."""
    path = folder / f"{name}.csv"
    if (folder / f"{name}.parquet").exists():
        raise BadRound(f"{name}: this checker reads CSV, not Parquet")
    if not path.exists():
        if name == "choices":
            return []
        raise BadRound(f"{name}: {name}.csv is missing")
    header, rows = _fields(path, name)
    columns = []
    for word in TABLES[name].split():
        column = word.rstrip("?")
        if header.count(column) == 1:
            place = header.index(column)
            columns.append(_convert(name, column, [row[place] for row in rows]))
        elif column != word and column not in header:
            columns.append([""] * len(rows))
        else:
            stands = "stands twice" if column in header else "is missing"
            raise BadRound(f"{name} column {column}: the column {stands}")
    return list(zip(*columns, strict=True))


def _fields(path: Path, name: str) -> tuple[list[str], list[list[str]]]:
    """Return header and rows of a file, every row as long as the header."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.reader(file, strict=True)
            header = next(reader, [])
            rows = list(reader)
    except (OSError, ValueError, csv.Error) as error:
        raise BadRound(f"{name}: {error}".replace("\n", " ")) from error
    if not header:
        raise BadRound(f"{name}: the header row is missing")
    for number, row in enumerate(rows, start=1):
        if len(row) != len(header):
            raise BadRound(f"{name} row {number}: {len(row)} fields, not {len(header)}")
    return header, rows


def _convert(name: str, column: str, values: list[str]) -> list[Any]:
    """Check the values of a column; whole numbers become int."""
    dates = column in ("date", "earliest", "latest")
    pattern = KINDS.get(column, "[0-9]{4}-[0-9]{2}-[0-9]{2}" if dates else ID)
    number = column in ("any_session", "pinned") or pattern.startswith("0|")
    limit = LARGE if column in ("key", "lot") else SMALL
    test = re.compile(pattern)
    good: set[str] = set()
    for place, value in enumerate(values, start=1):
        if value in good:
            continue
        fits = test.fullmatch(value) and (not dates or _is_date(value))
        if not fits or (number and int(value) > limit):
            raise BadRound(f"{name} row {place} column {column}: {value[:80]!r} is not valid")
        if len(good) < 10_000:
            good.add(value)
    return [int(value) for value in values] if number else list(values)


def _is_date(value: str) -> bool:
    try:
        date.fromisoformat(value)
    except ValueError:
        return False
    return True


def _digest(source: bytes, rows: dict[str, list[tuple[Any, ...]]]) -> str:
    total = hashlib.sha256(source)
    for name, columns in TABLES.items():
        total.update((columns.replace("?", "").replace(" ", ",") + "\n").encode())
        for row in sorted(rows[name]):
            total.update((",".join(map(str, row)) + "\n").encode())
    return total.hexdigest()


class Group:
    """The pools that `any_session` means for one subject, class, window, area and needs."""

    def __init__(self, number: int, pools: dict[str, int]) -> None:
        self.number, self.pools = number, pools
        self.level = self.price = 0
        self.ranks: set[int] = set()
        self.sources: set[str] = set()
        self.tight: set[str] = set()


class Options:
    """Finds the options of applications; what many share is found once."""

    def __init__(self, found: Round) -> None:
        self.round = found
        self.groups: dict[tuple[Any, ...], Group] = {}
        self._serving: dict[tuple[str, str, str], list[tuple[str, int]]] = {}
        self.ignored = 0
        by_subject: dict[str, set[str]] = defaultdict(set)
        self._held: dict[tuple[str, str], list[str]] = defaultdict(list)
        for session in found.sessions.values():
            by_subject[session.subject].add(session.date)
            self._held[session.subject, session.site].append(session.session)
        self._days = {subject: sorted(days) for subject, days in by_subject.items()}
        self._sites = sorted({session.site for session in found.sessions.values()})

    def serving(self, session: str, row: Application) -> list[tuple[str, int]]:
        """Return (pool, reserve cost) of the pools of a session that serve the application."""
        key = (session, row.licence_class, row.needs)
        if key not in self._serving:
            needs = set(row.needs.split())
            self._serving[key] = [
                (pool.pool, self.round.reserve_cost if pool.offers and not needs else 0)
                for pool in self.round.pools_of[session]
                if (pool.classes == "*" or row.licence_class in pool.classes.split())
                and needs <= set(pool.offers.split())
            ]
        return self._serving[key]

    def single(self, row: Application) -> dict[str, tuple[int, int, int]]:
        """Return pool → (move cost, choice cost, order) of the options that stand alone."""
        found, costs = self.round, self.round.choice_cost
        subject, first, last, dear = row.subject, row.earliest, row.latest, found.any_cost
        options: dict[str, tuple[int, int, int]] = {}
        wished = found.choices.get(row.application, ())
        for order, name in enumerate(wished, start=1):
            session = found.sessions[name]
            if session.subject != subject or not first <= session.date <= last:
                self.ignored += 1
                continue
            cost, number = costs[min(order, len(costs)) - 1], order
            if dear < cost and self.reached(row, name):
                cost, number = dear, 0
            for pool, reserve in self.serving(name, row):
                move = self.move(row, pool) if row.prior else 0
                options[pool] = (move, cost + reserve, number)
        if row.prior:
            home = found.pools[row.prior].session
            if home not in wished and self.reached(row, home) and self.open(row, home):
                for pool, reserve in self.serving(home, row):
                    options[pool] = (self.move(row, pool), found.any_cost + reserve, 0)
        return options

    def open(self, row: Application, name: str) -> bool:
        """Say whether subject and window of the session fit."""
        session = self.round.sessions[name]
        return session.subject == row.subject and bool(row.earliest <= session.date <= row.latest)

    def reached(self, row: Application, name: str) -> bool:
        """Say whether `any_session` means this session's site."""
        site = self.round.sessions[name].site
        return bool(row.any_session) and (not row.area or site in row.area.split())

    def move(self, row: Application, pool: str) -> int:
        """Return the move cost of a seat."""
        if not row.prior or row.pinned or row.prior == pool:
            return 0
        pools = self.round.pools
        if pool and pools[pool].session == pools[row.prior].session:
            return 1
        return 1 + int(self.round.move_cost[min(row.tier, len(self.round.move_cost) - 1)])

    def group(self, row: Application) -> Group | None:
        """Return the group of the application, None where it has none or an empty one."""
        if not row.any_session:
            return None
        # Windows that hold the same days of sessions are the same window.
        days = self._days.get(row.subject, [])
        first, last = bisect_left(days, row.earliest), bisect_right(days, row.latest)
        key = (row.subject, row.licence_class, first, last, row.area, row.needs)
        if key not in self.groups:
            sites = sorted(set(row.area.split())) or self._sites
            pools = {
                pool: reserve
                for site in sites
                for name in self._held.get((row.subject, site), ())
                if self.open(row, name)
                for pool, reserve in self.serving(name, row)
            }
            self.groups[key] = Group(len(self.groups), pools)
        found = self.groups[key]
        return found if found.pools else None


class Checker:
    """Checks one plan; `findings` says what does not hold."""

    def __init__(self, found: Round, plan: Path) -> None:
        self.round, self.folder = found, plan
        self.options = Options(found)
        self.findings: list[Finding] = []
        self.seat: dict[str, tuple[str, ...]] = {}
        self.refused: dict[str, tuple[str, str]] = {}
        self.totals: dict[str, int] = {}
        #: People in components with chains, whose costs rest on the programme's own proof.
        self.on_trust = 0

    def say(self, kind: str, where: str, text: str) -> None:
        """Note something that does not hold."""
        self.findings.append(Finding(kind, where, text))

    def run(self) -> list[Finding]:
        """Check everything; what cannot be read ends the check early."""
        if not (self._read_tables() and self._read_certificate()):
            return self.findings
        self._everybody_once()
        if not self.findings:
            self._seats()
            self._prove()
        self._summary()
        return self.findings

    def _read_tables(self) -> bool:
        for name, columns in (
            ("assignments", "application session pool order vehicle turn"),
            ("refused", "application reason cut"),
        ):
            try:
                path = self.folder / f"{name}.csv"
                with path.open(encoding="utf-8", newline="") as file:
                    header, *rows = csv.reader(file, strict=True)
            except (OSError, ValueError, csv.Error) as error:
                self.say("file", f"{name}.csv", f"cannot be read: {error}")
                return False
            if header != columns.split() or any(len(row) != len(header) for row in rows):
                self.say("file", f"{name}.csv", f"must have exactly the columns {columns}")
                return False
            ids = [row[0] for row in rows]
            if ids != sorted(ids):
                self.say("row_order", f"{name}.csv", "rows must stand in order of application")
            for row in rows:
                if row[0] in self.seat or row[0] in self.refused:
                    self.say("decided_twice", row[0], "stands more than once in the plan")
                elif name == "refused":
                    self.refused[row[0]] = (row[1], row[2])
                else:
                    self.seat[row[0]] = tuple(row[1:])
        return True

    def _read_certificate(self) -> bool:
        try:
            text = (self.folder / "certificate.json").read_bytes()
            found = json.loads(text)
            self.levels = {**found["levels"]["pools"]}
            self.session_levels = {**found["levels"]["sessions"]}
            self.prices = {**found["prices"]["pools"]}
            self.session_prices = {**found["prices"]["sessions"]}
            self.salts = {**found["salts"]}
        except (OSError, ValueError, KeyError, TypeError) as error:
            self.say("file", "certificate.json", f"cannot be read: {error!r}")
            return False
        if found.get("format") != "kaochang-certificate/1":
            self.say("file", "certificate.json", "is not of format kaochang-certificate/1")
        if found.get("round_sha256") != self.round.sha256:
            self.say("digest", "certificate.json", "is for another round")
        if text != json.dumps(found, sort_keys=True, separators=(",", ":")).encode():
            self.say("file", "certificate.json", "is not in RFC 8785 form")
        for values, keys, low in (
            (self.levels, self.round.pools, 1),
            (self.session_levels, self.round.sessions, 1),
            (self.prices, self.round.pools, 0),
            (self.session_prices, self.round.sessions, 0),
        ):
            if values.keys() != keys.keys():
                odd = min(values.keys() ^ keys.keys())
                self.say("file", "certificate.json", f"{odd!r} is missing or too much")
                return False
            for name, value in values.items():
                absent = value is None and low == 1
                if not absent and (type(value) is not int or value < low):
                    self.say("file", name, f"{value!r} cannot stand in the certificate")
                    return False
        return True

    def _everybody_once(self) -> None:
        for name in self.round.applications:
            if name not in self.seat and name not in self.refused:
                self.say("undecided", name, "stands neither in assignments nor in refused")
        for name in (*self.seat, *self.refused):
            if name not in self.round.applications:
                self.say("unknown", name, "is no application of this round")
        for name, (session, pool, *_) in self.seat.items():
            if pool not in self.round.pools:
                self.say("unknown", name, f"sits in {pool!r}, which is no pool of this round")
            elif self.round.pools[pool].session != session:
                self.say("session", name, f"pool {pool} is not in session {session}")

    def _seats(self) -> None:
        """Count seats, and give vehicles and turns by rank."""
        people: dict[str, list[str]] = defaultdict(list)
        in_session: dict[str, int] = defaultdict(int)
        for name, (session, pool, *_) in self.seat.items():
            people[pool].append(name)
            in_session[session] += 1
        taken = {name: len(people[name]) for name in self.round.pools}
        for name, pool in self.round.pools.items():
            if taken[name] > pool.seats:
                self.say("pool_seats", name, f"{taken[name]} sit on {pool.seats} seats")
            for place, who in enumerate(sorted(people[name], key=self.round.rank.__getitem__)):
                vehicle, turn = (0, place + 1)
                if pool.vehicles:
                    vehicle, turn = place % pool.vehicles + 1, place // pool.vehicles + 1
                if self.seat[who][3:] != (str(vehicle), str(turn)):
                    self.say("turn", who, f"must have vehicle {vehicle} and turn {turn}")
        for name, session in self.round.sessions.items():
            if in_session[name] > session.seats:
                self.say("session_seats", name, f"{in_session[name]} sit on {session.seats} seats")
        self.room = {name for name, pool in self.round.pools.items() if taken[name] < pool.seats}
        self.session_room = {
            name for name, row in self.round.sessions.items() if in_session[name] < row.seats
        }
        applications = self.round.applications
        self.moving = {row[1] for who, row in self.seat.items() if not applications[who].pinned}

    def _prove(self) -> None:
        proof = _Proof(self)
        proof.run()

    def _summary(self) -> None:
        try:
            found = json.loads((self.folder / "summary.json").read_bytes())
            asked: dict[str, Any] = {"by_tier": {}, "by_subject": {}}
            by_choice: dict[str, int] = defaultdict(int)
            reasons = dict.fromkeys(("no_session", "full", "chain"), 0)
            for name, row in self.round.applications.items():
                for table, key in (("by_tier", str(row.tier)), ("by_subject", row.subject)):
                    pair = asked[table].setdefault(key, [0, 0])
                    pair[0] += 1
                    pair[1] += name in self.seat
            for row in self.seat.values():
                by_choice[row[2]] += 1
            for reason, _ in self.refused.values():
                reasons[reason] = reasons.get(reason, 0) + 1
            truth = asked | {
                "format": "kaochang-summary/1",
                "round_sha256": self.round.sha256,
                "applications": len(self.round.applications),
                "served": len(self.seat),
                "refused": reasons,
                "by_choice": by_choice,
            }
            if not self.findings:
                truth |= {"ignored_choices": self.options.ignored} | self.totals
            for key, value in truth.items():
                if found[key] != value:
                    self.say("summary", key, f"is {found[key]!r} and must be {value!r}")
        except (OSError, ValueError, KeyError, TypeError) as error:
            self.say("file", "summary.json", f"cannot be read: {error!r}")


class _Proof:
    """Goes once over the options of everybody and holds them against levels and prices."""

    def __init__(self, checker: Checker) -> None:
        self.checker, self.round, self.options = checker, checker.round, checker.options
        self.say = checker.say
        pools = self.round.pools
        self.level = {name: value or ENDLESS for name, value in checker.levels.items()}
        self.session_level = {name: v or ENDLESS for name, v in checker.session_levels.items()}
        self.price = {
            name: value + checker.session_prices[pools[name].session]
            for name, value in checker.prices.items()
        }
        self.grounded: set[str] = set()
        self.same_level: dict[Any, set[Any]] = defaultdict(set)
        self.same_price: dict[Any, set[Any]] = defaultdict(set)
        self.swaps: dict[str, dict[str, tuple[int, str]]] = defaultdict(dict)
        self.place = {name: place for place, name in enumerate(sorted(pools))}
        self.parent: dict[Any, Any] = {}
        self.home: dict[str, Any] = {}
        self.waiting: list[str] = []
        self.settled: set[str] = set()

    def run(self) -> None:
        """Check options, levels, prices and the draw of everybody."""
        found, checker = self.round, self.checker
        rows = {name: self.options.single(row) for name, row in found.applications.items()}
        groups = {name: self.options.group(row) for name, row in found.applications.items()}
        self.scale = self._scale(rows, groups)
        for shared in self.options.groups.values():
            if shared.pools:
                self._sum_up(shared)
        for name in found.applications:
            self._join(name, rows[name], groups[name])
        self._partners({name for name in rows if rows[name] or groups[name]})
        moved = chosen = 0
        ties: dict[str, dict[str, None]] = {}
        for name, row in found.applications.items():
            single, group = rows[name], groups[name]
            if name in checker.refused:
                self._refused(name, single, group)
                continue
            seat = self._seat(name, row, single, group)
            if seat is None:
                continue
            moved, chosen = moved + seat[0], chosen + seat[1]
            if not row.pinned:
                self._movable(name, single, group)
            if not row.pinned and name not in self.bound:
                ties[name] = self._prices(name, row, single, group, seat)
        checker.totals = {"move_cost": moved, "choice_cost": chosen}
        self._seats_and_certificate()
        self._stamps()
        self._least()
        self._salts()
        self._draw(ties)

    def _sum_up(self, group: Group) -> None:
        """Keep of a group's pools the largest level, the least price, and where it is paid."""
        group.level = max(self.level[pool] for pool in group.pools)
        paid = {pool: self.price[pool] + cost for pool, cost in group.pools.items()}
        group.price = min(paid.values())
        group.tight = {pool for pool, price in paid.items() if price == group.price}

    def _scale(self, rows: dict[str, Any], groups: dict[str, Group | None]) -> dict[str, int]:
        """M of each subject: 1 + people not pinned * largest choice cost of their options."""
        largest, people = dict.fromkeys(SUBJECTS, 0), dict.fromkeys(SUBJECTS, 0)
        dearest = {
            id(group): self.round.any_cost + max(group.pools.values(), default=0)
            for group in self.options.groups.values()
        }
        for name, row in self.round.applications.items():
            if row.pinned:
                continue
            people[row.subject] += 1
            group = groups[name]
            costs = [cost for _, cost, _ in rows[name].values()]
            costs.append(dearest[id(group)] if group else 0)
            largest[row.subject] = max(largest[row.subject], *costs)
        return {name: 1 + people[name] * largest[name] for name in SUBJECTS}

    def _root(self, node: Any) -> Any:
        while (up := self.parent.setdefault(node, node)) != node:
            self.parent[node] = self.parent[up]
            node = up
        return node

    def _join(self, name: str, single: dict[str, Any], group: Group | None) -> None:
        """Put what shares an application into one component."""
        pools, parent = self.round.pools, self.parent
        ends: list[Any] = [pools[pool].session for pool in single]
        if group is not None:
            if group.number not in parent:
                ends += [pools[pool].session for pool in group.pools]
            ends.append(group.number)
        if not ends:
            return
        self.home[name] = ends[0]
        one = self._root(ends[0])
        for end in ends:
            if parent.get(end) != one:
                parent[self._root(end)] = one

    def _partners(self, able: set[str]) -> None:
        """Find the bound partners and the components with chains, and check the chain rule."""
        found, seats = self.round, self.checker.seat
        self.bound: set[str] = set()
        self.chained: set[Any] = set()
        for name, row in found.applications.items():
            if not row.partner or name not in able:
                continue
            if row.partner in able:
                self.bound.add(name)
            if row.subject <= found.applications[row.partner].subject:
                continue
            self.waiting.append(name)
            if name in seats and not self._follows(seats.get(row.partner), seats[name]):
                self.say("chain", name, f"is not seated after {row.partner}, there and then")
        for name in self.bound:
            partner = found.applications[name].partner
            self.parent[self._root(self.home[name])] = self._root(self.home[partner])
        self.chained = {self._root(self.home[name]) for name in self.waiting}
        self.in_chains = {name for name in able if self._root(self.home[name]) in self.chained}
        self.checker.on_trust = len(self.in_chains)

    def _follows(self, before: tuple[str, ...] | None, after: tuple[str, ...]) -> bool:
        if before is None:
            return False
        one, two = self.round.sessions[before[0]], self.round.sessions[after[0]]
        return (one.site, one.date) == (two.site, two.date) and two.start >= one.end

    def _refused(self, name: str, single: dict[str, Any], group: Group | None) -> None:
        rank, (reason, cut) = self.round.rank[name], self.checker.refused[name]
        if not single and group is None:
            if (reason, cut) != ("no_session", ""):
                self.say("reason", name, "has no options: the reason must be no_session, no cut")
            return
        if reason == "chain" and name in self.in_chains:
            if cut:
                self.say("cut", name, "was refused for its chain: there is no cut")
            return
        if reason != "full":
            self.say("reason", name, f"has options: the reason cannot be {reason!r}")
            return
        largest = max((self.level[pool] for pool in single), default=0)
        if group is not None:
            largest = max(largest, group.level)
            group.ranks.add(rank)
        if largest > rank:
            self.say(
                "level", name, f"was refused at rank {rank}; an option has level {_l(largest)}"
            )
        if cut != str(largest):
            self.say(
                "cut", name, f"has cut {cut!r}; the largest level of its options is {_l(largest)}"
            )
        self.grounded.update(pool for pool in single if self.level[pool] == rank)

    def _seat(
        self, name: str, row: Application, single: dict[str, Any], group: Group | None
    ) -> tuple[int, int] | None:
        _, pool, order, *_ = self.checker.seat[name]
        if row.pinned and pool != row.prior:
            self.say("pinned", name, f"is pinned to {row.prior} and sits in {pool}")
            return None
        if pool in single:
            move, cost, number = single[pool]
        elif group is not None and pool in group.pools:
            move, number = self.options.move(row, pool), 0
            cost = self.round.any_cost + group.pools[pool]
        else:
            self.say("option", name, f"sits in {pool}, which is none of its options")
            return None
        if order != str(number):
            self.say("order", name, f"has order {order!r} and must have {number}")
        return move, cost

    def _movable(self, name: str, single: dict[str, Any], group: Group | None) -> None:
        """Hold a movable person against the levels."""
        pool, rank = self.checker.seat[name][1], self.round.rank[name]
        level = self.level[pool]
        if level == ENDLESS:
            return
        if rank >= level:
            self.say("level", name, f"of rank {rank} sits in {pool} of level {level}")
        edges = self.same_level[pool]
        for other in single:
            if self.level[other] > level:
                self.say("level", name, f"could move from {pool} to {other} of a higher level")
            elif self.level[other] == level:
                edges.add(other)
        if group is not None:
            if group.level > level:
                self.say("level", name, f"could move from {pool} to a session of a higher level")
            edges.add((group.number, level))
            group.sources.add(pool)

    def _prices(
        self,
        name: str,
        row: Application,
        single: dict[str, Any],
        group: Group | None,
        seat: tuple[int, int],
    ) -> dict[str, None]:
        """Hold a movable person against the prices; return the options that cost the same."""
        pool, scale = self.checker.seat[name][1], self.scale[row.subject]
        own = scale * seat[0] + seat[1] + self.price[pool]
        equal: dict[str, None] = {}
        for other, (move, cost, _) in single.items():
            total = scale * move + cost + self.price[other]
            if total < own:
                self.say("price", name, f"would pay {own} in {pool} and only {total} in {other}")
            elif total == own:
                equal[other] = None
        self.same_price[pool].update(equal)
        self.settled.add(pool)
        if group is not None:
            total = scale * self.options.move(row, "") + self.round.any_cost + group.price
            if total < own:
                self.say("price", name, f"would pay {own} in {pool} and only {total} elsewhere")
            elif total == own:
                self.same_price[pool].add(group.number)
                equal |= dict.fromkeys(group.tight)
        return equal

    def _seats_and_certificate(self) -> None:
        checker, pools = self.checker, self.round.pools
        for name, pool in pools.items():
            level, above = self.level[name], self.session_level[pool.session]
            if name in checker.room and level < above:
                self.say("level", name, "has free seats and a smaller level than its session")
            if name in checker.moving and above != ENDLESS and level > above:
                self.say("level", name, "has a larger level than its session")
            if name in checker.room and checker.prices[name] > 0:
                self.say("price", name, "has free seats and a price")
        for name in checker.session_room:
            if self.session_level[name] != ENDLESS:
                self.say("level", name, "has free seats and a level")
            if checker.session_prices[name] > 0:
                self.say("price", name, "has free seats and a price")

    def _stamps(self) -> None:
        """Every finite level was reached from a refused person of that rank."""
        checker, edges = self.checker, self.same_level
        for group in self.options.groups.values():
            self._group_stamps(group)
        for name, row in self.round.pools.items():
            if self.level[name] != self.session_level[row.session]:
                continue
            if name in checker.room:
                edges[name].add(("session", row.session))
            if name in checker.moving:
                edges["session", row.session].add(name)
        reached = _spread(edges, self.grounded)
        nodes: list[Any] = [name for name, level in self.level.items() if level != ENDLESS]
        nodes += [("session", name) for name, at in self.session_level.items() if at != ENDLESS]
        for node in nodes:
            if node not in reached:
                self.say("level", _name(node), "nothing leads to its level")

    def _group_stamps(self, group: Group) -> None:
        levels: dict[int, set[str]] = defaultdict(set)
        for pool in group.pools:
            levels[self.level[pool]].add(pool)
        for rank in group.ranks:
            self.grounded |= levels[rank]
        for pool in group.sources:
            self.same_level[group.number, self.level[pool]] = levels[self.level[pool]]

    def _least(self) -> None:
        """Every price is held up by a chain of equal costs that ends at nothing."""
        checker, edges = self.checker, self.same_price
        prices = checker.session_prices
        ground: set[Any] = {name for name, price in self.price.items() if price == 0}
        ground |= {("session", name) for name, price in prices.items() if price == 0}
        for group in self.options.groups.values():
            edges[group.number] |= group.tight
        for name, pool in self.round.pools.items():
            if checker.prices[name] == 0:
                edges["session", pool.session].add(name)
                if name in checker.room:
                    edges[name].add(("session", pool.session))
        reached = _spread(edges, ground)
        for name in self.price:
            if name not in reached:
                self.say("price", name, f"its price {checker.prices[name]} could be less")
        for name in prices:
            if ("session", name) not in reached:
                self.say("price", name, f"its price {prices[name]} could be less")

    def _salts(self) -> None:
        """Every component has a salt, the round's own or one that follows it."""
        first: dict[Any, str] = {}
        used = {self._root(node) for node in self.home.values()}
        for name in self.round.sessions:
            root = self._root(name)
            if root in used:
                first.setdefault(root, name)
        salts, own = self.checker.salts, int(self.round.sha256[:16], 16)
        if salts.keys() != set(first.values()):
            odd = min(salts.keys() ^ set(first.values()))
            self.say("salt", odd, "is no component of this round, or has no salt")
        for name, salt in salts.items():
            follows = type(salt) is int and 0 <= salt < 2**64 and (salt - own) % 2**64 < 64
            if not follows:
                self.say("salt", name, "is neither the round's own salt nor one that follows it")
        self.salt = {root: salts.get(name, own) for root, name in first.items()}

    def _draw(self, ties: dict[str, dict[str, None]]) -> None:
        """Look for a ring of equally cheap seats that would have a smaller drawn sum."""
        if self.checker.findings:
            return
        number = {name: at for at, name in enumerate(self.round.applications)}
        several = set()
        for name, equal in ties.items():
            if len(equal) < 2:
                continue
            given = self.checker.seat[name][1]
            root = self._root(self.round.pools[given].session)
            several.add(root)
            first = _mix(self.salt[root] ^ number[name])
            mine = _mix(first ^ self.place[given]) >> 32
            for other in equal:
                if other != given:
                    saved = mine - (_mix(first ^ self.place[other]) >> 32)
                    best = self.swaps[given].get(other)
                    if best is None or saved > best[0]:
                        self.swaps[given][other] = (saved, name)
        own = int(self.round.sha256[:16], 16)
        for root, salt in self.salt.items():
            if salt != own and root not in several:
                self.say("salt", str(root), "was changed though nothing was drawn")
        self._rings()

    def _rings(self) -> None:
        checker, pools = self.checker, self.round.pools
        edges: dict[Any, dict[Any, tuple[int, str]]] = {
            at: dict(to) for at, to in self.swaps.items()
        }
        for name, pool in pools.items():
            session = ("session", pool.session)
            if checker.prices[name] == 0:
                if name in checker.room:
                    edges.setdefault(name, {})[session] = (0, name)
                if name in self.settled:
                    edges.setdefault(session, {})[name] = (0, name)
            if checker.session_prices[pool.session] == 0:
                sink = ("sink", self._root(pool.session))
                if pool.session in checker.session_room:
                    edges.setdefault(session, {})[sink] = (0, name)
                if name in self.settled:
                    edges.setdefault(sink, {})[session] = (0, name)
        ring = _ring(edges)
        if ring:
            who = sorted({name for name in ring if name in self.round.applications})
            self.say("draw", who[0], f"the draw seats otherwise: {' '.join(who[:10])}")


def _l(level: int) -> str:
    return "infinite" if level == ENDLESS else str(level)


def _name(node: Any) -> str:
    return str(node[1]) if isinstance(node, tuple) else str(node)


def _spread(edges: dict[Any, set[Any]], start: set[Any]) -> set[Any]:
    reached, waiting = set(start), list(start)
    while waiting:
        for node in edges.get(waiting.pop(), ()):
            if node not in reached:
                reached.add(node)
                waiting.append(node)
    return reached


def _ring(edges: dict[Any, dict[Any, tuple[int, str]]]) -> list[str]:
    """Return who is on a ring of positive weight, or nobody."""
    value: dict[Any, int] = defaultdict(int)
    came: dict[Any, tuple[Any, str]] = {}
    changed = set(edges)
    nodes = len(changed | {to for row in edges.values() for to in row})
    for _ in range(nodes + 1):
        waiting, changed = changed, set()
        for node in waiting:
            base = value[node]
            for to, (weight, who) in edges.get(node, {}).items():
                if base + weight > value[to]:
                    value[to], came[to] = base + weight, (node, who)
                    changed.add(to)
        if not changed:
            return []
    node = next(iter(changed))
    for _ in range(nodes):
        node = came[node][0]
    ring, at = [], node
    while True:
        at, who = came[at]
        ring.append(who)
        if at == node:
            return ring


def _mix(x: int) -> int:
    mask = 2**64 - 1
    x = (x + 0x9E3779B97F4A7C15) & mask
    x = ((x ^ x >> 30) * 0xBF58476D1CE4E5B9) & mask
    x = ((x ^ x >> 27) * 0x94D049BB133111EB) & mask
    return x ^ x >> 31


def check(round_folder: Path, plan_folder: Path) -> list[Finding]:
    """Return what does not hold; nothing means that the plan holds.

    Raises:
        BadRound: The round itself is not valid.
    """
    # Nothing here goes in circles, and looking for circles costs a sixth of the time.
    looking = gc.isenabled()
    gc.disable()
    try:
        return Checker(Round(round_folder), plan_folder).run()
    finally:
        if looking:
            gc.enable()


def _tell(text: object) -> None:
    sys.stderr.write(f"{text}\n")


def main(arguments: list[str]) -> int:
    """Run the check and print what it found; see the top of this file."""
    if len(arguments) != 2:
        _tell("usage: python checker.py ROUND PLAN")
        return 2
    try:
        findings = check(Path(arguments[0]), Path(arguments[1]))
    except BadRound as error:
        _tell(error)
        return 2
    for finding in findings[:100]:
        _tell(f"{finding.kind}: {finding.where}: {finding.text}")
    _tell("does not hold" if findings else "holds")
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
