"""The network of a component with chains.

Who may sit where, which seats a second needs its first to have, and the flows that are asked.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from scheduler.arrays import Ints
from scheduler.chain_flow import Flow, Question
from scheduler.potentials import seats_left

if TYPE_CHECKING:
    from scheduler.arrays import Flags
    from scheduler.chain_flow import Bound
    from scheduler.components import Component
    from scheduler.engines import Engine
    from scheduler.options import Options
    from scheduler.rounds import Round


def joined(starts: Ints, counts: Ints) -> Ints:
    """Return the numbers of several stretches, one after the other."""
    shift = np.repeat(starts - np.cumsum(counts) + counts, counts)
    return np.asarray(np.arange(counts.sum()) + shift)


class Ways(NamedTuple):
    """Options as columns: application, pool, move cost and choice cost."""

    app: Ints
    pool: Ints
    move: Ints
    choice: Ints

    def take(self, kept: Flags | Ints) -> Ways:
        """Return some of the ways."""
        return Ways(*(column[kept] for column in self))


@dataclass(frozen=True, slots=True)
class Rows:
    """Chain rows: for each `count` rows the ways that need one, and the ways that give one.

    Of a pair, site, day and hour t: the second's ways that start by t need as many of the first's
    ways that end by t. `row`, `way` and `sign` (1 needs, -1 gives) are the entries; `lead` is one
    way of the second for each row.
    """

    count: int
    lead: Ints
    row: Ints
    way: Ints
    sign: Ints


class Network:
    """Applications of one component with their ways; partners have a way to every pool.

    Args:
        found: The round.
        options: Its options.
        component: The component.
        people: Applications that may be seated, none of them pinned.
        pairs: Seconds among them, or pinned, whose chain is to be kept.
    """

    def __init__(
        self, found: Round, options: Options, component: Component, people: Ints, pairs: Ints
    ) -> None:
        self.found, self.options, self.component = found, options, component
        rows = found.applications
        self.people, self.size = people, len(rows.rank)
        pools, sessions = seats_left(found, rows.prior[rows.pinned])
        self.pool_seats, self.session_seats = pools, sessions
        self.pools, self.sessions = component.pools, component.sessions
        inside = np.zeros(self.size, bool)
        inside[people] = True
        self.seconds = pairs
        self.partner = np.zeros(self.size, bool)
        self.partner[pairs] = self.partner[rows.partner[pairs]] = True
        self.partner &= inside
        self.ways = self._ways(inside)
        self._lawful()
        self.hub_people = people[(options.hub[people] >= 0) & ~self.partner[people]]
        self.hubs = component.hubs
        self.out = component.hub_arcs
        self.out_hub = np.searchsorted(options.hub_start, self.out, side="right") - 1
        self.second, self.before = np.zeros(self.size, bool), self.pool_seats
        self.rows = self._rows()

    def _ways(self, inside: Flags) -> Ways:
        """Return the arcs of everybody, and each partner's way through its hub as arcs too."""
        options, arcs = self.options, self.component.arcs
        arcs = arcs[inside[options.app[arcs]]]
        own = Ways(options.app[arcs], options.pool[arcs], options.move[arcs], options.choice[arcs])
        through = np.flatnonzero(self.partner & (options.hub >= 0))
        start = options.hub_start[options.hub[through]]
        count = options.hub_start[options.hub[through] + 1] - start
        at, app = joined(start, count), np.repeat(through, count)
        far = Ways(
            app,
            options.hub_pool[at],
            options.hub_move[app],
            self.found.config.any_session_cost + options.hub_reserve[at],
        )
        width = len(self.found.pools.seats)
        known = own.app.astype(np.int64) * width + own.pool
        far = far.take(~np.isin(far.app.astype(np.int64) * width + far.pool, known))
        both = Ways(*(np.concatenate(pair) for pair in zip(own, far, strict=True)))
        pool, session = both.pool, self.found.pools.session
        open_ = (self.pool_seats[pool] > 0) & (self.session_seats[session[pool]] > 0)
        both = both.take(open_)
        return both.take(np.lexsort((both.pool, both.app)))

    def _lawful(self) -> None:
        """Drop the ways that no seat of the partner could make lawful."""
        rows = self.found.applications
        if not len(self.seconds):
            return
        keep = np.ones(len(self.ways.app), bool)
        firsts = rows.partner[self.seconds]
        gives, ends, needs, starts = self._moments(firsts, self.seconds)
        width = int(max(gives.max(initial=0), needs.max(initial=0))) + 1
        soonest = np.full(width, np.iinfo(np.int64).max)
        np.minimum.at(soonest, gives, ends)
        latest = np.full(width, -1)
        np.maximum.at(latest, needs, starts)
        after = np.zeros(self.size, bool)
        after[self.seconds] = True
        key, way_starts, way_ends = self._keys()
        mine = after[self.ways.app]
        keep[mine] = soonest[np.minimum(key[mine], width - 1)] <= way_starts[mine]
        keep[mine] &= key[mine] < width
        # A pinned second holds its first to the seats before it.
        held = np.zeros(self.size, bool)
        held[firsts[rows.pinned[self.seconds]]] = True
        mine = held[self.ways.app]
        keep[mine] = (key[mine] < width) & (
            latest[np.minimum(key[mine], width - 1)] >= way_ends[mine]
        )
        self.ways = self.ways.take(keep)

    def _keys(self) -> tuple[Ints, Ints, Ints]:
        """Return of each way its pair, site and day as one number, and its hours."""
        return self._key(self.ways.app, self.ways.pool)

    def _key(self, app: Ints, pool: Ints) -> tuple[Ints, Ints, Ints]:
        rows, sessions = self.found.applications, self.found.sessions
        at = self.found.pools.session[pool]
        days = np.unique(sessions.date[self.sessions])
        day = np.searchsorted(days, sessions.date[at])
        pair = np.minimum(app, np.where(rows.partner[app] < 0, app, rows.partner[app]))
        width = len(sessions.site.names)
        key = (pair.astype(np.int64) * width + sessions.site.codes[at]) * len(days) + day
        return key, sessions.start[at], sessions.end[at]

    def _moments(self, firsts: Ints, seconds: Ints) -> tuple[Ints, Ints, Ints, Ints]:
        """Return where and when firsts may end and seconds start, the pinned included."""
        rows = self.found.applications
        found: list[Ints] = []
        for people, hour in ((firsts, 2), (seconds, 1)):
            mine = np.zeros(self.size, bool)
            mine[people] = True
            held = people[rows.pinned[people]]
            ways = mine[self.ways.app]
            keys = self._key(
                np.concatenate((self.ways.app[ways], held)),
                np.concatenate((self.ways.pool[ways], rows.prior[held])),
            )
            found += [keys[0], keys[hour]]
        return found[0], found[1], found[2], found[3]

    def _rows(self) -> Rows:
        """Write the chain by hours, which keeps the relaxation tight."""
        rows = self.found.applications
        free = ~rows.pinned[self.seconds] & ~rows.pinned[rows.partner[self.seconds]]
        second = np.zeros(self.size, bool)
        second[self.seconds[free]] = True
        first = np.zeros(self.size, bool)
        first[rows.partner[self.seconds[free]]] = True
        key, start, end = self._keys()
        needs, gives = np.flatnonzero(second[self.ways.app]), np.flatnonzero(first[self.ways.app])
        nothing = np.zeros(0, np.int64)
        if not len(needs):
            return Rows(0, nothing, nothing, nothing, nothing)
        needs = needs[np.lexsort((start[needs], key[needs]))]
        gives = gives[np.lexsort((end[gives], key[gives]))]
        hour, width = start[needs], int(max(start.max(), end.max())) + 1
        ready_from = np.searchsorted(key[gives], key[needs])
        moment = key[gives].astype(np.int64) * width + end[gives]
        ready = np.searchsorted(moment, key[needs].astype(np.int64) * width + hour, side="right")
        # Of hours by which the same ways are ready, the last says it for all.
        self._room(needs, gives, ready_from, ready)
        last = np.ones(len(needs), bool)
        last[:-1] = (key[needs][1:] != key[needs][:-1]) | (ready[1:] != ready[:-1])
        at = np.flatnonzero(last)
        begin = np.searchsorted(key[needs], key[needs[at]])
        until = at + 1
        wanting, giving = until - begin, ready[at] - ready_from[at]
        number = np.arange(len(at))
        return Rows(
            len(at),
            needs[at],
            np.concatenate((np.repeat(number, wanting), np.repeat(number, giving))),
            np.concatenate((needs[joined(begin, wanting)], gives[joined(ready_from[at], giving)])),
            np.repeat(np.array([1, -1]), (wanting.sum(), giving.sum())),
        )

    def _room(self, needs: Ints, gives: Ints, begin: Ints, until: Ints) -> None:
        """Count the seats of firsts before each pool: no more seconds can sit in it."""
        pools, count = self.ways.pool, until - begin
        width = len(self.found.pools.seats)
        pairs = np.repeat(pools[needs], count).astype(np.int64) * width
        after, before = np.divmod(np.unique(pairs + pools[gives[joined(begin, count)]]), width)
        session = self.found.pools.session[before]
        key, place = np.unique(after * len(self.session_seats) + session, return_inverse=True)
        seats = np.zeros(len(key), np.int64)
        np.add.at(seats, place, self.pool_seats[before])
        at, session = np.divmod(key, len(self.session_seats))
        room = np.zeros(width, np.int64)
        np.add.at(room, at, np.minimum(seats, self.session_seats[session]))
        self.second = np.zeros(self.size, bool)
        self.second[self.ways.app[needs]] = True
        self.before = room

    def greatest(self, engine: Engine, inside: Flags, weight: Ints) -> Flags:
        """Return who is left over where each of some people counts for a weight.

        No chain has to be kept, but a pool takes no more seconds than there are seats for their
        firsts before it. That is a flow still, and so a greedy choice by rank.
        """
        nothing = (np.zeros(len(part), np.int64) for part in (self.ways.app, weight, self.out))
        flow = Flow(
            self, Question(inside, weight, *nothing), np.zeros(len(self.ways.app), np.int64)
        )
        return flow.left(engine)

    def bound(self, engine: Engine, asked: Question, price: Ints | None = None) -> Bound:
        """Solve the flow that is left once each chain row has a price; all in integers.

        Args:
            engine: Solves the flow.
            asked: What is minimised.
            price: Of each row, not negative, in parts of `SCALE`; none means no chains.
        """
        price = np.zeros(self.rows.count, np.int64) if price is None else price
        # A chain that nobody here has to keep is worth nothing.
        price = np.where(asked.inside[self.ways.app[self.rows.lead]], price, 0)
        way = asked.way.copy()
        np.add.at(way, self.rows.way, self.rows.sign * price[self.rows.row])
        flow = Flow(self, asked, way)
        return flow.solve(engine, price)
