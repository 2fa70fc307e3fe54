"""Components, salts and draw of a published plan, as the vectorised checker sees them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from scheduler.graphs import parts, ring

if TYPE_CHECKING:
    from scheduler.arrays import Flags, Ints, Words64
    from scheduler.proof import Proof


class Parts:
    """The components of a round, their salts, and the people in components with chains."""

    in_chains: Flags

    def __init__(self, proof: Proof) -> None:
        self.proof = proof
        self._find()

    def _find(self) -> None:
        """Every component has a salt, the round's own or one that follows it."""
        wishes, first_session = self.proof.wishes, self.proof.first_session
        anchor = np.full(len(self.proof.pool), -1, np.int64)
        anchor[wishes.app] = wishes.pool
        both = np.flatnonzero((anchor >= 0) & (wishes.group >= 0))
        node = np.where(anchor >= 0, anchor, wishes.group + self.proof.first_group)
        # What few edges join first leaves few of the many options to look at.
        few = parts(
            self.proof.count,
            np.concatenate((np.arange(first_session), wishes.member_pool)),
            np.concatenate(
                (
                    self.proof.session_of + first_session,
                    wishes.member_group + self.proof.first_group,
                )
            ),
        )
        partner = self.proof.found.applications.partner[self.proof.bound]
        ends = (
            (wishes.pool, anchor[wishes.app]),
            (anchor[both], wishes.group[both] + self.proof.first_group),
            (node[self.proof.bound], node[partner]),
        )
        left, right = (np.concatenate([few[pair[at]] for pair in ends]) for at in (0, 1))
        part = parts(self.proof.count, left, right)[few]
        mine = np.where(
            self.proof.has, part[np.where(self.proof.has, node, 0)] if len(part) else -1, -1
        )
        used = mine[self.proof.has]
        self.in_chains = self.proof.has & np.isin(mine, mine[self.proof.seconds])
        self.proof.verifier.on_trust = int(self.in_chains.sum())
        of_session = part[first_session : self.proof.first_group]
        names: dict[int, str] = {}
        ids, wanted = self.proof.found.sessions.ids.to_pylist(), set(used.tolist())
        for number, name in enumerate(ids):
            if int(of_session[number]) in wanted:
                names.setdefault(int(of_session[number]), name)
        salts, own, say = (
            self.proof.verifier.salts,
            int(self.proof.found.sha256[:16], 16),
            self.proof.verifier.say,
        )
        if salts.keys() != set(names.values()):
            odd = min(salts.keys() ^ set(names.values()))
            say("salt", odd, "is no component of this round, or has no salt")
        for name, salt in salts.items():
            if type(salt) is not int or not 0 <= (salt - own) % 2**64 < 64:
                say("salt", name, "is neither the round's own salt nor one that follows it")
        self.salt_of = {part: salts.get(name, own) for part, name in names.items()}
        self.part = part

    def draw(self, app: Ints, pool: Ints) -> None:
        """Look for a ring of equally cheap seats that would have a smaller drawn sum."""
        verifier = self.proof.verifier
        given = self.proof.pool[app]
        other = pool != given
        app, pool, given = app[other], pool[other], given[other]
        names = self.salt_of
        labels = np.array(sorted(names), np.int64)
        salts = np.array([names[part] for part in labels.tolist()], np.uint64)
        mine = self.part[given]
        salt = salts[np.searchsorted(labels, mine)] if len(labels) else np.zeros(0, np.uint64)
        own = int(self.proof.found.sha256[:16], 16)
        drawn_in = set(mine.tolist())
        for part, value in names.items():
            if value != own and part not in drawn_in:
                verifier.say("salt", str(value), "was changed though nothing was drawn")
        saved = _drawn(salt, app, given) - _drawn(salt, app, pool)
        session = self.proof.session_of + self.proof.first_session
        sink = self.part[self.proof.first_session : self.proof.first_group] + self.proof.first_group
        pools, sessions = np.arange(self.proof.first_session), np.arange(verifier.sessions)
        free = verifier.price == 0
        session_free = verifier.session_price == 0
        session_moving = np.zeros(verifier.sessions, bool)
        moving = np.bincount(self.proof.pool[self.proof.settled], minlength=verifier.pools) > 0
        session_moving[self.proof.session_of[moving]] = True
        ways = (
            (given, pool, saved),
            (pools, session, free & verifier.room),
            (session, pools, free & moving),
            (sessions + self.proof.first_session, sink, session_free & verifier.session_room),
            (sink, sessions + self.proof.first_session, session_free & session_moving),
        )
        tail = np.concatenate([ways[0][0], *(a[use] for a, _, use in ways[1:])])
        head = np.concatenate([ways[0][1], *(b[use] for _, b, use in ways[1:])])
        weight = np.concatenate((saved, np.zeros(len(tail) - len(saved), np.int64)))
        found = ring(self.proof.first_group + self.proof.count, tail, head, weight)
        found = found[found < self.proof.first_session]
        if len(found):
            who = app[np.isin(given, found) & np.isin(pool, found)]
            name = self.proof.ids[int(who.min())].as_py() if len(who) else "?"
            verifier.say("draw", name, "sits in a ring that the draw seats otherwise")


def _drawn(salt: Words64, app: Ints, pool: Ints) -> Ints:
    first = _mix(salt ^ app.astype(np.uint64))
    return (_mix(first ^ pool.astype(np.uint64)) >> np.uint64(32)).astype(np.int64)


def _mix(x: Words64) -> Words64:
    with np.errstate(over="ignore"):
        x = x + np.uint64(0x9E3779B97F4A7C15)
        x = (x ^ (x >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        x = (x ^ (x >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return x ^ (x >> np.uint64(31))
