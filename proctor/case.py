"""All that a folder holds of one event: its lines, its files, whether they are as recorded."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

from proctor.errors import BadInputError, BrokenLedgerError
from proctor.events import paths_of
from proctor.ledger.lines import NAME, LineType
from proctor.ledger.verify import verify_lines
from proctor.seal import SUFFIX, EvidenceKey, opened
from proctor.shelf import file_facts

_LINES = frozenset({LineType.OPENED, LineType.UPDATED, LineType.CLOSED})


@dataclass
class Case:
    """What the ledger says of one event.

    start: the payload of the start line it was seen under. event: its last payload. evidence: its
    evidence payload, None without one. erased: every path that a line calls erased. interrupted:
    its worker was killed before it ended. head: the ledger's last hash.
    """

    start: dict[str, Any] = field(default_factory=dict)
    event: dict[str, Any] = field(default_factory=dict)
    evidence: dict[str, Any] | None = None
    erased: set[str] = field(default_factory=set)
    interrupted: bool = False
    head: str = ""


def case_of(folder: Path, event: int) -> Case:
    """Read a folder's ledger for one event.

    Raises BadInputError without such a ledger or event, BrokenLedgerError for a broken chain.
    """
    try:
        report = verify_lines((folder / NAME).read_bytes())
    except OSError as error:
        raise BadInputError(f"{folder}: no readable {NAME}") from error
    if report.broken:
        raise BrokenLedgerError(f"{folder / NAME}: {report.broken[0]}")
    case = Case(head=report.head)
    start: dict[str, Any] = {}
    for line in report.lines:
        payload = line["payload"]
        if line["type"] == LineType.START:
            start = payload
        elif line["type"] in _LINES and payload["event"] == event:
            case.start = case.start or start
            case.interrupted = case.start is not start
            case.event = payload
        elif line["type"] == LineType.EVIDENCE and payload["event"] == event:
            case.evidence = payload
        elif line["type"] == LineType.ERASED:
            case.erased.update(payload["paths"])
    if not case.event:
        raise BadInputError(f"EVENT {event}: no line of {folder / NAME} opens it")
    return case


@dataclass
class Kept:
    """The files of one event; `altered` names those that are not as recorded."""

    folder: Path
    paths: list[str]
    key: EvidenceKey | None
    altered: list[str]

    @classmethod
    def of(cls, folder: Path, case: Case, key: EvidenceKey | None) -> "Kept":
        """Find the files; raises BadInputError where there are none, or not any more."""
        number = case.event["event"]
        if case.evidence is None:
            raise BadInputError(f"EVENT {number}: no evidence was kept of it")
        recorded = {case.evidence["path"]: case.evidence["sha256"]}
        recorded |= case.evidence.get("attached", {})
        altered = []
        for path, sha256 in recorded.items():
            file = folder / path
            if not file.resolve().is_relative_to(folder.resolve()):
                raise BadInputError(f"{path}: points outside the folder")
            if not file.is_file():
                why = "was erased" if path in case.erased else "is missing"
                raise BadInputError(f"EVENT {number}: {path} {why}")
            if file_facts(file)[1] != sha256:
                altered.append(f"{path}: altered, its SHA-256 is not the recorded one")
        return cls(folder, paths_of(case.evidence), key, altered)

    def clip(self) -> BinaryIO:
        """Open the clip; raises SealError without its key."""
        return opened(self.folder / self.paths[0], self.key)

    def read(self, ending: str) -> bytes:
        """Return the file beside the clip whose name ends so; raises BadInputError, SealError."""
        for path in self.paths:
            if path.removesuffix(SUFFIX).endswith(ending):
                with opened(self.folder / path, self.key) as file:
                    return file.read()
        raise BadInputError(f"{self.paths[0]}: nothing that ends in {ending} was kept beside it")
