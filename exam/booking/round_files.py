"""The files of a round and of its plan, with nothing but the standard library.

Pages and the publishing step read what the engine wrote without importing the engine.
"""

import csv
import hashlib
import io
import json
import os
import shutil
import tempfile
import zipfile
from collections.abc import Mapping, Sequence
from importlib.resources import files
from pathlib import Path
from typing import Any

from exam.disk import nothing_half

COLUMNS: dict[str, tuple[str, ...]] = {
    "sessions": ("session", "site", "subject", "date", "start", "end", "seats"),
    "pools": ("pool", "session", "classes", "seats", "vehicles", "offers"),
    "applications": (
        "application",
        "candidate",
        "subject",
        "licence_class",
        "tier",
        "key",
        "lot",
        "any_session",
        "earliest",
        "latest",
        "partner",
        "prior",
        "pinned",
        "area",
        "needs",
        "commitment",
    ),
    "choices": ("application", "order", "session"),
}
"""Columns of the round format, in declared order; `commitment` is ours, beside what is hashed."""

CHECKER = Path(str(files("scheduler"))) / "checker.py"
"""One file of the standard library alone: it verifies every plan, and the public downloads it."""

PLAN_FILES = ("assignments.csv", "refused.csv", "certificate.json", "summary.json")

REASONS, WORTH, FAIRNESS = "reasons.json", "worth.json", "fairness.json"
"""For the office: beside the public files, and never among them."""

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\0")

Row = Mapping[str, Any]


def folder_of(data_folder: Path, code: str) -> Path:
    """Where the files of a round lie."""
    return data_folder / "rounds" / code


def write_round(folder: Path, config: bytes, tables: Mapping[str, Sequence[Row]]) -> None:
    """Write a round beside its place and rename it there; an earlier try is replaced.

    Args:
        folder: the round's own folder.
        config: the bytes of ``round.toml``.
        tables: rows by table, in the order of the format; an empty one has its header alone.
    """
    folder.parent.mkdir(parents=True, exist_ok=True)
    beside = Path(tempfile.mkdtemp(prefix=f".{folder.name}.", dir=folder.parent))
    try:
        (beside / "round.toml").write_bytes(config)
        for name, columns in COLUMNS.items():
            _write_table(beside / f"{name}.csv", columns, tables.get(name, ()))
        beside.chmod(0o755)
        if folder.exists():
            shutil.rmtree(folder)
        os.replace(beside, folder)  # noqa: PTH105 - Path.rename says less about an existing target
    finally:
        shutil.rmtree(beside, ignore_errors=True)


def keep(folder: Path, name: str, content: Mapping[str, Any]) -> None:
    """Keep something about a round for the office; an earlier one is replaced whole."""
    draft = folder / f"{name}.draft"
    with nothing_half(draft):
        draft.write_text(json.dumps(content), encoding="utf-8")
        draft.replace(folder / name)


def kept(folder: Path, name: str) -> dict[str, Any] | None:
    """What is kept about a round; None where nothing is."""
    try:
        return read_json(folder / name)
    except FileNotFoundError:
        return None


def reason(folder: Path, name: str | None) -> dict[str, Any] | None:
    """What would have got one refused application a seat; None where nothing is kept of it."""
    known: dict[str, dict[str, Any]] = kept(folder, REASONS) or {}
    return known.get(name or "")


def _write_table(path: Path, columns: Sequence[str], rows: Sequence[Row]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(columns)
        writer.writerows([_cell(row.get(column, "")) for column in columns] for row in rows)


def _cell(value: Any) -> Any:
    """Let a value into a public table.

    Its bytes are hashed, so nothing can be escaped: what a spreadsheet would run is refused.
    """
    if isinstance(value, str) and value.startswith(FORMULA_STARTS):
        raise ValueError(f"{value[:20]!r} would be a formula where the table is opened")
    return value


def read_table(path: Path) -> list[dict[str, str]]:
    """The rows of a CSV table."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def read_json(path: Path) -> dict[str, Any]:
    """A JSON object."""
    content: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return content


def digests(folder: Path, names: Sequence[str]) -> dict[str, str]:
    """SHA-256 of files, by name."""
    return {name: hashlib.sha256((folder / name).read_bytes()).hexdigest() for name in names}


def public_files(folder: Path) -> dict[str, Path]:
    """What the public may download of a published round, by name."""
    found = [folder / "round" / "round.toml"]
    found += [folder / "round" / f"{name}.csv" for name in COLUMNS]
    found += [folder / "plan" / name for name in PLAN_FILES]
    return {f"{path.parent.name}/{path.name}": path for path in found if path.is_file()}


def archive(folder: Path) -> io.BytesIO:
    """The public files of a round and the checker as one ZIP, ready to run."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, path in public_files(folder).items():
            packed.write(path, name)
        packed.write(CHECKER, "checker.py")
    buffer.seek(0)
    return buffer
