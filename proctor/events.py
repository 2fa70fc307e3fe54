"""Events as the ledger tells them, and the file made from it."""

import heapq
import json
import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from proctor.ledger.lines import LineType

NAME = "events.jsonl"
IN_MEMORY = 200
"""Events that a running watch remembers at least, the newest."""
_EVENT_LINES = frozenset({LineType.OPENED, LineType.UPDATED, LineType.CLOSED})

_NO_EVIDENCE = re.compile(r"no evidence for event (\d+)\b")
_PLACED = re.compile(r'\{"event": (\d+), .*?"start": ([0-9.]+), ')


def paths_of(evidence: dict[str, Any]) -> list[str]:
    """Return the files that an evidence payload records, the clip first."""
    return [evidence["path"], *evidence.get("attached", {})]


def no_evidence(event: int) -> str:
    """Return how the reason of a gap begins that says that an event has no clip."""
    return f"no evidence for event {event}"


class EventBook:
    """All events of a folder, fed line by line from its ledger."""

    def __init__(self) -> None:
        """Start without events."""
        self._events: dict[int, dict[str, Any]] = {}
        self._evidence: dict[int, dict[str, Any]] = {}
        self._starts: list[tuple[int, datetime]] = []
        self._written: dict[int, str] = {}
        self._most = 0
        self._without: set[int] = set()
        self.erased: set[str] = set()
        self.last_ms = 0

    def take(self, line: dict[str, Any]) -> None:
        """Take one ledger line; types that say nothing about events are passed over."""
        payload = line["payload"]
        if line["type"] == LineType.START:
            began = datetime.fromisoformat(line["time"])
            self._starts.append((payload.get("origin_ms", 0), began))
        elif line["type"] in _EVENT_LINES:
            known = self._events.get(payload["event"], {})
            is_open = line["type"] != LineType.CLOSED
            self._events[payload["event"]] = known | payload | {"open": is_open}
            self._most = max(self._most, payload["event"])
            self._written.pop(payload["event"], None)
        elif line["type"] == LineType.EVIDENCE:
            self._evidence[payload["event"]] = payload
            self._written.pop(payload["event"], None)
        elif line["type"] == LineType.GAP:
            said = _NO_EVIDENCE.match(payload["reason"])
            if said is not None:
                self._without.add(int(said[1]))
        elif line["type"] == LineType.ERASED:
            self.erased.update(payload["paths"])
            self._written.clear()
        self.last_ms = max(self.last_ms, payload.get("end_ms", 0), payload.get("origin_ms", 0))

    def wall_origin(self) -> tuple[int, datetime] | None:
        """Return the last start's milliseconds on the timeline and its wall time."""
        return self._starts[-1] if self._starts else None

    def open_events(self) -> list[dict[str, Any]]:
        """Return the payloads of events that no line has closed."""
        return [event for event in self._events.values() if event["open"]]

    def all_events(self) -> list[dict[str, Any]]:
        """Return every event's last payload."""
        return list(self._events.values())

    def unsaid(self) -> set[int]:
        """Return the events of which neither an evidence line nor a gap says what was kept."""
        return self._events.keys() - self._evidence.keys() - self._without

    def recorded_paths(self) -> set[str]:
        """Return every path that an evidence line ever named."""
        return {path for payload in self._evidence.values() for path in paths_of(payload)}

    def finished_evidence(self) -> list[dict[str, Any]]:
        """Return the evidence payloads of closed events whose clip is not erased, oldest first."""
        return [
            payload
            for number, payload in sorted(self._evidence.items())
            if payload["path"] not in self.erased
            and number in self._events
            and not self._events[number]["open"]
        ]

    def next_number(self) -> int:
        """Return the number of the next event."""
        return self._most + 1

    def settle(self, *, with_evidence: bool) -> None:
        """Forget what is long over: events.jsonl holds it, and `write` leaves it there.

        A camera is watched for months. with_evidence: also what still has evidence, which only a
        watch that erases by size has to remember.
        """
        for number in [x for x in self._events if x <= self._most - IN_MEMORY]:
            kept = self._evidence.get(number)
            stays = kept is not None and kept["path"] not in self.erased
            if self._events[number]["open"] or (stays and not with_evidence):
                continue
            del self._events[number]
            self._written.pop(number, None)
            self._without.discard(number)
            if self._evidence.pop(number, None) is not None and kept is not None:
                self.erased.difference_update(paths_of(kept))

    def write(self, folder: Path) -> None:
        """Rewrite events.jsonl whole, so that a reader never meets half a file.

        Only events that changed since are put into words again: a camera that is watched for a
        week has thousands.
        """
        ordered = sorted(self._events.values(), key=lambda x: (x["start_ms"], x["event"]))
        for event in ordered:
            if event["event"] not in self._written:
                told = json.dumps(self._told(event), ensure_ascii=False)
                self._written[event["event"]] = told + "\n"
        remembered = (((x["start_ms"], x["event"]), self._written[x["event"]]) for x in ordered)
        draft = folder / f".{NAME}.draft"
        with draft.open("w", encoding="utf-8") as file:
            lines = heapq.merge(self._settled(folder / NAME), remembered)
            file.writelines(text for _, text in lines)
        draft.replace(folder / NAME)

    def _settled(self, path: Path) -> Iterator[tuple[tuple[int, int], str]]:
        """Yield place and line of the events that were forgotten, as they stand in the file."""
        if len(self._events) == self._most:
            return
        try:
            with path.open(encoding="utf-8") as file:
                for text in file:
                    placed = _PLACED.match(text)
                    if placed is not None and int(placed[1]) not in self._events:
                        yield (round(float(placed[2]) * 1000), int(placed[1])), text
        except OSError:
            return

    def _told(self, event: dict[str, Any]) -> dict[str, Any]:
        told: dict[str, Any] = {
            "event": event["event"],
            "kind": event["kind"],
            "group": event["group"],
            "seat": event["seat"],
            "start": event["start_ms"] / 1000,
            "end": event["end_ms"] / 1000,
            "wall": self._wall(event["start_ms"]),
            "open": event["open"],
            "severity": event["severity"],
            "confidence": event["confidence_pm"] / 1000,
            "facts": event["facts"],
        }
        kept = self._evidence.get(event["event"])
        if kept is not None and kept["path"] not in self.erased:
            told["evidence"] = kept["path"]
        return told

    def _wall(self, at_ms: int) -> str:
        origin, began = next(
            (start for start in reversed(self._starts) if start[0] <= at_ms), self._starts[0]
        )
        wall = began + timedelta(milliseconds=at_ms - origin)
        return wall.isoformat(timespec="milliseconds").replace("+00:00", "Z")
