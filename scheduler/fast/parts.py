"""Components found in one pass over all choices, and everybody put into them by rank."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from scheduler.arrays import Ints, Truth, Whole
from scheduler.fast.compiled import compiled, inner

if TYPE_CHECKING:
    from scheduler.fast.facts import Facts, Hubs


class Survey(NamedTuple):
    """What one pass over the choices finds out.

    `anchor` is a session of each application's component, -1 without an option; `name` the first
    session of each session's component; `largest` the largest choice cost of each subject among
    those who are not pinned; `ignored` counts choices; `live` says of sessions whether a chain
    joins their component.
    """

    anchor: Ints
    name: Ints
    largest: Ints
    ignored: Whole
    live: Ints


class Parts(NamedTuple):
    """Components by number; columns are cut by the `start` of the same table.

    `people` stand by rank. `node` and `hub_place` number sessions, pools and hubs inside their
    component: 0 is the sink, then sessions, then pools; hubs have numbers of their own.
    """

    name: Ints
    people: Ints
    people_start: Ints
    session: Ints
    session_start: Ints
    pool: Ints
    pool_start: Ints
    hub: Ints
    hub_start: Ints
    session_node: Ints
    pool_node: Ints
    hub_place: Ints


@inner
def _root(label: Ints, node: Whole) -> Whole:
    """Return the smallest session joined with another."""
    while label[node] != node:
        label[node] = label[label[node]]
        node = label[node]
    return node


@inner
def _join(label: Ints, one: Whole, two: Whole) -> None:
    """Join two sessions."""
    if one < 0 or label[one] == label[two]:
        return
    one, two = _root(label, one), _root(label, two)
    label[max(one, two)] = min(one, two)


@inner
def is_open(facts: Facts, app: Whole, session: Whole) -> Truth:
    """Say whether subject and window of an application and a session agree."""
    date = facts.session_date[session]
    return (
        facts.subject[app] == facts.session_subject[session]
        and facts.earliest[app] <= date <= facts.latest[app]
    )


@inner
def any_covers(facts: Facts, app: Whole, session: Whole) -> Truth:
    """Say whether an application takes any session and its area holds this one."""
    site = facts.session_site[session]
    return facts.any_session[app] and facts.reach[facts.area[app], site]


@inner
def wish_cost(facts: Facts, app: Whole, choice: Whole, session: Whole) -> Whole:
    """Return the choice cost of a choice, before what a pool adds."""
    order = min(choice - facts.choice_start[app] + 1, len(facts.choice_cost))
    cost = facts.choice_cost[order - 1]
    if facts.any_cost < cost and any_covers(facts, app, session):
        return facts.any_cost
    return cost


@compiled
def survey(facts: Facts, hubs: Hubs) -> Survey:
    """Join all sessions that share somebody, and look at every choice once."""
    sessions = len(facts.session_seats)
    label = np.arange(sessions).astype(np.int32)
    largest = np.zeros(4, np.int64)
    dearest = np.zeros(len(hubs.start) - 1, np.int64)
    _join_hubs(facts, hubs, label, dearest)
    anchor = np.full(len(facts.rank), -1, np.int32)
    ignored = _survey(facts, hubs, label, dearest, anchor, largest)
    live = np.zeros(len(anchor), np.int32)
    count = _join_partners(facts, anchor, label, live)
    return Survey(anchor, label, largest, ignored, live[:count].copy())


@inner
def _survey(
    facts: Facts, hubs: Hubs, label: Ints, dearest: Ints, anchor: Ints, largest: Ints
) -> Whole:
    """Look at every choice, join what it joins, and return how many are ignored."""
    sessions = len(label)
    ignored = 0
    for app in range(len(facts.rank)):
        top = np.int64(0)
        first = np.int32(-1)
        if hubs.of[app] >= 0:
            hub = hubs.of[app]
            first = facts.pool_session[hubs.pool[hubs.start[hub]]]
            top = facts.any_cost + (dearest[hub] if facts.pays[facts.profile[app]] else 0)
        for choice in range(facts.choice_start[app], facts.choice_start[app + 1]):
            session = facts.choice_session[choice]
            if not is_open(facts, app, session):
                ignored += 1
                continue
            fit = facts.profile[app] * sessions + session
            if facts.fit_count[fit] == 0:
                continue
            _join(label, first, session)
            first = session
            top = max(top, _dearest(facts, app, choice, session, fit))
        anchor[app] = first
        if not facts.pinned[app]:
            largest[facts.subject[app]] = max(largest[facts.subject[app]], top)
    return ignored


@inner
def _dearest(facts: Facts, app: Whole, choice: Whole, session: Whole, fit: Whole) -> Whole:
    """Return the largest choice cost among the pools of a choice."""
    cost = wish_cost(facts, app, choice, session)
    if not facts.pays[facts.profile[app]]:
        return cost
    extra = np.int64(0)
    for way in range(facts.fit_start[fit], facts.fit_start[fit] + facts.fit_count[fit]):
        extra = max(extra, facts.extra[facts.fit_pool[way]])
    return cost + extra


@inner
def _join_hubs(facts: Facts, hubs: Hubs, label: Ints, dearest: Ints) -> None:
    """Join the sessions of every hub and note its largest reserve cost."""
    for hub in range(len(dearest)):
        for way in range(hubs.start[hub], hubs.start[hub + 1]):
            pool = hubs.pool[way]
            dearest[hub] = max(dearest[hub], facts.extra[pool])
            _join(label, facts.pool_session[hubs.pool[hubs.start[hub]]], facts.pool_session[pool])


@inner
def _join_partners(facts: Facts, anchor: Ints, label: Ints, live: Ints) -> Whole:
    """Join partners who both have options; list seconds that have options; close all labels."""
    count = 0
    for app in range(len(anchor)):
        partner = facts.partner[app]
        if partner < 0 or anchor[app] < 0:
            continue
        if anchor[partner] >= 0:
            _join(label, anchor[app], anchor[partner])
        if facts.subject[app] > facts.subject[partner]:
            live[count] = app
            count += 1
    for session in range(len(label)):
        label[session] = _root(label, session)
    return count


def arrange(facts: Facts, hubs: Hubs, found: Survey) -> Parts:
    """Number the components by their first session and sort everything into them."""
    name, people, people_start, number = _people(facts, found)
    count = len(name)
    session, session_start = _sort(number, count)
    pool, pool_start = _sort(number[facts.pool_session], count)
    of_hub = np.full(len(hubs.start) - 1, -1, np.int32)
    filled = np.diff(hubs.start) > 0
    of_hub[filled] = number[facts.pool_session[hubs.pool[hubs.start[:-1][filled]]]]
    hub, hub_start = _sort(of_hub, count)
    session_node = _places(session, session_start, len(number))
    pool_node = _places(pool, pool_start, len(facts.pool_session))
    # Pools come after the sessions of their component.
    part = number[facts.pool_session]
    pool_node[part >= 0] += np.diff(session_start)[part[part >= 0]] + 1
    return Parts(
        name,
        people,
        people_start,
        session,
        session_start,
        pool,
        pool_start,
        hub,
        hub_start,
        session_node + 1,
        pool_node,
        _places(hub, hub_start, len(of_hub)),
    )


@compiled
def _people(facts: Facts, found: Survey) -> tuple[Ints, Ints, Ints, Ints]:
    """Return names, applications by component and rank, their starts, and sessions' numbers."""
    number = np.full(len(found.name), -1, np.int32)
    name = np.empty(len(number), np.int32)
    count = _number_parts(found.anchor, found.name, number, name)
    by_rank = np.empty(len(found.anchor), np.int32)
    start = np.zeros(count + 2, np.int32)
    _rank_all(facts, found.anchor, number, by_rank, start, np.zeros(5, np.int32))
    people = np.empty(start[-1], np.int32)
    _put(found.anchor, number, by_rank, start, people)
    return name[:count].copy(), people, start[:-1].copy(), number


@inner
def _number_parts(anchor: Ints, first: Ints, number: Ints, name: Ints) -> Whole:
    """Number the components that have applications, and their sessions; return how many."""
    for app in range(len(anchor)):
        if anchor[app] >= 0:
            number[first[anchor[app]]] = 0
    count = 0
    for session in range(len(number)):
        if number[session] == 0 and first[session] == session:
            number[session], name[count] = count, session
            count += 1
        else:
            number[session] = number[first[session]]
    return count


@inner
def _rank_all(
    facts: Facts, anchor: Ints, number: Ints, by_rank: Ints, start: Ints, first: Ints
) -> None:
    """Put all applications in order of subject and rank, and count those of every component."""
    for app in range(len(anchor)):
        first[facts.subject[app] + 1] += 1
        if anchor[app] >= 0:
            start[number[anchor[app]] + 2] += 1
    for subject in range(4):
        first[subject + 1] += first[subject]
    for at in range(len(start) - 1):
        start[at + 1] += start[at]
    for app in range(len(anchor)):
        by_rank[first[facts.subject[app]] + facts.rank[app] - 1] = app


@inner
def _put(anchor: Ints, number: Ints, by_rank: Ints, start: Ints, people: Ints) -> None:
    """Put everybody into the next place of his component."""
    for app in by_rank:
        if anchor[app] >= 0:
            part = number[anchor[app]] + 1
            people[start[part]] = app
            start[part] += 1


@compiled
def _sort(part: Ints, count: Whole) -> tuple[Ints, Ints]:
    """Return the rows of every component in order, those of none left out, and where they start."""
    start = np.zeros(count + 2, np.int32)
    for row in range(len(part)):
        if part[row] >= 0:
            start[part[row] + 2] += 1
    for at in range(count + 1):
        start[at + 1] += start[at]
    rows = np.empty(start[count + 1], np.int32)
    for row in range(len(part)):
        if part[row] >= 0:
            rows[start[part[row] + 1]] = row
            start[part[row] + 1] += 1
    return rows, start[:-1].copy()


@compiled
def _places(rows: Ints, start: Ints, count: Whole) -> Ints:
    """Return the place of each row inside its component."""
    place = np.full(count, -1, np.int32)
    for part in range(len(start) - 1):
        for at in range(start[part], start[part + 1]):
            place[rows[at]] = at - start[part]
    return place
