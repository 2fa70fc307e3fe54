"""Synthetic rounds of any size: cities with sites, subjects, classes and ranked wishes.

A city asks for some 15 000 sittings a week; there are seats for 85 % of them, and examiners for
96 % of the seats. Four in five take any session in their city besides five ranked choices.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

import numpy as np

# Not Arrow itself: its allocator is chosen before it is loaded, as in the command.
from scheduler.arrays import Table, pa, pa_parquet
from scheduler.config import config_source

SUBJECTS = ("S1", "S2", "S3R", "S3T")
SHARES = (0.22, 0.36, 0.26, 0.16)
CLASSES = ("C1", "C2", "B2", "A2", "A1", "D", "C5")
CLASS_SHARES = (0.44, 0.44, 0.025, 0.02, 0.005, 0.065, 0.005)
DAYS = 6
MONDAY = np.datetime64("2027-03-01")
CITY = 15_000


def make(size: int, seed: int = 1, load: float = 0.85) -> dict[str, Table]:
    """Return the tables of a round of about `size` applications."""
    rng = np.random.default_rng(seed)
    count = max(1, round(size / CITY))
    share = rng.lognormal(0, 0.5, count)
    sizes = rng.multinomial(size, share / share.sum())
    columns: dict[str, dict[str, list[Any]]] = {
        name: {} for name in ("sessions", "pools", "applications", "choices")
    }
    offset = 0
    for city, people in enumerate(sizes.tolist()):
        _city(columns, rng, city, people, offset, load=load)
        offset += people
    return {
        name: pa.table({key: np.concatenate(parts) for key, parts in table.items()})
        for name, table in columns.items()
    }


def _add(table: dict[str, list[Any]], **columns: Any) -> None:
    for name, values in columns.items():
        table.setdefault(name, []).append(values)


def _city(
    columns: dict[str, Any],
    rng: np.random.Generator,
    city: int,
    people: int,
    offset: int,
    *,
    load: float,
) -> None:
    subject = rng.choice(4, people, p=SHARES)
    licence = rng.choice(len(CLASSES), people, p=CLASS_SHARES)
    home = rng.normal(0, 10, (people, 2))
    first = np.where(rng.random(people) < 0.08, rng.integers(1, 4, people), 0)
    last = np.full(people, DAYS - 1)
    urgent = rng.random(people)
    tier = np.where(urgent < 0.05, 0, np.where(urgent < 0.09, 1, 3))
    tier = np.where((tier == 3) & (rng.random(people) < 0.033), 2, tier)
    last = np.where(tier == 0, np.maximum(first, rng.integers(0, DAYS, people)), last)
    number = offset + np.arange(people)
    names = np.char.add("a", np.char.zfill(number.astype(str), 8))
    areas: list[str] = []
    for at in range(4):
        mine = np.flatnonzero(subject == at)
        if len(mine):
            areas.append(
                _subject(
                    columns, rng, city, at, (mine, names, licence, home, first, last), load=load
                )
            )
        else:
            areas.append("")
    _add(
        columns["applications"],
        application=names,
        candidate=np.char.add("p", names),
        subject=np.array(SUBJECTS)[subject],
        licence_class=np.array(CLASSES)[licence],
        tier=tier,
        key=np.minimum(rng.gamma(1.6, 12.0, people), 180).astype(np.int64),
        lot=rng.permutation(people) + offset,
        any_session=(rng.random(people) < 0.8).astype(np.int8),
        earliest=(MONDAY + first).astype(str),
        latest=(MONDAY + last).astype(str),
        partner=np.full(people, ""),
        prior=np.full(people, ""),
        pinned=np.zeros(people, np.int8),
        area=np.array(areas)[subject],
    )


def _subject(
    columns: dict[str, Any],
    rng: np.random.Generator,
    city: int,
    at: int,
    people: tuple[Any, ...],
    *,
    load: float,
) -> str:
    mine, names, licence, home, first, last = people
    driven = at in (1, 2)
    daily = 2 if driven else 4
    sites = max(1 if len(mine) < 4000 else 2, round(len(mine) / 900))
    place = rng.normal(0, 9, (sites, 2))
    site = np.array([f"{city:03}-{SUBJECTS[at]}-{number:02}" for number in range(sites)])
    grid = np.stack(np.meshgrid(np.arange(sites), np.arange(DAYS), np.arange(daily), indexing="ij"))
    where, day, turn = grid.reshape(3, -1)
    label = np.array([f"{site[a]}-{b}{c}" for a, b, c in zip(where, day, turn, strict=True)])
    total = np.zeros(len(label), np.int64)
    for group in range(len(CLASSES)) if driven else (-1,):
        takers = mine[licence[mine] == group] if driven else mine
        if not len(takers):
            continue
        open_sites = np.arange(sites)
        if group >= 2:
            open_sites = rng.choice(sites, min(sites, 2 if group == 5 else 1), replace=False)
        spots = np.flatnonzero(np.isin(where, open_sites))
        weight = rng.dirichlet(np.full(len(spots), 12.0))
        seats = rng.multinomial(round(load * len(takers)), weight)
        total[spots] += seats
        _add(
            columns["pools"],
            pool=np.char.add(label[spots], f"-{CLASSES[group] if driven else 'all'}"),
            session=label[spots],
            classes=np.full(len(spots), CLASSES[group] if driven else "*"),
            seats=seats,
            vehicles=np.full(len(spots), 4 if driven else 0),
        )
        distance = np.linalg.norm(home[takers][:, None, :] - place[None, where[spots], :], axis=2)
        liking = -0.22 * distance + rng.gumbel(0, 0.7, distance.shape)
        early = day[spots][None, :] < first[takers][:, None]
        late = day[spots][None, :] > last[takers][:, None]
        liking[early | late] = -np.inf
        width = min(5, len(spots))
        top = np.argsort(-liking, axis=1)[:, :width]
        fits = np.isfinite(np.take_along_axis(liking, top, 1))
        _add(
            columns["choices"],
            application=np.repeat(names[takers], width).reshape(-1, width)[fits],
            order=np.tile(np.arange(1, width + 1), (len(takers), 1))[fits],
            session=label[spots[top]][fits],
        )
    hours = {2: ("08:00", "13:30"), 4: ("08:00", "10:00", "13:30", "15:30")}[daily]
    ends = {2: ("12:00", "17:30"), 4: ("09:45", "11:45", "15:15", "17:15")}[daily]
    _add(
        columns["sessions"],
        session=label,
        site=site[where],
        subject=np.full(len(label), SUBJECTS[at]),
        date=(MONDAY + day).astype(str),
        start=np.array(hours)[turn],
        end=np.array(ends)[turn],
        seats=np.round(total * (0.96 if driven else 1.0)).astype(np.int64),
    )
    return " ".join(site.tolist())


def country(size: int, seed: int = 1, sites: int = 300) -> dict[str, Table]:
    """Return a round of one subject over a whole country: one component.

    Everybody lives near some site and chooses among the sessions of the five nearest; four in five
    take any session at the eight nearest.
    """
    rng = np.random.default_rng(seed)
    places = rng.random((sites, 2)) * 1000
    weight = rng.lognormal(0, 0.8, sites)
    home_site = rng.choice(sites, size, p=weight / weight.sum())
    home = places[home_site] + rng.normal(0, 15, (size, 2))
    blocks = range(0, size, 4096)
    near = np.concatenate([_nearest(places, home[at : at + 4096]) for at in blocks])
    slots = DAYS * 2
    label = np.array([f"n{site:03}-{slot:02}" for site in range(sites) for slot in range(slots)])
    asked = np.bincount(near[:, 0], minlength=sites)
    seats = np.maximum(1, np.round(0.85 * asked / slots)).astype(np.int64).repeat(slots)
    names = np.char.add("a", np.char.zfill(np.arange(size).astype(str), 8))
    picked = near[np.arange(size)[:, None], rng.integers(0, 5, (size, 5))]
    wished = picked * slots + rng.integers(0, slots, (size, 5))
    once = np.ones((size, 5), bool)
    for column in range(1, 5):
        once[:, column] = (wished[:, :column] != wished[:, column : column + 1]).all(axis=1)
    order = np.cumsum(once, axis=1)
    areas = np.array([" ".join(f"n{site:03}" for site in sorted(row)) for row in near.tolist()])
    slot = np.tile(np.arange(slots), sites)
    tables: dict[str, dict[str, Any]] = {
        "sessions": {
            "session": label,
            "site": np.char.partition(label, "-")[:, 0],
            "subject": np.full(len(label), "S2"),
            "date": (MONDAY + slot // 2).astype(str),
            "start": np.array(("08:00", "13:30"))[slot % 2],
            "end": np.array(("12:00", "17:30"))[slot % 2],
            "seats": seats,
        },
        "pools": {
            "pool": np.char.add(label, "-p"),
            "session": label,
            "classes": np.full(len(label), "*"),
            "seats": seats,
            "vehicles": np.full(len(label), 4),
        },
        "applications": {
            "application": names,
            "candidate": np.char.add("p", names),
            "subject": np.full(size, "S2"),
            "licence_class": np.full(size, "C1"),
            "tier": rng.choice([0, 1, 2, 3], size, p=[0.05, 0.04, 0.03, 0.88]),
            "key": np.minimum(rng.gamma(1.6, 12.0, size), 180).astype(np.int64),
            "lot": rng.permutation(size),
            "any_session": (rng.random(size) < 0.8).astype(np.int8),
            "earliest": np.full(size, str(MONDAY)),
            "latest": np.full(size, str(MONDAY + DAYS - 1)),
            "partner": np.full(size, ""),
            "prior": np.full(size, ""),
            "pinned": np.zeros(size, np.int8),
            "area": areas,
        },
        "choices": {
            "application": np.repeat(names, 5).reshape(size, 5)[once],
            "order": order[once],
            "session": label[wished][once],
        },
    }
    return {name: pa.table(columns) for name, columns in tables.items()}


def _nearest(places: Any, homes: Any) -> Any:
    """Return the eight nearest sites of every home, the nearest first."""
    far = np.linalg.norm(homes[:, None, :] - places[None, :, :], axis=2)
    return np.argsort(far, axis=1)[:, :8]


def write(tables: dict[str, Table], folder: Path) -> None:
    """Write a round as Parquet."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "round.toml").write_bytes(config_source())
    for name, table in tables.items():
        pa_parquet.write_table(table, folder / f"{name}.parquet")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("size", type=int)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    write(make(arguments.size, arguments.seed), arguments.folder)
