"""Pictures of people at rest: each file is sealed to its own path below the data folder."""

import os
import secrets
from pathlib import Path

from exam.sealing.holder import ring
from exam.sealing.keyring import number_of

MARK = b"KCSEALED"
FOLDERS = ("photos", "identity", "incoming")
"""Where pictures of people lie below the data folder."""


def write(name: str, content: bytes, folder: Path) -> None:
    """Seal a file and put it at ``name`` below the folder, whole or not at all.

    Raises:
        OSError: it cannot be written; nothing is left of it then.
    """
    target = folder / name
    target.parent.mkdir(parents=True, exist_ok=True)
    draft = target.with_name(f".{target.name}.{secrets.token_hex(4)}")
    try:
        draft.write_bytes(MARK + ring().seal(content, bound_to=f"file:{name}"))
        draft.replace(target)
    finally:
        draft.unlink(missing_ok=True)


def read(name: str, folder: Path) -> bytes:
    """The content of a file; one from before files were sealed is read as it stands.

    Raises:
        FileNotFoundError: there is none, or the path leads outside the folder.
        CannotOpen: altered, or it was sealed under another name.
    """
    root = folder.resolve()
    path = (root / name).resolve()
    if not path.is_relative_to(root):
        raise FileNotFoundError(name)
    content = path.read_bytes()
    if not content.startswith(MARK):
        return content
    return ring().open(content[len(MARK) :], bound_to=f"file:{name}")


def all_names(folder: Path) -> list[str]:
    """The pictures below the data folder, by their names, drafts left out."""
    found: list[str] = []
    for top in FOLDERS:
        for path, _below, names in os.walk(folder / top):
            here = Path(path).relative_to(folder)
            found += [(here / x).as_posix() for x in names if not x.startswith(".")]
    return sorted(found)


def key_number(name: str, folder: Path) -> int:
    """The key that sealed a file; 0 for one that is not sealed."""
    with (folder / name).open("rb") as file:
        start = file.read(len(MARK) + 3)
    return number_of(start[len(MARK) :]) if start.startswith(MARK) else 0


def reseal(name: str, folder: Path) -> None:
    """Seal a file anew with the current key; whoever reads meanwhile finds the old or the new."""
    write(name, read(name, folder), folder)
