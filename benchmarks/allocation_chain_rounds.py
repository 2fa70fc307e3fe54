"""Synthetic rounds with chains: the cities of `allocation_rounds`, with people who sit twice a day.

A share of all applications belongs to candidates who ask for S2 in the morning and S3R in the
afternoon of the same day at the same site. Sites of S3R are sites of S2 too, as where an office
has both its yard and its roads; a candidate names up to five (site, day) for both at once, and
takes any session for both or for neither.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
from allocation_rounds import make

MORNING, AFTERNOON = "08:00", "13:30"


def make_chained(size: int, share: float, seed: int = 1) -> dict[str, pa.Table]:
    """Return the tables of a round of `size` applications, `share` of them in chains."""
    tables = make(size, seed)
    rows: dict[str, list[Any]] = {
        name: tables["applications"][name].to_pylist() for name in _COPIED
    }
    sessions = _one_yard(tables)
    pools = tables["pools"].to_pylist()
    blocks = _blocks(sessions, pools)
    rng = np.random.default_rng(seed + 1000)
    pairs = _pairs(rows, blocks, round(size * share / 2), rng)
    wishes: dict[str, list[str]] = {}
    place = {name: at for at, name in enumerate(rows["application"])}
    rows["area"] = [" ".join(_yard(site) for site in text.split()) for text in rows["area"]]
    for one, two, mine in pairs:
        first, second = place[one], place[two]
        rows["partner"][first], rows["partner"][second] = two, one
        for column in ("candidate", "tier", "key", "any_session", "earliest", "latest"):
            rows[column][second] = rows[column][first]
        days = [b for b in mine if rows["earliest"][first] <= b[1] <= rows["latest"][first]]
        site_bonus = {site: rng.gumbel(0, 1.5) for site in sorted({b[0] for b in days})}
        days.sort(key=lambda b: -(site_bonus[b[0]] + rng.gumbel(0, 0.7)))
        wishes[one] = [blocks[b][rows["licence_class"][first]][0] for b in days[:5]]
        wishes[two] = [blocks[b][rows["licence_class"][first]][1] for b in days[:5]]
    applications = tables["applications"]
    for name in _COPIED:
        applications = applications.set_column(
            applications.column_names.index(name), name, pa.array(rows[name])
        )
    return tables | {
        "applications": applications,
        "sessions": pa.Table.from_pylist(sessions),
        "choices": _choices(tables["choices"], wishes),
    }


_COPIED = (
    "application",
    "candidate",
    "subject",
    "licence_class",
    "tier",
    "key",
    "any_session",
    "earliest",
    "latest",
    "partner",
    "area",
)


def _yard(site: str) -> str:
    """Return the one name of a site of S2 and of S3R."""
    return site.replace("-S3R-", "-S2-")


def _one_yard(tables: dict[str, pa.Table]) -> list[dict[str, Any]]:
    sessions: list[dict[str, Any]] = tables["sessions"].to_pylist()
    for row in sessions:
        row["site"] = _yard(row["site"])
    return sessions


Blocks = dict[tuple[str, str], dict[str, tuple[str, str]]]


def _blocks(sessions: list[dict[str, Any]], pools: list[dict[str, Any]]) -> Blocks:
    """Return (site, day) → class → (session of S2 in the morning, of S3R in the afternoon)."""
    at = {row["session"]: row for row in sessions}
    halves: dict[str, dict[tuple[str, str, str], str]] = {"S2": {}, "S3R": {}}
    for pool in pools:
        row = at[pool["session"]]
        if (row["subject"], row["start"]) in (("S2", MORNING), ("S3R", AFTERNOON)):
            key = (row["site"], row["date"], pool["classes"])
            halves[row["subject"]][key] = row["session"]
    found: Blocks = {}
    for (site, day, licence), morning in sorted(halves["S2"].items()):
        afternoon = halves["S3R"].get((site, day, licence))
        if afternoon:
            found.setdefault((site, day), {})[licence] = (morning, afternoon)
    return found


def _pairs(
    rows: dict[str, list[Any]], blocks: Blocks, wanted: int, rng: np.random.Generator
) -> list[tuple[str, str, list[tuple[str, str]]]]:
    """Draw pairs of applications of one city and class, with the blocks open to both."""
    groups: dict[tuple[str, str], dict[str, list[str]]] = {}
    for name, subject, licence, area in zip(
        rows["application"], rows["subject"], rows["licence_class"], rows["area"], strict=True
    ):
        city = area[:3]
        if subject in ("S2", "S3R") and licence in ("C1", "C2"):
            groups.setdefault((city, licence), {"S2": [], "S3R": []})[subject].append(name)
    found = []
    for (city, licence), halves in sorted(groups.items()):
        mine = [b for b, by in blocks.items() if b[0].startswith(f"{city}-") and licence in by]
        count = min(len(halves["S2"]), len(halves["S3R"]))
        one, two = (rng.permutation(halves[name])[:count].tolist() for name in ("S2", "S3R"))
        found += [(a, b, mine) for a, b in zip(one, two, strict=True)]
    order = rng.permutation(len(found))[:wanted]
    return [found[at] for at in order.tolist()]


def _choices(table: pa.Table, wishes: dict[str, list[str]]) -> pa.Table:
    """Replace the choices of those in chains."""
    names = np.array(table["application"].to_pylist())
    keep = ~np.isin(names, list(wishes))
    added = [
        {"application": name, "order": order, "session": session}
        for name, mine in sorted(wishes.items())
        for order, session in enumerate(mine, start=1)
    ]
    kept = table.filter(pa.array(keep))
    more = pa.Table.from_pylist(added, schema=table.schema) if added else table.slice(0, 0)
    return pa.concat_tables([kept, more])
