"""A round as flat columns that compiled code reads: no texts, no objects, no list of options."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from scheduler.arrays import Flags, Ints, Whole
from scheduler.fast.compiled import compiled, inner
from scheduler.options import Fits, area_matrix

if TYPE_CHECKING:
    from scheduler.rounds import Round

#: Codes up to here are numbered through a table, larger ones by sorting.
_TABLE = 2**23


class Facts(NamedTuple):
    """Columns of applications, sessions, pools and costs.

    Choices of application a are `choice_start[a]` to `choice_start[a + 1]`. The pools of session s
    that serve profile f are `fit_pool[fit_start[k]:fit_start[k] + fit_count[k]]` with
    k = f * sessions + s. `extra` is the reserve cost of a pool for profiles that `pay`.
    """

    subject: Ints
    tier: Ints
    any_session: Flags
    earliest: Ints
    latest: Ints
    partner: Ints
    prior: Ints
    pinned: Flags
    area: Ints
    rank: Ints
    profile: Ints
    choice_start: Ints
    choice_session: Ints
    session_subject: Ints
    session_date: Ints
    session_site: Ints
    session_seats: Ints
    pool_session: Ints
    pool_seats: Ints
    pool_vehicles: Ints
    fit_start: Ints
    fit_count: Ints
    fit_pool: Ints
    extra: Ints
    pays: Flags
    reach: Flags
    choice_cost: Ints
    move_cost: Ints
    any_cost: Whole


class Hubs(NamedTuple):
    """Pools that applications of one subject, profile, area and window take as any session.

    `of` is the hub of each application, -1 for none; hub h has `pool[start[h]:start[h + 1]]`.
    """

    of: Ints
    start: Ints
    pool: Ints


def read_facts(found: Round) -> Facts:
    """Collect the columns of a round."""
    rows, sessions, pools, fits = found.applications, found.sessions, found.pools, Fits(found)
    return Facts(
        subject=rows.subject,
        tier=rows.tier,
        any_session=rows.any_session,
        earliest=rows.earliest,
        latest=rows.latest,
        partner=rows.partner,
        prior=rows.prior,
        pinned=rows.pinned,
        area=rows.area.codes,
        rank=rows.rank,
        profile=fits.profile,
        choice_start=found.choices.start,
        choice_session=found.choices.session,
        session_subject=sessions.subject,
        session_date=sessions.date,
        session_site=sessions.site.codes,
        session_seats=sessions.seats,
        pool_session=pools.session,
        pool_seats=pools.seats,
        pool_vehicles=pools.vehicles,
        fit_start=fits.start,
        fit_count=fits.counts,
        fit_pool=fits.pools,
        extra=fits.reserve.astype(np.int64),
        pays=fits.pays,
        reach=area_matrix(found),
        choice_cost=np.array(found.config.choice_cost, np.int64),
        move_cost=np.array(found.config.move_cost, np.int64),
        any_cost=found.config.any_session_cost,
    )


@compiled
def _starts(owner: Ints, count: Whole) -> Ints:
    """Return where the rows of each owner start; rows stand in order of their owners."""
    start = np.zeros(count + 1, np.int32)
    _count_rows(owner, start)
    return start


@inner
def _count_rows(owner: Ints, start: Ints) -> None:
    """Count the rows of each owner and add the counts up."""
    for row in range(len(owner)):
        start[owner[row] + 1] += 1
    for at in range(len(start) - 1):
        start[at + 1] += start[at]


def find_hubs(facts: Facts) -> Hubs:
    """Group the applications that take any session and list the pools of every group."""
    days = np.unique(facts.session_date)
    widths = np.array(
        [4, len(facts.pays), len(facts.reach), len(days) + 1, len(days) + 1], np.int64
    )
    size = int(np.prod(widths.astype(object)))
    key = _keys(facts, days, widths) if size < 2**62 else _wide_keys(facts, days)
    if size <= _TABLE:
        of, leader = _number(key, size)
    else:
        taking = np.flatnonzero(key >= 0)
        _, first, number = np.unique(key[taking], return_index=True, return_inverse=True)
        of, leader = np.full(len(key), -1, np.int32), taking[first].astype(np.int32)
        of[taking] = number
    del key
    by_site = facts.session_subject.astype(np.int64) * facts.reach.shape[1] + facts.session_site
    sites = facts.reach.shape[1]
    listed = np.argsort(by_site, kind="stable").astype(np.int32)
    site_start = _starts(by_site[listed], 4 * sites)
    start = np.zeros(len(leader) + 1, np.int64)
    _fill(facts, leader, listed, site_start, start, np.zeros(0, np.int32))
    start = np.cumsum(start)
    pool = np.zeros(start[-1], np.int32)
    _fill(facts, leader, listed, site_start, start, pool)
    _drop_empty(of, start)
    return Hubs(of, start, pool)


@compiled
def _keys(facts: Facts, days: Ints, widths: Ints) -> Ints:
    """Return one code for subject, profile, area and window of each application, -1 for none."""
    key = np.full(len(facts.rank), -1, np.int64)
    _code(facts, days, widths, key)
    return key


@inner
def _below(days: Ints, day: Whole) -> Whole:
    """Return how many of some sorted days are before another."""
    low, high = 0, len(days)
    while low < high:
        middle = (low + high) // 2
        if days[middle] < day:
            low = middle + 1
        else:
            high = middle
    return low


@inner
def _code(facts: Facts, days: Ints, widths: Ints, key: Ints) -> None:
    """Do what `_keys` says."""
    for app in range(len(key)):
        if facts.any_session[app]:
            first = _below(days, facts.earliest[app])
            last = _below(days, facts.latest[app] + 1)
            code = np.int64(facts.subject[app]) * widths[1] + facts.profile[app]
            code = (code * widths[2] + facts.area[app]) * widths[3] + first
            key[app] = code * widths[4] + last


def _wide_keys(facts: Facts, days: Ints) -> Ints:
    """Return such codes where their product would leave 64 bits, by coding pairs densely."""
    taking = np.flatnonzero(facts.any_session)
    code = np.zeros(len(taking), np.int64)
    window = (
        np.searchsorted(days, facts.earliest[taking]),
        np.searchsorted(days, facts.latest[taking], side="right"),
    )
    for part in (facts.subject[taking], facts.profile[taking], facts.area[taking], *window):
        code = np.unique(code * (int(part.max(initial=0)) + 1) + part, return_inverse=True)[1]
    key = np.full(len(facts.rank), -1, np.int64)
    key[taking] = code
    return key


@compiled
def _number(key: Ints, size: Whole) -> tuple[Ints, Ints]:
    """Number the codes that occur; return the number of each row and a row of each number."""
    table = np.full(size, -1, np.int32)
    of = np.full(len(key), -1, np.int32)
    leader = np.empty(len(key), np.int32)
    return of, leader[: _mark(key, table, of, leader)].copy()


@inner
def _mark(key: Ints, table: Ints, of: Ints, leader: Ints) -> Whole:
    """Give every code the next number when it first occurs; return how many there are."""
    count = 0
    for row in range(len(key)):
        code = key[row]
        if code < 0:
            continue
        if table[code] < 0:
            table[code] = count
            leader[count] = row
            count += 1
        of[row] = table[code]
    return count


@compiled
def _fill(
    facts: Facts, leader: Ints, listed: Ints, site_start: Ints, start: Ints, pool: Ints
) -> None:
    """Count the pools of each hub into `start`, or write them where `pool` has room."""
    _list_pools(facts, leader, listed, site_start, start, pool)


@inner
def _list_pools(
    facts: Facts, leader: Ints, listed: Ints, site_start: Ints, start: Ints, pool: Ints
) -> None:
    """Do what `_fill` says."""
    sites, sessions = facts.reach.shape[1], len(facts.session_seats)
    for hub in range(len(leader)):
        app = leader[hub]
        at = start[hub]
        for site in range(sites):
            if not facts.reach[facts.area[app], site]:
                continue
            group = facts.subject[app] * sites + site
            for place in range(site_start[group], site_start[group + 1]):
                session = listed[place]
                date = facts.session_date[session]
                if date < facts.earliest[app] or date > facts.latest[app]:
                    continue
                fit = facts.profile[app] * sessions + session
                if len(pool) == 0:
                    start[hub + 1] += facts.fit_count[fit]
                    continue
                for way in range(facts.fit_count[fit]):
                    pool[at] = facts.fit_pool[facts.fit_start[fit] + way]
                    at += 1


@compiled
def _drop_empty(of: Ints, start: Ints) -> None:
    """Applications of a hub without a pool have no hub."""
    for app in range(len(of)):
        if of[app] >= 0 and start[of[app]] == start[of[app] + 1]:
            of[app] = -1
