"""The keys that seal evidence in a data folder, and their end."""

from datetime import date
from pathlib import Path

from exam.live.streams import evidence_keys, folder_of, signing_key
from proctor import erasure
from proctor.keyring import KeyRing
from proctor.ledger import keys


def ring_of(data_folder: Path) -> KeyRing:
    """The evidence keys of a data folder, outside the folders of the streams they seal."""
    return KeyRing(evidence_keys(data_folder))


def keys_of(data_folder: Path, stream: str, day: date) -> list[str]:
    """The ids of a stream's keys of a day in UTC: none, or one; more only after a repair."""
    folder = evidence_keys(data_folder) / "evidence"
    return sorted(x.stem.rsplit(".", 1)[1] for x in folder.glob(f"{stream}.{day}.*.json"))


def erase_key(data_folder: Path, key_id: str, *, rule: str, authorised: str) -> list[str]:
    """Erase a key for good, and first, with receipts in the ledger, what it sealed.

    Args:
        data_folder: where keys and streams lie.
        key_id: the key.
        rule: why it may go.
        authorised: who said so, an opaque name.

    Returns:
        The clips that this erased; with the key go all copies of them, wherever they lie.

    Raises:
        KeyGoneError: no such key, or erased already.
        BadInputError: something under it is held, its stream is being watched, or an event of the
            day is still open; nothing is changed.
    """
    ring = ring_of(data_folder)
    folder = folder_of(data_folder, ring.stream_of(key_id))
    paths = erasure.paths_under(folder, key_id)
    if paths:
        signing = keys.load_or_create(signing_key(data_folder))
        erasure.erase(folder, paths, rule=rule, authorised=authorised, key=signing)
    ring.drop(key_id)
    return paths
