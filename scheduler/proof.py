"""Levels, prices and draw of a published plan, held against the options of everybody at once.

Nodes are pools, then sessions, then groups of applications that take any session.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from scheduler.arrays import pa
from scheduler.graphs import spread
from scheduler.proof_parts import Parts

if TYPE_CHECKING:
    from scheduler.arrays import Flags, Ints
    from scheduler.verification import Verifier
    from scheduler.wishes import Wishes

ENDLESS = np.int32(2**31 - 1)
_LONG = 2**62


class Proof:
    """One pass over all options with the certificate in hand."""

    def __init__(self, verifier: Verifier, wishes: Wishes) -> None:
        self.verifier, self.wishes = verifier, wishes
        self.found, self.pool = verifier.found, verifier.pool
        self.ids, self.say_each = self.found.applications.ids, verifier.say_each
        self.session_of = self.found.pools.session.astype(np.int64)
        self.first_session = verifier.pools
        self.first_group = verifier.pools + verifier.sessions
        self.count = self.first_group + wishes.groups
        self.level = _short(verifier.level)
        self.session_level = _short(verifier.session_level)
        self.total = verifier.price + verifier.session_price[self.session_of]
        self.seated, self.movable = self.pool >= 0, verifier.movable
        #: Where the owner of each single option sits.
        self.sits = self.pool.take(wishes.app)
        # Where nobody was told a seat nothing is multiplied.
        told = bool((self.found.applications.prior >= 0).any())
        self.scale = self._scale() if told else np.ones(len(self.pool), np.int64)
        self._partners()

    def run(self) -> dict[str, Any]:
        """Check options, levels, prices and draw; return the totals of the summary."""
        move, choice = self._own_seats()
        verifier = self.verifier
        if not verifier.findings:
            parts = Parts(self)
            self.in_chains = parts.in_chains
            self._chains()
            self._refused()
            self._find_others()
            self._levels()
            ties = self._prices(self.scale * move + choice)
            if not verifier.findings:
                parts.draw(*ties)
        return {
            "ignored_choices": self.wishes.ignored,
            "move_cost": int(move.sum()),
            "choice_cost": int(choice.sum()),
        }

    def _partners(self) -> None:
        """Find who waits for another subject, and who is bound to a partner with options."""
        wishes, rows = self.wishes, self.found.applications
        self.has = wishes.group >= 0
        self.has[wishes.app] = True
        partner = rows.partner
        later = (partner >= 0) & (rows.subject > rows.subject[partner])
        self.seconds = np.flatnonzero(later & self.has)
        bound = (partner >= 0) & self.has & self.has[partner]
        # Partners sit where their programme put them: prices and draw are about all others.
        self.settled = self.movable[~bound[self.movable]]
        self.bound = np.flatnonzero(bound)

    def _chains(self) -> None:
        """A second sits only after its first, the same day at the same site."""
        sessions, seconds = self.found.sessions, self.seconds[self.seated[self.seconds]]
        first = self.found.applications.partner[seconds]
        bad = np.zeros(len(self.pool), bool)
        bad[seconds[~self.seated[first]]] = True
        seconds, first = seconds[self.seated[first]], first[self.seated[first]]
        one, two = self.session_of[self.pool[first]], self.session_of[self.pool[seconds]]
        apart = sessions.site.codes[one] != sessions.site.codes[two]
        apart |= sessions.date[one] != sessions.date[two]
        bad[seconds[apart | (sessions.start[two] < sessions.end[one])]] = True
        self.say_each("chain", self.ids, bad, "is not seated after its partner, there and then")

    def _scale(self) -> Ints:
        """Return M for each application."""
        wishes, rows = self.wishes, self.found.applications
        free = ~rows.pinned
        dear = np.zeros((4, int(wishes.choice.max(initial=0)) + 1), bool)
        single = free[wishes.app]
        dear[rows.subject[wishes.app[single]], wishes.choice[single]] = True
        largest = np.array([row.nonzero()[0].max(initial=0) for row in dear], np.int64)
        dearest = np.zeros(wishes.groups, np.int64)
        np.maximum.at(dearest, wishes.member_group, wishes.member_reserve)
        through = np.flatnonzero(free & (wishes.group >= 0))
        cost = self.found.config.any_session_cost + dearest[wishes.group[through]]
        np.maximum.at(largest, rows.subject[through], cost)
        people = np.bincount(rows.subject[free], minlength=4)
        return np.asarray((1 + people * largest)[rows.subject])

    def _own_seats(self) -> tuple[Ints, Ints]:
        """Return move and choice cost of everybody's seat, having checked that it is an option."""
        wishes, rows = self.wishes, self.found.applications
        people = len(self.pool)
        move, choice = np.zeros(people, np.int64), np.zeros(people, np.int64)
        order = np.full(people, -1, np.int64)
        pinned_off = rows.pinned & (self.pool != rows.prior)
        self.say_each("pinned", self.ids, pinned_off, "is pinned and sits elsewhere")
        own = np.flatnonzero(self.sits == wishes.pool)
        app = wishes.app[own]
        order[app], move[app], choice[app] = wishes.order[own], wishes.move[own], wishes.choice[own]
        # Whoever sits in no pool of a choice may sit in one of a group's.
        taking = np.flatnonzero(self.seated & (order < 0) & (wishes.group >= 0))
        width = max(self.verifier.pools, 1)
        key = wishes.member_group * width + wishes.member_pool
        by_key = np.argsort(key)
        key = key[by_key]
        wanted = wishes.group[taking] * width + self.pool[taking]
        place = np.minimum(np.searchsorted(key, wanted), max(len(key) - 1, 0))
        fits = key[place] == wanted if len(key) else np.zeros(len(taking), bool)
        inside = taking[fits]
        order[inside] = 0
        move[inside] = wishes.far[inside]
        choice[inside] = self.found.config.any_session_cost
        choice[inside] += wishes.member_reserve[by_key[place[fits]]]
        nowhere = self.seated & (order < 0) & ~pinned_off
        self.say_each("option", self.ids, nowhere, "sits in a pool that is none of its options")
        odd = self.seated & ~nowhere & (order != self.verifier.column("order"))
        self.say_each("order", self.ids, odd, "has the number of another choice")
        return move, choice

    def _find_others(self) -> None:
        """Find the single options that somebody who may move does not sit in."""
        wishes = self.wishes
        moving = np.zeros(len(self.pool), bool)
        moving[self.movable] = True
        other = np.flatnonzero(moving.take(wishes.app) & (self.sits != wishes.pool))
        self.other, self.who = other, wishes.app.take(other)
        self.at, self.to = self.sits.take(other), wishes.pool.take(other)

    def _refused(self) -> None:
        """The refused had no seat to be had: every option has a level up to their rank."""
        wishes, reason = self.wishes, self.verifier.plan.refused["reason"]
        rank, ids = self.found.applications.rank, self.ids
        group_level = np.zeros(wishes.groups, self.level.dtype)
        np.maximum.at(group_level, wishes.member_group, self.level[wishes.member_pool])
        self.group_level = group_level
        largest = np.zeros(len(self.pool), self.level.dtype)
        through = np.flatnonzero(~self.seated & (wishes.group >= 0))
        largest[through] = group_level[wishes.group[through]]
        #: Single options of the refused.
        self.lost = np.flatnonzero(self.sits < 0)
        np.maximum.at(largest, wishes.app[self.lost], self.level[wishes.pool[self.lost]])
        out = np.flatnonzero(~self.seated)
        row, largest, rank, ids = self.verifier.row[out], largest[out], rank[out], ids.take(out)
        known = ("chain", "no_session", "full")
        reason = reason.numbers(pa.array(known), -1)[row]
        none, say = largest == 0, self.say_each
        barred = (reason == known.index("chain")) & ~none & self.in_chains[out]
        wrong = (reason != np.where(none, *map(known.index, known[1:]))) & ~barred
        say("reason", ids, wrong, "has another reason: full with options, else no_session")
        late = (largest > rank) & ~barred
        say("level", ids, late, "was refused; an option has a larger level")
        truth = np.where(none | barred, -1, largest)
        odd = self.verifier.plan.refused["cut"][row] != truth
        say("cut", ids, odd, "has another cut: the largest level of its options")
        self.out = out[~barred]

    def _levels(self) -> None:
        """Nobody who may move has an option of a higher level, and every level is a stamp."""
        verifier, wishes, level = self.verifier, self.wishes, self.level
        say, rank = self.say_each, self.found.applications.rank
        own = np.full(len(self.pool), ENDLESS)
        own[self.movable] = level[self.pool[self.movable]]
        say("level", self.ids, rank >= own, "sits in a pool of a level not above its rank")
        here, there = level.take(self.at), level.take(self.to)
        higher = np.zeros(len(self.pool), bool)
        higher[self.who[there > here]] = True
        through = self.movable[wishes.group[self.movable] >= 0]
        through = through[self.group_level[wishes.group[through]] > own[through]]
        higher[through] = True
        say("level", self.ids, higher, "could move to a pool of a higher level")
        above = self.session_level[self.session_of]
        pools, sessions = self.found.pools.ids, self.found.sessions.ids
        say("level", pools, verifier.room & (level < above), "has free seats below its session")
        bad = verifier.moving & (above < ENDLESS) & (level > above)
        say("level", pools, bad, "has a larger level than its session")
        bad = verifier.session_room & (self.session_level < ENDLESS)
        say("level", sessions, bad, "has free seats and a level")
        self._stamps(np.flatnonzero((there == here) & (here < ENDLESS)))

    def _stamps(self, same: Ints) -> None:
        """Say whose level nothing leads to; `same` are the moves between pools of one level."""
        verifier, wishes, level = self.verifier, self.wishes, self.level
        rank = self.found.applications.rank.astype(np.int64)
        width = 2**31
        # A group passes a level on from a person or pool of that level to pools of that level:
        # each pair of group and level is a node, behind the pools and sessions.
        member = wishes.member_group * width + level[wishes.member_pool]
        pairs, of_member = np.unique(member, return_inverse=True)
        start = np.zeros(self.first_group + len(pairs), bool)
        first = self.lost[level[wishes.pool[self.lost]] == rank[wishes.app[self.lost]]]
        start[wishes.pool[first]] = True
        through = self.out[wishes.group[self.out] >= 0]
        node, _ = self._pair(pairs, wishes.group[through] * width + rank[through])
        start[node] = True
        movable = self.movable[wishes.group[self.movable] >= 0]
        given = self.pool[movable]
        into, found = self._pair(pairs, wishes.group[movable] * width + level[given])
        pools = np.arange(self.first_session)
        session = self.session_of + self.first_session
        equal = level == self.session_level[self.session_of]
        down, up = equal & verifier.room, equal & verifier.moving
        ways = (
            (self.at[same], self.to[same]),
            (given[found], into),
            (of_member + self.first_group, wishes.member_pool),
            (pools[down], session[down]),
            (session[up], pools[up]),
        )
        tail, head = (np.concatenate(ends) for ends in zip(*ways, strict=True))
        reached = spread(tail, head, start)
        text = "nothing leads to its level"
        sessions = reached[self.first_session : self.first_group]
        for ids, values, ok in (
            (self.found.pools.ids, level, reached[: self.first_session]),
            (self.found.sessions.ids, self.session_level, sessions),
        ):
            self.say_each("level", ids, (values < ENDLESS) & ~ok, text)

    def _pair(self, pairs: Ints, wanted: Ints) -> tuple[Ints, Flags]:
        """Return the nodes of those pairs of group and level that there are, and which are."""
        place = np.minimum(np.searchsorted(pairs, wanted), max(len(pairs) - 1, 0))
        found = pairs[place] == wanted if len(pairs) else np.zeros(len(wanted), bool)
        return place[found] + self.first_group, found

    def _prices(self, cost: Ints) -> tuple[Ints, Ints]:
        """Nobody would rather move, free seats cost nothing, and no price could be less."""
        verifier, wishes, total = self.verifier, self.wishes, self.total
        own = cost + np.where(self.seated, total[self.pool] if len(total) else 0, 0)
        who, to, price = self.who, self.to, wishes.choice.take(self.other)
        if wishes.move.any():
            price = price + self.scale[who] * wishes.move[self.other]
        price = price + total.take(to)
        saved = own.take(who) - price
        if len(self.bound):
            # Partners sit where their programme put them.
            bound = np.zeros(len(self.pool), bool)
            bound[self.bound] = True
            saved[bound[who]] = -1
        cheaper = np.zeros(len(self.pool), bool)
        cheaper[who[saved > 0]] = True
        least = np.full(wishes.groups, _LONG)
        way = total[wishes.member_pool] + wishes.member_reserve
        np.minimum.at(least, wishes.member_group, way)
        through = self.settled[wishes.group[self.settled] >= 0]
        by_group = self.scale[through] * wishes.far[through] + self.found.config.any_session_cost
        by_group = by_group + least[wishes.group[through]]
        cheaper[through[by_group < own[through]]] = True
        self.say_each("price", self.ids, cheaper, "would pay less in another of its options")
        text = "has free seats and a price"
        bad = verifier.room & (verifier.price > 0)
        self.say_each("price", self.found.pools.ids, bad, text)
        bad = verifier.session_room & (verifier.session_price > 0)
        self.say_each("price", self.found.sessions.ids, bad, text)
        equal = saved == 0
        tied = through[by_group == own[through]]
        tight = way == least[wishes.member_group]
        single = who[equal], to[equal]
        self._least(single, tied, tight)
        return self._all_ties(single, tied, tight)

    def _least(self, single: tuple[Ints, Ints], tied: Ints, tight: Any) -> None:
        """Every price is held up by a chain of equal costs that ends at nothing."""
        verifier, wishes = self.verifier, self.wishes
        start = np.zeros(self.count, bool)
        start[: self.first_session] = self.total == 0
        start[self.first_session : self.first_group] = verifier.session_price == 0
        pools = np.arange(self.first_session)
        session = self.session_of + self.first_session
        plain = verifier.price == 0
        down = plain & verifier.room
        reached = spread(
            np.concatenate(
                (
                    self.pool[single[0]],
                    self.pool[tied],
                    wishes.member_group[tight] + self.first_group,
                    session[plain],
                    pools[down],
                )
            ),
            np.concatenate(
                (
                    single[1],
                    wishes.group[tied] + self.first_group,
                    wishes.member_pool[tight],
                    pools[plain],
                    session[down],
                )
            ),
            start,
        )
        text = "its price could be less"
        self.say_each("price", self.found.pools.ids, ~reached[: self.first_session], text)
        free = ~reached[self.first_session : self.first_group]
        self.say_each("price", self.found.sessions.ids, free, text)

    def _all_ties(self, single: tuple[Ints, Ints], tied: Ints, tight: Any) -> tuple[Ints, Ints]:
        """Return (application, pool) of all other options that cost what the own seat costs."""
        group, pool = self.wishes.member_group[tight], self.wishes.member_pool[tight]
        count = np.bincount(group, minlength=self.wishes.groups)
        start = np.cumsum(count) - count
        mine = self.wishes.group[tied]
        app = np.repeat(tied, count[mine])
        place = np.arange(len(app)) - np.repeat(
            np.cumsum(count[mine]) - count[mine] - start[mine], count[mine]
        )
        pool = pool[place]
        other = np.flatnonzero(pool != self.pool.take(app))
        return (
            np.concatenate((single[0], app.take(other))),
            np.concatenate((single[1], pool.take(other))),
        )


def _short(level: Ints) -> Ints:
    """Return levels in 32 bits; one that is larger than any rank stays so, and is no stamp."""
    return np.where(level < _LONG, np.minimum(level, ENDLESS - 1), ENDLESS).astype(np.int32)
