"""Erases evidence with a receipt: the ledger first tells what goes and by which rule.

The line is written before the file goes. A process killed between the two leaves a file that a
line calls erased; it goes when the folder is opened again.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from proctor.errors import BadInputError, BrokenLedgerError
from proctor.events import EventBook, paths_of
from proctor.ledger import keys, verify
from proctor.ledger.lines import NAME, LineType, Payload
from proctor.ledger.writer import FolderTakenError, LedgerBrokenError, LedgerWriter
from proctor.seal import SUFFIX, key_id_of

HOLD = "hold"


@dataclass(frozen=True)
class Holds:
    """What of one folder must stay: everything, or these paths relative to the folder."""

    everything: bool
    paths: frozenset[str]

    @classmethod
    def of(cls, folder: Path, held: Iterable[str] = ()) -> "Holds":
        """Return the holds on `folder`: `held`, and what the `hold` file beside it lists.

        The file lies in the folder's parent, one `FOLDER` or `FOLDER/path` a line, `#` before a
        remark. One that is there and cannot be read holds everything.
        """
        try:
            text = (folder.parent / HOLD).read_text(encoding="utf-8")
        except FileNotFoundError:
            text = ""
        except (OSError, UnicodeDecodeError):
            return cls(everything=True, paths=frozenset())
        lines = {line.partition("#")[0].strip().rstrip("/") for line in text.splitlines()}
        mine = f"{folder.name}/"
        listed = {line.removeprefix(mine) for line in lines if line.startswith(mine)}
        return cls(everything=folder.name in lines, paths=frozenset(listed | set(held)))

    def keep(self, paths: Sequence[str]) -> bool:
        """Whether any of these files, which belong together, must stay."""
        return self.everything or not self.paths.isdisjoint(paths)


def beyond(book: EventBook, folder: Path, *, keep_bytes: int, holds: Holds) -> list[str]:
    """Return the paths of the oldest finished clips that a budget in bytes has no room for.

    What is held is not counted, and the newest clip stays whatever its size.
    """
    clips = [paths_of(clip) for clip in book.finished_evidence()]
    free = [(paths, _size(folder, paths)) for paths in clips if not holds.keep(paths)]
    total = sum(size for _, size in free)
    erased: list[str] = []
    for paths, size in free[:-1]:
        if total <= keep_bytes:
            break
        total -= size
        erased += paths
    return erased


def _size(folder: Path, paths: Sequence[str]) -> int:
    files = (folder / path for path in paths)
    return sum(file.stat().st_size for file in files if file.is_file())


def receipt(paths: Sequence[str], *, rule: str, authorised: str) -> Payload:
    """Return the payload of an `erased` line."""
    return {"paths": sorted(paths), "rule": rule, "authorised": authorised}


def remove(folder: Path, paths: Iterable[str]) -> None:
    """Let files go that a line already calls erased; those that are gone are passed over."""
    for path in paths:
        (folder / path).unlink(missing_ok=True)


def erase(
    folder: Path,
    paths: Sequence[str],
    *,
    rule: str,
    authorised: str,
    key: Ed25519PrivateKey | None = None,
    held: Iterable[str] = (),
    clock: Callable[[], datetime] = lambda: datetime.now(UTC),
) -> dict[str, object]:
    """Erase named evidence of a folder that nobody is writing; returns the ledger's line.

    paths: relative to the folder, as the ledger records them; with a clip goes what was kept
    beside it. rule: why it may go. authorised: who said so, an opaque name. A signed ledger needs
    the key that signed it, so that the receipt is signed too.

    Raises BadInputError, with nothing changed, for a path that is not recorded, is held or belongs
    to an event that is still open, for a missing or other key and for a folder that is being
    written; BrokenLedgerError for a chain that does not hold.
    """
    try:
        writer = LedgerWriter(folder, clock=clock, key=key)
    except FolderTakenError as error:
        raise BadInputError(f"{folder}: {error}; end its watch first") from error
    except LedgerBrokenError as error:
        raise BrokenLedgerError(str(error)) from error
    try:
        _refuse_other_key(writer, key)
        book = EventBook()
        for line in writer.lines:
            book.take(line)
        going = _whole(book, paths, Holds.of(folder, held))
        payload = receipt(going, rule=rule, authorised=authorised)
        line = writer.append(LineType.ERASED, payload)
        book.take(line)
        writer.checkpoint()
        remove(folder, going)
        book.write(folder)
    finally:
        writer.close()
    return line


def paths_under(folder: Path, key_id: str) -> list[str]:
    """Return the evidence of closed events that is sealed with a key and not erased yet.

    Raises BrokenLedgerError for a chain that does not hold, BadInputError without a ledger or where
    something under the key is not finished.
    """
    try:
        report = verify.verify_lines((folder / NAME).read_bytes())
    except OSError as error:
        raise BadInputError(f"{folder}: no readable {NAME}") from error
    if report.broken:
        raise BrokenLedgerError(f"{folder / NAME}: {report.broken[0]}")
    book = EventBook()
    for line in report.lines:
        book.take(line)
    finished = [x for x in book.finished_evidence() if x.get("key_id") == key_id]
    recorded = {path for payload in finished for path in paths_of(payload)} | book.erased
    for file in sorted((folder / verify.EVIDENCE).glob(f"*{SUFFIX}")):
        if f"{verify.EVIDENCE}/{file.name}" not in recorded and key_id_of(file) == key_id:
            raise BadInputError(f"{file}: still being written under this key; end its watch first")
    return [x["path"] for x in finished]


def _refuse_other_key(writer: LedgerWriter, key: Ed25519PrivateKey | None) -> None:
    signed = [x["payload"]["key_id"] for x in writer.lines if x["type"] == LineType.CHECKPOINT]
    if not writer.lines:
        raise BadInputError("ledger: empty, nothing to erase here")
    if signed and (key is None or keys.key_id(key.public_key()) != signed[-1]):
        raise BadInputError(f"key: this ledger is signed by {signed[-1]}; erase with that key")


def _whole(book: EventBook, paths: Sequence[str], holds: Holds) -> list[str]:
    """Return the named paths and what goes with them, or refuse."""
    clips = [paths_of(clip) for clip in book.finished_evidence()]
    going: set[str] = set()
    for path in paths:
        found = next((clip for clip in clips if path in clip), None)
        if found is None:
            raise BadInputError(f"paths: {path} is not recorded evidence of a closed event")
        if holds.keep(found):
            raise BadInputError(f"paths: {path} is held; lift the hold first")
        going.update(found if path == found[0] else [path])
    if not going:
        raise BadInputError("paths: name at least one file")
    return sorted(going)
