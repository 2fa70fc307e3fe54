"""Rule 3: among the cheapest plans the one of least drawn sum, and whether there is only one.

The draw is a fixed function of the round's own digest, so that nobody chooses among equals.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from scheduler.arrays import Flags, Ints, Words64
from scheduler.components import labels
from scheduler.potentials import Seated, fullness, longest, seats_left, strongest

if TYPE_CHECKING:
    from scheduler.engines import Engine
    from scheduler.options import Options
    from scheduler.rounds import Round
    from scheduler.seating import Costs


def mix(values: Words64) -> Words64:
    """Return splitmix64's step of each value, on 64 bits."""
    with np.errstate(over="ignore"):
        x = values + np.uint64(0x9E3779B97F4A7C15)
        x = (x ^ (x >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        x = (x ^ (x >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        return x ^ (x >> np.uint64(31))


def drawn(salt: int | Words64, application: Ints, pool: Ints) -> Ints:
    """Return h, 32 bits, of each (application, pool) by position in byte order of id."""
    first = mix(np.asarray(salt, np.uint64) ^ application.astype(np.uint64))
    return (mix(first ^ pool.astype(np.uint64)) >> np.uint64(32)).astype(np.int64)


def first_salt(round_sha256: str) -> int:
    """Return the first 8 bytes of the digest, big-endian."""
    return int(round_sha256[:16], 16)


@dataclass(frozen=True, slots=True)
class Ties:
    """The options that cost nothing more than the seat given, and what must stay full.

    `app` and `pool` are sorted by application and hold the given seat too; `seats` and
    `session_seats` are what those with a single seat to sit in leave.
    """

    app: Ints
    pool: Ints
    pool_kept: Flags
    session_kept: Flags
    seats: Ints
    session_seats: Ints


def find_ties(
    found: Round, options: Options, costs: Costs, seated: Seated, prices: tuple[Ints, Ints]
) -> Ties:
    """Collect the arcs of reduced cost 0 of everybody who may move."""
    total = prices[0] + prices[1][found.pools.session]
    own = seated.cost + np.where(seated.pool >= 0, total[seated.pool], 0)
    arc = seated.movable[options.app]
    arc &= costs.arc + total[options.pool] == own[options.app]
    app, pool = _through_hubs(options, costs, seated, total, own)
    app, pool = np.concatenate((options.app[arc], app)), np.concatenate((options.pool[arc], pool))
    key = np.sort(app.astype(np.int64) * max(len(total), 1) + pool)
    # An arc and a hub may lead to the same seat at the same cost.
    key = key[np.concatenate(([True], key[1:] != key[:-1]))] if len(key) else key
    app, pool = np.divmod(key, max(len(total), 1))
    several = np.bincount(app, minlength=len(seated.pool)) > 1
    left = seats_left(found, np.where(several, -1, seated.pool))
    return Ties(app, pool, prices[0] > 0, prices[1] > 0, *left)


def _through_hubs(
    options: Options, costs: Costs, seated: Seated, total: Ints, own: Ints
) -> tuple[Ints, Ints]:
    if not len(options.hub_pool):
        return np.zeros(0, np.int64), np.zeros(0, np.int64)
    way = total[options.hub_pool] + options.hub_reserve
    least = np.minimum.reduceat(way, options.hub_start[:-1])
    sizes = np.diff(options.hub_start)
    best = way == np.repeat(least, sizes)
    pools = options.hub_pool[best]
    counts = np.add.reduceat(best.astype(np.int64), options.hub_start[:-1])
    starts = np.cumsum(counts) - counts
    people = np.flatnonzero(seated.movable & (options.hub >= 0))
    people = people[costs.hub[people] + least[options.hub[people]] == own[people]]
    hub = options.hub[people]
    app = np.repeat(people, counts[hub])
    within = np.arange(len(app)) - np.repeat(np.cumsum(counts[hub]) - counts[hub], counts[hub])
    return app, pools[np.repeat(starts[hub], counts[hub]) + within]


class Tied:
    """The people of one component who have several equally cheap seats, and those seats.

    Nodes: people, pools, sessions, and last the sink.
    """

    def __init__(self, found: Round, ties: Ties, pool: Ints, people: Ints) -> None:
        self.people, self.given = people, pool[people]
        start = np.searchsorted(ties.app, people)
        count = np.searchsorted(ties.app, people, side="right") - start
        several = count > 1
        self.free, start, count = people[several], start[several], count[several]
        arc = np.arange(count.sum()) - np.repeat(np.cumsum(count) - count - start, count)
        self.app, self.pool = ties.app[arc], ties.pool[arc]
        self.pools = np.unique(self.pool)
        self.sessions, self.session_at = np.unique(
            found.pools.session[self.pools], return_inverse=True
        )
        self.seats, self.session_seats = ties.seats[self.pools], ties.session_seats[self.sessions]
        self.kept = ties.pool_kept[self.pools]
        self.session_kept = ties.session_kept[self.sessions]

    def settle(self, engine: Engine, salt: int) -> Ints:
        """Return the pool of each of the people under rule 3."""
        if not self.free.size:
            return self.given
        first_pool = len(self.free)
        first_session = first_pool + len(self.pools)
        sink = first_session + len(self.sessions)
        loose, session_loose = np.flatnonzero(~self.kept), np.flatnonzero(~self.session_kept)
        one, nothing = np.ones(len(self.app), np.int64), np.zeros(len(self.app), np.int64)
        # Each row: tails, heads, capacities, costs.
        rows = (
            (
                np.searchsorted(self.free, self.app),
                first_pool + np.searchsorted(self.pools, self.pool),
                one,
                drawn(salt, self.app, self.pool),
            ),
            (
                first_pool + loose,
                first_session + self.session_at[loose],
                self.seats[loose],
                nothing[:1].repeat(len(loose)),
            ),
            (
                first_session + session_loose,
                np.full(len(session_loose), sink),
                self.session_seats[session_loose],
                nothing[:1].repeat(len(session_loose)),
            ),
        )
        tail, head, capacity, cost = (np.concatenate(column) for column in zip(*rows, strict=True))
        supply = self._supply(first_pool, first_session, sink)
        flow = engine.flow(tail=tail, head=head, capacity=capacity, cost=cost, supply=supply)
        used = flow[: len(self.app)] > 0
        settled = self.given.copy()
        settled[np.searchsorted(self.people, self.app[used])] = self.pool[used]
        return settled

    def _supply(self, first_pool: int, first_session: int, sink: int) -> Ints:
        """A pool that must stay full takes all its seats in and hands them to its session."""
        supply = np.zeros(sink + 1, np.int64)
        supply[:first_pool] = 1
        supply[first_pool:first_session][self.kept] = -self.seats[self.kept]
        np.add.at(supply, first_session + self.session_at[self.kept], self.seats[self.kept])
        supply[first_session:sink][self.session_kept] -= self.session_seats[self.session_kept]
        supply[sink] = -supply.sum()
        return supply


def rivals(found: Round, ties: Ties, pool: Ints, salt: Words64, part: Ints) -> Flags:
    """Say of each pool whether another plan of the same drawn sum would change its component.

    Args:
        found: The round.
        ties: All options of reduced cost 0.
        pool: The pool of each application under rule 3.
        salt: The salt of each application.
        part: The component of each session; nothing passes from one to another.

    Raises:
        SolveError: The plan has not the least sum.
    """
    pools, sessions = len(found.pools.seats), len(found.sessions.seats)
    sinks = pools + sessions
    count = sinks + sessions
    given = pool[ties.app]
    other = given != ties.pool
    app, given, to = ties.app[other], given[other], ties.pool[other]
    moves = strongest(given, to, drawn(salt[app], app, given) - drawn(salt[app], app, to))
    movable = np.zeros(len(pool), bool)
    movable[ties.app] = True
    used = np.bincount(pool[movable], minlength=pools)
    session_used = np.zeros(sessions, np.int64)
    np.add.at(session_used, found.pools.session, used)
    down = np.concatenate((found.pools.session + pools, part + sinks))
    loose = np.concatenate((~ties.pool_kept, ~ties.session_kept))
    onward = loose & ~np.concatenate(fullness(found, pool))
    backward = loose & (np.concatenate((used, session_used)) > 0)
    node = np.arange(sinks)
    tail = np.concatenate((moves[0], node[onward], down[backward]))
    head = np.concatenate((moves[1], down[onward], node[backward]))
    weight = np.concatenate((moves[2], np.zeros(len(tail) - len(moves[0]), np.int64)))
    value = longest(count, tail, head, weight, np.zeros(count, np.int64))
    # An arc and its reverse are no cycle: join their ends and look for cycles among the rest.
    both = onward & backward
    joined = labels(count, node[both], down[both])
    paired = np.concatenate((np.zeros(len(moves[0]), bool), both[onward], both[backward]))
    tight = (value[head] == value[tail] + weight) & ~paired
    return _on_cycles(count, joined[tail[tight]], joined[head[tight]])[joined[:pools]]


def _on_cycles(count: int, tail: Ints, head: Ints) -> Flags:
    """Say of each node whether it is on a cycle or behind one, by removing what has no way in."""
    left = np.ones(count, bool)
    while len(tail):
        entered = np.zeros(count, bool)
        entered[head] = True
        left &= entered
        stays = left[tail]
        if stays.all():
            return left
        tail, head = tail[stays], head[stays]
    return np.zeros(count, bool)
