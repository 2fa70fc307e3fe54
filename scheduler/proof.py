"""Levels, prices and draw of a published plan, held against the options of everybody at once.

Nodes are pools, then sessions, then groups of applications that take any session.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from scheduler.graphs import spread
from scheduler.proof_parts import Parts

if TYPE_CHECKING:
    from scheduler.arrays import Ints
    from scheduler.verification import Verifier
    from scheduler.wishes import Wishes

ENDLESS = 2**62


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
        self.level, self.session_level = verifier.level, verifier.session_level
        self.total = verifier.price + verifier.session_price[self.session_of]
        self.seated, self.movable = self.pool >= 0, verifier.movable
        self.scale = self._scale()
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
        width = max(self.verifier.pools, 1)
        key = wishes.member_group * width + wishes.member_pool
        taking = np.flatnonzero(self.seated & (wishes.group >= 0))
        wanted = wishes.group[taking] * width + self.pool[taking]
        place = np.minimum(np.searchsorted(key, wanted), max(len(key) - 1, 0))
        inside = taking[key[place] == wanted] if len(key) else taking[:0]
        reserve = wishes.member_reserve[place[key[place] == wanted]] if len(key) else inside
        order[inside] = 0
        move[inside] = wishes.far[inside]
        choice[inside] = self.found.config.any_session_cost + reserve
        own = self.pool[wishes.app] == wishes.pool
        app = wishes.app[own]
        order[app], move[app], choice[app] = wishes.order[own], wishes.move[own], wishes.choice[own]
        nowhere = self.seated & (order < 0) & ~pinned_off
        self.say_each("option", self.ids, nowhere, "sits in a pool that is none of its options")
        odd = self.seated & ~nowhere & (order != self.verifier.column("order"))
        self.say_each("order", self.ids, odd, "has the number of another choice")
        return move, choice

    def _refused(self) -> None:
        """The refused had no seat to be had: every option has a level up to their rank."""
        wishes, refused = self.wishes, self.verifier.plan.refused
        rank = self.found.applications.rank
        largest = np.zeros(len(self.pool), np.int64)
        group_level = np.zeros(wishes.groups, np.int64)
        np.maximum.at(group_level, wishes.member_group, self.level[wishes.member_pool])
        self.group_level = group_level
        through = wishes.group >= 0
        largest[through] = group_level[wishes.group[through]]
        np.maximum.at(largest, wishes.app, self.level[wishes.pool])
        out = np.flatnonzero(~self.seated)
        row = self.verifier.row[out]
        reason = np.asarray(refused["reason"].to_pylist(), dtype=object)[row]
        cut = refused["cut"][row]
        none, say = largest[out] == 0, self.say_each
        ids = self.ids.take(out)
        barred = (reason == "chain") & ~none & self.in_chains[out]
        wrong = (reason != np.where(none, "no_session", "full")) & ~barred
        say(
            "reason",
            ids,
            wrong.astype(bool),
            "has another reason: full with options, else no_session",
        )
        late = (largest[out] > rank[out]) & ~barred
        say("level", ids, late, "was refused; an option has a larger level")
        truth = np.where(none | barred, -1, largest[out])
        say("cut", ids, cut != truth, "has another cut: the largest level of its options")
        self.out = out[~barred]

    def _levels(self) -> None:
        """Nobody who may move has an option of a higher level, and every level is a stamp."""
        verifier, wishes, level = self.verifier, self.wishes, self.level
        say, rank = self.say_each, self.found.applications.rank
        own = np.full(len(self.pool), ENDLESS)
        own[self.movable] = level[self.pool[self.movable]]
        bad = (own < ENDLESS) & (rank >= own)
        say("level", self.ids, bad, "sits in a pool of a level not above its rank")
        higher = np.zeros(len(self.pool), bool)
        higher[wishes.app[level[wishes.pool] > own[wishes.app]]] = True
        through = np.flatnonzero(wishes.group >= 0)
        higher[through] |= self.group_level[wishes.group[through]] > own[through]
        say("level", self.ids, higher, "could move to a pool of a higher level")
        above = self.session_level[self.session_of]
        pools, sessions = self.found.pools.ids, self.found.sessions.ids
        say("level", pools, verifier.room & (level < above), "has free seats below its session")
        bad = verifier.moving & (above < ENDLESS) & (level > above)
        say("level", pools, bad, "has a larger level than its session")
        bad = verifier.session_room & (self.session_level < ENDLESS)
        say("level", sessions, bad, "has free seats and a level")
        self._stamps()

    def _stamps(self) -> None:
        verifier, wishes, level = self.verifier, self.wishes, self.level
        rank = self.found.applications.rank.astype(np.int64)
        start = np.zeros(self.count, bool)
        refused = np.zeros(len(self.pool), bool)
        refused[self.out] = True
        first = refused[wishes.app] & (level[wishes.pool] == rank[wishes.app])
        start[wishes.pool[first]] = True
        # A group passes a level on from a person or pool of that level to pools of that level.
        through = np.flatnonzero(refused & (wishes.group >= 0))
        member = wishes.member_group * (2**31) + np.minimum(level[wishes.member_pool], 2**31 - 1)
        given = wishes.group[through] * (2**31) + rank[through]
        start[wishes.member_pool[np.isin(member, given)]] = True
        movable = np.zeros(len(self.pool), bool)
        movable[self.movable] = True
        arc = movable[wishes.app]
        arc &= level[wishes.pool] == level[self.pool[wishes.app]]
        tail, head = self._group_levels(member)
        pools = np.arange(self.first_session)
        session = self.session_of + self.first_session
        same = level == self.session_level[self.session_of]
        down, up = same & verifier.room, same & verifier.moving
        reached = spread(
            np.concatenate((self.pool[wishes.app[arc]], tail, pools[down], session[up])),
            np.concatenate((wishes.pool[arc], head, session[down], pools[up])),
            start,
        )
        text = "nothing leads to its level"
        for ids, finite, ok in (
            (self.found.pools.ids, level < ENDLESS, reached[: self.first_session]),
            (
                self.found.sessions.ids,
                self.session_level < ENDLESS,
                reached[self.first_session : self.first_group],
            ),
        ):
            self.say_each("level", ids, finite & ~ok, text)

    def _group_levels(self, member: Ints) -> tuple[Ints, Ints]:
        """Return edges from pools of movable people through groups to pools of the same level."""
        wishes, level = self.wishes, self.level
        through = self.movable[wishes.group[self.movable] >= 0]
        pool = self.pool[through]
        through, pool = through[level[pool] < ENDLESS], pool[level[pool] < ENDLESS]
        width = max(self.first_session, 1)
        group, pool = np.divmod(np.unique(wishes.group[through] * width + pool), width)
        key = group * (2**31) + level[pool]
        order = np.argsort(member, kind="stable")
        low = np.searchsorted(member[order], key)
        high = np.searchsorted(member[order], key, side="right")
        count = high - low
        tail = np.repeat(pool, count)
        place = np.arange(len(tail)) - np.repeat(np.cumsum(count) - count - low, count)
        return tail, wishes.member_pool[order[place]]

    def _prices(self, cost: Ints) -> tuple[Ints, Ints]:
        """Nobody would rather move, free seats cost nothing, and no price could be less."""
        verifier, wishes, total = self.verifier, self.wishes, self.total
        movable = np.zeros(len(self.pool), bool)
        movable[self.settled] = True
        own = cost + np.where(self.seated, total[self.pool] if len(total) else 0, 0)
        arc = np.flatnonzero(movable[wishes.app])
        app, pool = wishes.app[arc], wishes.pool[arc]
        price = self.scale[app] * wishes.move[arc] + wishes.choice[arc] + total[pool]
        cheaper = np.zeros(len(self.pool), bool)
        cheaper[app[price < own[app]]] = True
        least = np.full(wishes.groups, ENDLESS)
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
        equal = price == own[app]
        tied = through[by_group == own[through]]
        tight = way == least[wishes.member_group]
        self._least((app[equal], pool[equal]), tied, tight)
        return self._all_ties((app[equal], pool[equal]), tied, tight)

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
        """Return (application, pool) of all options that cost what the own seat costs."""
        group, pool = self.wishes.member_group[tight], self.wishes.member_pool[tight]
        count = np.bincount(group, minlength=self.wishes.groups)
        start = np.cumsum(count) - count
        mine = self.wishes.group[tied]
        app = np.repeat(tied, count[mine])
        place = np.arange(len(app)) - np.repeat(
            np.cumsum(count[mine]) - count[mine] - start[mine], count[mine]
        )
        return np.concatenate((single[0], app)), np.concatenate((single[1], pool[place]))
