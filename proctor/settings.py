"""What a watch needs to know, and the profile file it may come from."""

import hashlib
import json
import tomllib
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from proctor.errors import BadInputError
from proctor.kinds import Kind, Place, View, kinds_of
from proctor.ledger.lines import canonical
from proctor.seats import SEATED, SeatArea, seat_areas


@dataclass(frozen=True)
class Settings:
    """How one camera is watched.

    people: how many are expected, None for the view's default (seat 1, cabin 1; a room claims
    nothing about numbers until told). rate: analysed pictures per second, 1 to 25. references:
    photos of the one registered person. seat, stream: opaque names for the ledger. realtime: play
    a file at its speed. loop: play it for ever (needs realtime). mute: kinds not to claim.
    tile_every: seconds between wall tiles, 0 for none. clip_limit: longest evidence in seconds.
    transport: tcp or udp for RTSP. patience: seconds that a live source may be gone. keep_bytes:
    finished clips beyond it are erased, oldest first and with a receipt; None keeps everything, as
    an office must. held: evidence paths that such erasing leaves alone. seats: areas of a room's
    picture.
    """

    view: View
    people: int | None = None
    rate: float = 5.0
    references: tuple[Path, ...] = ()
    seat: str = ""
    stream: str = "camera"
    realtime: bool = False
    loop: bool = False
    mute: frozenset[Kind] = field(default_factory=frozenset)
    tile_every: float = 1.0
    clip_limit: float = 180.0
    transport: str = "tcp"
    patience: float = 60.0
    keep_bytes: int | None = None
    held: frozenset[str] = field(default_factory=frozenset)
    seats: tuple[SeatArea, ...] = ()

    def __post_init__(self) -> None:
        """Raise BadInputError naming the first field that cannot be served."""
        least = 0 if self.view is View.ROOM else 1
        if self.people is not None and not least <= self.people <= 500:
            raise BadInputError(f"people: {self.people}; give {least} to 500")
        if not 1 <= self.rate <= 25:
            raise BadInputError(f"rate: {self.rate}; give 1 to 25 pictures a second")
        if self.loop and not self.realtime:
            raise BadInputError("loop: a file played for ever needs realtime as well")
        if not 20 <= self.clip_limit <= 3600:
            raise BadInputError(f"clip_limit: {self.clip_limit}; give 20 to 3600 seconds")
        if self.keep_bytes is not None and self.keep_bytes < 0:
            raise BadInputError(f"keep_bytes: {self.keep_bytes}; give bytes from 0, or nothing")
        if self.transport not in {"tcp", "udp"}:
            raise BadInputError(f"transport: {self.transport}; give tcp or udp")
        if self.seats and self.view is not View.ROOM:
            raise BadInputError("seats: areas are for a room's camera; others see one seat")
        if self.seat and self.seat in {area.seat for area in self.seats}:
            raise BadInputError(f"seat: {self.seat} is one of seats as well; leave seat empty")
        if self.references and self.view is View.ROOM:
            raise BadInputError("reference: a room has many people; give it to their seat cameras")

    @property
    def expected(self) -> int | None:
        """How many people are expected, None where nobody said and the view has no default."""
        if self.people is None:
            return None if self.view is View.ROOM else 1
        return self.people

    @property
    def kinds(self) -> frozenset[Kind]:
        """What is to be claimed."""
        return kinds_of(self.view) - self.mute

    @property
    def places(self) -> list[Place]:
        """What is to be claimed of the camera, and of each seat."""
        own = [(kind, "") for kind in sorted(self.kinds)]
        seated = sorted(self.kinds & SEATED)
        return own + [(kind, area.seat) for area in self.seats for kind in seated]

    def profile(self) -> bytes:
        """Return everything that changes what is claimed, as RFC 8785 bytes; no photo is in it."""
        claims: dict[str, Any] = {
            "view": str(self.view),
            "people": -1 if self.expected is None else self.expected,
            "rate_milli": round(self.rate * 1000),
            "references": [_file_sha256(path) for path in self.references],
            "mute": sorted(self.mute),
            "clip_limit_ms": round(self.clip_limit * 1000),
        }
        if self.seats:
            claims["seats"] = [_claim(area) for area in self.seats]
        return canonical(claims)

    def sha256(self) -> str:
        """Return the hash of the profile, as a ledger's start line names it."""
        return hashlib.sha256(self.profile()).hexdigest()


def of_profile(profile: bytes, references: tuple[Path, ...]) -> Settings:
    """Return the settings that a stored profile tells of, with the photos that it names by hash.

    Raises BadInputError for anything else, or naming a photo that is missing or another one.
    """
    try:
        claims = json.loads(profile)
        by_hash = {_file_sha256(path): path for path in references}
        missing = [sha256 for sha256 in claims["references"] if sha256 not in by_hash]
        if missing:
            raise BadInputError(f"--reference: the photo with SHA-256 {missing[0]} was not given")
        settings = Settings(
            view=View(claims["view"]),
            people=None if claims["people"] < 0 else claims["people"],
            rate=claims["rate_milli"] / 1000,
            references=tuple(by_hash[sha256] for sha256 in claims["references"]),
            mute=frozenset(Kind(name) for name in claims["mute"]),
            clip_limit=claims["clip_limit_ms"] / 1000,
            seats=tuple(_claimed(area) for area in claims.get("seats", ())),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise BadInputError(f"profile: not one that a watch has stored ({error})") from error
    if settings.profile() != profile:
        raise BadInputError("profile: of another release, which knew fields that this one does not")
    return settings


def _claimed(claim: dict[str, Any]) -> SeatArea:
    corners = tuple((x / 1000, y / 1000) for x, y in claim["corners_pm"])
    return SeatArea(str(claim["seat"]), corners, int(claim["people"]))


_PROFILE_FIELDS: dict[str, type | tuple[type, ...]] = {
    "people": int,
    "rate": (int, float),
    "seat": str,
    "stream": str,
    "mute": list,
    "clip_limit": (int, float),
    "transport": str,
    "patience": (int, float),
    "seats": list,
}


def with_profile(settings: Settings, path: Path) -> Settings:
    """Return the settings with a profile's fields put in; raises BadInputError naming the field."""
    try:
        profile = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise BadInputError(f"--profile {path}: not readable as TOML ({error})") from error
    fields: dict[str, Any] = {}
    for name, value in profile.items():
        wanted = _PROFILE_FIELDS.get(name)
        if wanted is None:
            known = ", ".join(_PROFILE_FIELDS)
            raise BadInputError(f"--profile {path}: unknown field {name}; known are {known}")
        if not isinstance(value, wanted) or isinstance(value, bool):
            raise BadInputError(f"--profile {path}: {name} has the wrong type")
        fields[name] = _read(path, name, value)
    return replace(settings, **fields)


def _read(path: Path, name: str, value: Any) -> Any:
    if name == "mute":
        return _kinds(path, value)
    if name != "seats":
        return value
    try:
        return seat_areas(value)
    except BadInputError as error:
        raise BadInputError(f"--profile {path}: {error}") from error


def _claim(area: SeatArea) -> dict[str, Any]:
    corners = [[round(1000 * share) for share in corner] for corner in area.corners]
    return {"seat": area.seat, "corners_pm": corners, "people": area.people}


def _kinds(path: Path, names: Any) -> frozenset[Kind]:
    unknown = [str(name) for name in names if name not in set(Kind)]
    if unknown:
        raise BadInputError(f"--profile {path}: mute names no known kind: {', '.join(unknown)}")
    return frozenset(Kind(name) for name in names)


def _file_sha256(path: Path) -> str:
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError as error:
        raise BadInputError(f"--reference {path}: cannot be read ({error.strerror})") from error
