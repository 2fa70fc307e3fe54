"""Checks a ledger offline: standard library, `cryptography` and `rfc8785` only.

What it proves. The chain: no line was altered, added, reordered or removed before the last one.
The files: every evidence file is the one recorded, or a line says that it was erased. With a
public key: who signed, and up to which line. With a head kept elsewhere: that no tail was cut.
"""

import base64
import binascii
import hashlib
import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from proctor.ledger.keys import key_id
from proctor.ledger.lines import FIELDS, FIRST_PREV, NAME, PROFILES, LineType, canonical, digest

EVIDENCE = "evidence"


class NotALedgerError(Exception):
    """The folder holds nothing that could be a ledger."""


@dataclass
class Report:
    """What was found: `broken` is empty when the folder is whole; `notes` is for people."""

    broken: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    lines: list[dict[str, Any]] = field(default_factory=list)
    head: str = FIRST_PREV

    @property
    def ended(self) -> bool:
        """Whether the last line is an end; checkpoints and erasures may follow it."""
        later = (LineType.CHECKPOINT, LineType.ERASED)
        others = [line["type"] for line in self.lines if line["type"] not in later]
        return bool(others) and others[-1] == LineType.END


def verify(folder: Path, *, key: Ed25519PublicKey | None = None, head: str | None = None) -> Report:
    """Check a folder; raises NotALedgerError without a readable ledger.jsonl in it."""
    try:
        data = (folder / NAME).read_bytes()
    except OSError as error:
        raise NotALedgerError(f"{folder}: no readable {NAME}") from error
    if not data.strip():
        raise NotALedgerError(f"{folder / NAME}: empty")
    report = verify_lines(data)
    if not report.lines and not _looks_like_json(data):
        raise NotALedgerError(f"{folder / NAME}: not lines of JSON")
    _check_files(folder, report)
    _check_profiles(folder, report)
    _check_signatures(report, key)
    _check_head(report, head)
    if not report.ended and not report.broken:
        report.notes.append(f"open after seq {len(report.lines)}")
    return report


def verify_lines(data: bytes) -> Report:
    """Check the chain in a ledger's bytes, stopping at the first line that does not hold."""
    report = Report()
    if data and not data.endswith(b"\n"):
        report.notes.append("the last line was cut in mid-write")
        data = data[: data.rfind(b"\n") + 1]
    for number, raw in enumerate(data.splitlines(), start=1):
        problem = line_problem(raw, number, report.head)
        if problem:
            report.broken.append(f"line {number}: {problem}")
            break
        line = json.loads(raw)
        report.lines.append(line)
        report.head = line["hash"]
    return report


def line_problem(raw: bytes, number: int, prev: str) -> str | None:
    try:
        line = json.loads(raw)
        if not isinstance(line, dict) or line.keys() != FIELDS:
            return "altered: not a ledger line"
        unhashed = {name: value for name, value in line.items() if name != "hash"}
        intact = (
            canonical(line) == raw
            and digest(line["payload"]) == line["payload_sha256"]
            and digest(unhashed) == line["hash"]
        )
    except (ValueError, TypeError, RecursionError):
        return "altered: not readable as canonical JSON"
    if not intact:
        return "altered: its hash does not match its content"
    return _place_problem(line, number, prev) or _payload_problem(line)


def _place_problem(line: dict[str, Any], number: int, prev: str) -> str | None:
    if line["seq"] != number:
        return f"reordered, added or removed here: seq {line['seq']} stands where {number} belongs"
    if line["prev"] != prev:
        return "added, removed or altered before it: prev is not the hash of the line before"
    if number == 1 and line["type"] != LineType.START:
        return "removed before it: the first line is not a start"
    return None


def _payload_problem(line: dict[str, Any]) -> str | None:
    """Refuse payloads that this module reads but cannot use."""
    payload = line["payload"]
    if not isinstance(payload, dict):
        return "altered: its payload is not an object"
    if line["type"] == LineType.EVIDENCE:
        attached = payload.get("attached", {})
        sound = (
            isinstance(payload.get("path"), str)
            and {"bytes", "sha256"} <= payload.keys()
            and isinstance(attached, dict)
        )
    elif line["type"] == LineType.ERASED:
        paths = payload.get("paths")
        sound = isinstance(paths, list) and all(isinstance(path, str) for path in paths)
    else:
        return None
    return None if sound else "altered: its payload lacks what its type needs"


def _check_files(folder: Path, report: Report) -> None:
    recorded: dict[str, dict[str, Any]] = {}
    erased: set[str] = set()
    for line in report.lines:
        if line["type"] == LineType.EVIDENCE:
            recorded[line["payload"]["path"]] = line["payload"]
            for path, sha256 in line["payload"].get("attached", {}).items():
                recorded[path] = {"path": path, "sha256": sha256}
        elif line["type"] == LineType.ERASED:
            erased.update(line["payload"]["paths"])
    for path, payload in recorded.items():
        problem = _file_problem(folder, payload, erased=path in erased)
        if problem:
            report.broken.append(f"{path}: {problem}")
    if report.broken:
        return
    kept = folder / EVIDENCE
    for file in sorted(kept.rglob("*")) if kept.is_dir() else []:
        path = file.relative_to(folder).as_posix()
        if file.is_file() and path not in recorded:
            found = f"{path}: added, no line of the ledger records it"
            (report.broken if report.ended else report.notes).append(found)


def _check_profiles(folder: Path, report: Report) -> None:
    """A profile that lies beside the ledger is the one that a start line names."""
    starts = [line["payload"] for line in report.lines if line["type"] == LineType.START]
    named = {start.get("profile_sha256") for start in starts if isinstance(start, dict)}
    for file in sorted((folder / PROFILES).glob("*.json")):
        found = hashlib.sha256(file.read_bytes()).hexdigest()
        if found not in named or found != file.stem:
            path = file.relative_to(folder).as_posix()
            report.broken.append(f"{path}: altered or added, no start line names its SHA-256")


def _file_problem(folder: Path, payload: dict[str, Any], *, erased: bool) -> str | None:
    file = folder / payload["path"]
    if not file.resolve().is_relative_to(folder.resolve()):
        return "points outside the folder"
    if not file.is_file():
        return None if erased else "missing, and no line says that it was erased"
    with file.open("rb") as opened:
        found = hashlib.file_digest(opened, "sha256").hexdigest()
    size = file.stat().st_size
    if found != payload["sha256"] or size != payload.get("bytes", size):
        return "altered: its SHA-256 is not the recorded one"
    return None


def _check_signatures(report: Report, key: Ed25519PublicKey | None) -> None:
    prev = FIRST_PREV
    covered = 0
    for line in report.lines:
        if line["type"] == LineType.CHECKPOINT:
            problem = _checkpoint_problem(line["payload"], prev, key)
            if problem:
                report.broken.append(f"line {line['seq']}: {problem}")
                return
            covered = line["seq"]
        prev = line["hash"]
    if key is None:
        report.notes.append("consistent, signer unknown" if covered else "consistent, not signed")
        return
    if not covered:
        report.broken.append("no checkpoint: nothing here is signed by this key")
    elif report.ended and covered < len(report.lines):
        report.broken.append(f"line {covered + 1}: after the last signature of an ended ledger")
    else:
        report.notes.append(f"signed up to seq {covered} by key {key_id(key)}")


def _checkpoint_problem(
    payload: dict[str, Any], prev: str, key: Ed25519PublicKey | None
) -> str | None:
    if payload.get("head") != prev:
        return "checkpoint of another head"
    if key is None:
        return None
    if payload.get("key_id") != key_id(key):
        return "checkpoint signed by another key"
    try:
        key.verify(base64.b64decode(payload["signature"], validate=True), bytes.fromhex(prev))
    except (InvalidSignature, binascii.Error, KeyError, TypeError):
        return "altered: the checkpoint's signature does not hold"
    return None


def _check_head(report: Report, head: str | None) -> None:
    if head is None or report.broken:
        return
    if head.lower() not in {line["hash"] for line in report.lines}:
        report.broken.append("tail cut or replaced: the head given is not in this ledger")


def _looks_like_json(data: bytes) -> bool:
    return data.lstrip().startswith(b"{")
