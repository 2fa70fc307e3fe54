"""Components, salts and draw of a published plan, as the vectorised checker sees them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from scheduler.graphs import parts, ring

if TYPE_CHECKING:
    from scheduler.arrays import Flags, Ints, Words64
    from scheduler.proof import Proof


#: A draw is not repeated more often than this.
_RAISED = 64


class Parts:
    """The components of a round, their salts, and the people in components with chains."""

    in_chains: Flags

    def __init__(self, proof: Proof) -> None:
        self.proof = proof
        self._find()
        self.salt_of = self._salts()

    def _find(self) -> None:
        """Find the component of every node and of everybody, -1 for whoever has no option."""
        proof, wishes = self.proof, self.proof.wishes
        anchor = np.full(len(proof.pool), -1, np.int64)
        anchor[wishes.app] = wishes.pool
        both = np.flatnonzero((anchor >= 0) & (wishes.group >= 0))
        node = np.where(anchor >= 0, anchor, wishes.group + proof.first_group)
        session, group = proof.session_of + proof.first_session, wishes.group + proof.first_group
        # What few edges join first leaves few of the many options to look at.
        few = parts(
            proof.count,
            np.concatenate((np.arange(proof.first_session), wishes.member_pool)),
            np.concatenate((session, wishes.member_group + proof.first_group)),
        ).astype(np.int32)
        mine = few[np.where(proof.has, node, 0)] if len(few) else np.zeros(0, np.int32)
        option, own = few.take(wishes.pool), mine.take(wishes.app)
        apart = np.flatnonzero(option != own)
        ends = (
            (option[apart], own[apart]),
            (mine[both], few[group[both]]),
            (mine[proof.bound], mine[proof.found.applications.partner[proof.bound]]),
        )
        left, right = (np.concatenate([pair[at] for pair in ends]) for at in (0, 1))
        self.part = parts(proof.count, left, right)[few]
        home = self.part[np.where(proof.has, node, 0)] if len(few) else mine
        self.home = np.where(proof.has, home, -1)
        chained = np.zeros(proof.count + 1, bool)
        chained[self.home[proof.seconds]] = True
        self.in_chains = chained[self.home]
        proof.verifier.on_trust = int(self.in_chains.sum())

    def _salts(self) -> dict[int, int]:
        """Every component has a salt, the round's own or one that follows it."""
        proof, names = self.proof, dict[int, str]()
        used = np.zeros(proof.count, bool)
        used[self.home[proof.has]] = True
        numbers, first = np.unique(
            self.part[proof.first_session : proof.first_group], return_index=True
        )
        for number, place in zip(numbers.tolist(), first.tolist(), strict=True):
            if used[number]:
                names[number] = proof.found.sessions.ids[place].as_py()
        salts, own = proof.verifier.salts, int(proof.found.sha256[:16], 16)
        say = proof.verifier.say
        if salts.keys() != set(names.values()):
            odd = min(salts.keys() ^ set(names.values()))
            say("salt", odd, "is no component of this round, or has no salt")
        for name, salt in salts.items():
            follows = type(salt) is int and 0 <= salt < 2**64 and (salt - own) % 2**64 < _RAISED
            if not follows:
                say("salt", name, "is neither the round's own salt nor one that follows it")
        return {number: salts.get(name, own) for number, name in names.items()}

    def draw(self, app: Ints, pool: Ints) -> None:
        """Look for a ring of equally cheap seats that would have a smaller drawn sum."""
        verifier, people = self.proof.verifier, self.proof.pool
        given = people.take(app)
        own = int(self.proof.found.sha256[:16], 16)
        salts = np.full(self.proof.count, own, np.uint64)
        drawn_in = np.zeros(self.proof.count, bool)
        drawn_in[self.part[given]] = True
        for part, value in self.salt_of.items():
            salts[part] = value
            if value != own and not drawn_in[part]:
                verifier.say("salt", str(value), "was changed though nothing was drawn")
        # Half of a number is about the person, and of the seat that is had there is one each.
        who = np.zeros(len(people), bool)
        who[app] = True
        who = np.flatnonzero(who)
        half, kept = np.zeros(len(people), np.uint64), np.zeros(len(people), np.int64)
        half[who] = _mix(salts[self.part[people[who]]] ^ who.astype(np.uint64))
        kept[who] = _drawn(half[who], people[who])
        saved = kept.take(app) - _drawn(half.take(app), pool)
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


def _drawn(half: Words64, pool: Ints) -> Ints:
    return (_mix(half ^ pool.astype(np.uint64)) >> np.uint64(32)).astype(np.int64)


def _mix(x: Words64) -> Words64:
    with np.errstate(over="ignore"):
        x = x + np.uint64(0x9E3779B97F4A7C15)
        x = (x ^ (x >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        x = (x ^ (x >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return x ^ (x >> np.uint64(31))
