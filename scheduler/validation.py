"""The rules between rows: unique ids, references, ranks, windows, partners, pins.

Each function raises `RoundError` for the first offending row, numbered as in the file.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from scheduler.arrays import Flags, Ints, Texts, pa, pc
from scheduler.columns import SUBJECTS, codes
from scheduler.errors import RoundError

if TYPE_CHECKING:
    from scheduler.rounds import Round, Sessions

_S2, _S3R, _S3T = (SUBJECTS.index(name) for name in ("S2", "S3R", "S3T"))
_CHAINED = ((_S2, _S3R), (_S3R, _S3T))
#: Makes a number of a text: odd, all bits about equally often set.
_ODD = np.uint64(0x9E3779B97F4A7C15)
#: Applications whose choices are looked through for sessions that stand twice at a time.
_OWNERS = 1 << 16


def unique_ids(table: str, column: str, ids: Texts) -> Ints:
    """Return the row of the file for each position in byte order of id, ids being unique."""
    if pc.all(pc.less(ids[:-1], ids[1:])).as_py():
        return np.arange(len(ids))
    order = np.asarray(pc.sort_indices(ids).to_numpy(), np.int64)
    stands = ids.take(pa.array(order))
    twice = pc.equal(stands[1:], stands[:-1]).to_numpy(zero_copy_only=False)
    if twice.any():
        rows = np.maximum(order[1:], order[:-1])[twice]
        row = int(rows.min())
        raise RoundError(table, f"{ids[row].as_py()!r} stands twice", row=row + 1, column=column)
    return order


def references(
    table: str, column: str, texts: Texts, ids: Texts, *, absent: bool = False, first: int = 0
) -> Ints:
    """Return the number of each referenced id, -1 for an empty one where it may be absent.

    `first` is the row of the table that the texts begin with.
    """
    known = texts.dictionary
    # The shorter list is the one that is hashed: most references are to few, or to nothing.
    named = pc.fill_null(pc.index_in(ids, known), -1).to_numpy()
    places = np.full(len(known), -1, np.int32)
    places[named[named >= 0]] = np.flatnonzero(named >= 0)
    missing = places < 0
    if absent:
        missing &= pc.not_equal(known, "").to_numpy(zero_copy_only=False)
    if missing.any():
        bad = missing[codes(texts)]
        row = int(bad.argmax())
        message = f"{texts[row].as_py()!r} is in no row of its table"
        raise RoundError(table, message, row=first + row + 1, column=column)
    return np.asarray(places[codes(texts)])


def _refuse(table: str, column: str, bad: Flags, message: str) -> None:
    if bad.any():
        raise RoundError(table, message, row=int(bad.argmax()) + 1, column=column)


def session_hours(raw: dict[str, Any]) -> None:
    """A session ends after it starts, on the same day."""
    _refuse("sessions", "end", raw["end"] <= raw["start"], "is not after start")


def pool_vehicles(raw: dict[str, Any], session: Ints, sessions: Sessions) -> None:
    """Pools of S2 and S3R have vehicles."""
    driven = np.isin(sessions.subject, (_S2, _S3R))[session]
    message = "must be at least 1 for S2 and S3R"
    _refuse("pools", "vehicles", driven & (raw["vehicles"] == 0), message)


def rank_order(raw: dict[str, Any]) -> Ints:
    """(tier, key, lot) is unique inside a subject; return the rows in this order."""
    keys = (raw["lot"], raw["key"], raw["tier"], raw["subject"])
    order = np.lexsort(keys)
    same = np.ones(max(len(order) - 1, 0), bool)
    for key in keys:
        stands = key[order]
        same &= stands[1:] == stands[:-1]
    if same.any():
        bad = np.zeros(len(order), bool)
        bad[np.maximum(order[1:], order[:-1])[same]] = True
        message = "tier, key and lot are those of another application of the subject"
        _refuse("applications", "lot", bad, message)
    return np.asarray(order)


def candidates(raw: dict[str, Any], order: Ints) -> None:
    """Partners are mutual and chained; other applications of a candidate never overlap."""
    number = np.empty(len(order), np.int64)
    number[order] = np.arange(len(order))
    texts = raw["candidate"]
    # Whoever has one application is told apart by its row, and hardly anybody is left.
    person, some = ~np.arange(len(order)), perhaps_twice(texts)
    person[some] = codes(texts.take(pa.array(some)).dictionary_encode())
    _partners(raw, person, order, number)
    several = some[(np.bincount(person[some], minlength=1) > 1)[person[some]]]
    several = several[np.argsort(person[several], kind="stable")]
    cuts = np.flatnonzero(np.diff(person[several])) + 1
    for rows in (part.tolist() for part in np.split(several, cuts)):
        for place, row in enumerate(rows):
            for other in rows[:place]:
                _two(raw, row, other, partners=bool(raw["partner"][row] == number[other]))


def perhaps_twice(texts: Texts) -> Ints:
    """Return the rows, ascending, whose text may stand in another row as well.

    All that do are among them. Texts are told apart by a number of 64 bits, some rows at a time,
    which takes a fifth of the memory of a table of all of them.
    """
    starts = np.frombuffer(texts.buffers()[1], np.int32)[texts.offset :][: len(texts) + 1]
    letters = np.frombuffer(texts.buffers()[2] or b"", np.uint8)
    powers = np.cumprod(np.full(int(np.diff(starts).max(initial=0)) + 1, _ODD))
    sums = np.zeros(len(texts), np.uint64)
    for low in range(0, len(texts), _OWNERS):
        start = starts[low : low + _OWNERS + 1]
        first, size = start[:-1] - start[0], np.diff(start)
        at = np.arange(start[-1] - start[0], dtype=np.int32) - np.repeat(first, size)
        worth = powers.take(at)
        worth *= letters[start[0] : start[-1]] + np.uint64(1)
        sums[low : low + _OWNERS] = np.add.reduceat(worth, first)
    stands = np.sort(sums)
    twice = stands[1:][stands[1:] == stands[:-1]]
    return np.flatnonzero(np.isin(sums, twice)) if len(twice) else np.zeros(0, np.int64)


def _two(raw: dict[str, Any], row: int, other: int, *, partners: bool) -> None:
    name = raw["application"][other].as_py()
    if raw["subject"][row] == raw["subject"][other]:
        message = f"has a second application for the subject beside {name!r}"
        raise RoundError("applications", message, row=row + 1, column="candidate")
    earliest, latest = raw["earliest"], raw["latest"]
    start, end = max(earliest[row], earliest[other]), min(latest[row], latest[other])
    if start <= end and not partners:
        message = f"the window overlaps that of {name!r} of the same candidate"
        raise RoundError("applications", message, row=row + 1, column="earliest")


def _partners(raw: dict[str, Any], person: Ints, order: Ints, number: Ints) -> None:
    subject, partner, told = raw["subject"], raw["partner"], raw["prior"] >= 0
    rows = np.flatnonzero(partner >= 0)
    if not rows.size:
        return
    table, column = "applications", "partner"
    other = order[partner[rows]]
    bad = np.zeros(len(partner), bool)
    bad[rows] = partner[other] != number[rows]
    _refuse(table, column, bad, "is not mutual: the partner names another or nobody")
    bad[rows] = person[rows] != person[other]
    _refuse(table, column, bad, "belongs to another candidate")
    pair = np.stack((subject[rows], subject[other]))
    low, high = pair.min(axis=0), pair.max(axis=0)
    chained = np.zeros(len(rows), bool)
    for first, second in _CHAINED:
        chained |= (low == first) & (high == second)
    bad[rows] = ~chained
    _refuse(table, column, bad, "must join S2 and S3R, or S3R and S3T")
    bad[rows] = (subject[rows] > subject[other]) & told[rows] & ~told[other]
    _refuse(table, "prior", bad, "is told while the subject before it is not")


def choice_orders(owner: Ints, number: Ints) -> None:
    """Orders run from 1 without gaps; the columns are as in the file."""
    order = np.lexsort((number, owner))
    counts = np.bincount(owner)
    expected = np.arange(len(owner)) - np.repeat(np.cumsum(counts) - counts, counts) + 1
    bad = np.zeros(len(owner), bool)
    bad[order] = number[order] != expected
    _refuse("choices", "order", bad, "the orders of an application must be 1, 2, … without gaps")


def choice_sessions(start: Ints, session: Ints, place: Ints) -> None:
    """A session stands once per application.

    Choices stand by application, from `start` on; `place` is where each row of the file stands.
    """
    width, people = int(session.max(initial=0)) + 1, len(start) - 1
    for low in range(0, people, _OWNERS):
        some = start[low : low + _OWNERS + 1]
        pair = np.repeat(np.arange(len(some) - 1), np.diff(some)) * width
        pair += session[some[0] : some[-1]]
        pair.sort()
        if (pair[1:] == pair[:-1]).any():
            break
    else:
        return
    owner = np.repeat(np.arange(people), np.diff(start))
    pair = (owner * width + session)[place]
    bad = np.zeros(len(pair), bool)
    by_pair = np.argsort(pair, kind="stable")
    bad[by_pair[1:][pair[by_pair[1:]] == pair[by_pair[:-1]]]] = True
    _refuse("choices", "session", bad, "the application has this session already")


def pins(found: Round, row_of: Ints) -> None:
    """A prior seat is of the subject; a pinned one is an option; pins fit into the seats."""
    applications, pools, sessions = found.applications, found.pools, found.sessions
    bad = np.zeros(len(row_of), bool)

    def refuse(column: str, numbers: Ints, message: str) -> None:
        bad[row_of[numbers]] = True
        _refuse("applications", column, bad, message)

    refuse("pinned", np.flatnonzero(applications.pinned & (applications.prior < 0)), "has no prior")
    told = np.flatnonzero(applications.prior >= 0)
    if not told.size:
        return
    session = pools.session[applications.prior[told]]
    wrong = sessions.subject[session] != applications.subject[told]
    refuse("prior", told[wrong], "is a pool of another subject")
    pinned = np.flatnonzero(applications.pinned)
    if not pinned.size:
        return
    refuse("prior", pinned[~_options(found, pinned)], "is pinned but none of its options")
    pool = applications.prior[pinned]
    for numbers, seats in ((pool, pools.seats), (pools.session[pool], sessions.seats)):
        taken = np.bincount(numbers, minlength=len(seats))
        refuse("pinned", pinned[(taken > seats)[numbers]], "more are pinned than there are seats")
    _pinned_chains(found, pinned, refuse)


def _options(found: Round, rows: Ints) -> Flags:
    """Say of each pinned application whether its prior pool is one of its options."""
    applications, pools, sessions = found.applications, found.pools, found.sessions
    pool = applications.prior[rows]
    session = pools.session[pool]
    classes, offers = pools.classes.lists(), pools.offers.lists()
    needs, areas = applications.needs.lists(), applications.area.lists()
    chosen = found.has_chosen(rows, session)
    date = sessions.date[session]
    fits = (applications.earliest[rows] <= date) & (date <= applications.latest[rows])
    for place, (row, at) in enumerate(zip(rows.tolist(), pool.tolist(), strict=True)):
        served = classes[pools.classes.codes[at]]
        name = applications.licence_class.names[applications.licence_class.codes[row]]
        area = areas[applications.area.codes[row]]
        site = sessions.site.names[sessions.site.codes[session[place]]]
        reached = applications.any_session[row] and (not area or site in area)
        fits[place] &= "*" in served or name in served
        fits[place] &= needs[applications.needs.codes[row]] <= offers[pools.offers.codes[at]]
        fits[place] &= bool(chosen[place] or reached)
    return fits


def _pinned_chains(found: Round, pinned: Ints, refuse: Any) -> None:
    applications, sessions = found.applications, found.sessions
    for row in pinned.tolist():
        other = int(applications.partner[row])
        if other < 0 or not applications.pinned[other]:
            continue
        if applications.subject[row] < applications.subject[other]:
            continue
        first = found.pools.session[applications.prior[other]]
        second = found.pools.session[applications.prior[row]]
        same = sessions.site.codes[first] == sessions.site.codes[second]
        same &= sessions.date[first] == sessions.date[second]
        if not (same and sessions.start[second] >= sessions.end[first]):
            message = "is pinned elsewhere or earlier than the subject before it"
            refuse("prior", np.array([row]), message)
