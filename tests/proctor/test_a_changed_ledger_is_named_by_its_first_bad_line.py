import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from proctor.cli import main
from proctor.ledger.lines import FIRST_PREV, canonical, digest
from proctor.ledger.verify import NotALedgerError, verify
from tests.proctor.conftest import KEY

PUBLIC = KEY.public_key()


@pytest.fixture
def folder(watched: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(watched, tmp_path / "copy"))


def lines_of(folder: Path) -> list[bytes]:
    return (folder / "ledger.jsonl").read_bytes().splitlines(keepends=True)


def put(folder: Path, lines: list[bytes]) -> None:
    (folder / "ledger.jsonl").write_bytes(b"".join(lines))


def relinked(lines: list[bytes]) -> list[bytes]:
    """What a forger without the key would do: recompute every hash."""
    prev, made = FIRST_PREV, []
    for seq, raw in enumerate(lines, start=1):
        line: dict[str, Any] = json.loads(raw)
        line |= {"seq": seq, "prev": prev, "payload_sha256": digest(line["payload"])}
        line["hash"] = digest({name: line[name] for name in line if name != "hash"})
        prev = line["hash"]
        made.append(canonical(line) + b"\n")
    return made


def test_an_untouched_folder_is_whole(folder: Path) -> None:
    report = verify(folder, key=PUBLIC)
    assert report.broken == []
    assert report.ended


def test_an_altered_line_is_named(folder: Path) -> None:
    lines = lines_of(folder)
    lines[3] = lines[3].replace(b'"conduct"', b'"CONDUCT"')
    put(folder, lines)
    assert verify(folder).broken[0].startswith("line 4: altered")


def test_an_added_line_is_named(folder: Path) -> None:
    lines = lines_of(folder)
    put(folder, [*lines[:4], lines[3], *lines[4:]])
    assert verify(folder).broken[0].startswith("line 5: ")


def test_swapped_lines_are_named(folder: Path) -> None:
    lines = lines_of(folder)
    lines[2], lines[3] = lines[3], lines[2]
    put(folder, lines)
    assert verify(folder).broken[0].startswith("line 3: reordered")


def test_a_removed_line_is_named(folder: Path) -> None:
    lines = lines_of(folder)
    put(folder, lines[:4] + lines[5:])
    assert verify(folder).broken[0].startswith("line 5: ")


def test_a_removed_first_line_is_named(folder: Path) -> None:
    put(folder, relinked(lines_of(folder)[1:]))
    assert verify(folder).broken[0].startswith("line 1: ")


def test_a_cut_tail_is_open_and_shows_against_a_head_kept_elsewhere(folder: Path) -> None:
    head = verify(folder).head
    put(folder, lines_of(folder)[:-3])
    report = verify(folder)
    assert report.broken == []
    assert report.notes[-1].startswith("open after seq ")
    assert "tail cut" in verify(folder, head=head).broken[0]


def test_a_ledger_made_again_without_the_key_is_named(folder: Path) -> None:
    lines = lines_of(folder)
    lines[3] = lines[3].replace(b'"conduct"', b'"CONDUCT"')
    put(folder, relinked(lines))
    assert verify(folder).broken, "its checkpoints sign other heads"
    unsigned = [raw for raw in relinked(lines) if b'"checkpoint"' not in raw]
    put(folder, relinked(unsigned))
    assert verify(folder).broken == []
    assert "no checkpoint" in verify(folder, key=PUBLIC).broken[0]


def test_another_key_is_named(folder: Path) -> None:
    other = Ed25519PrivateKey.generate().public_key()
    assert "signed by another key" in verify(folder, key=other).broken[0]


def test_altered_missing_and_added_evidence_is_named(folder: Path) -> None:
    first, second, *_ = sorted((folder / "evidence").glob("*.mp4"))
    first.write_bytes(first.read_bytes()[:-1] + b"!")
    second.unlink()
    broken = verify(folder).broken
    assert broken[0].startswith(f"evidence/{first.name}: altered")
    assert broken[1].startswith(f"evidence/{second.name}: missing")


def test_added_evidence_is_named(folder: Path) -> None:
    (folder / "evidence" / "0099.mp4").write_bytes(b"not ours")
    assert verify(folder).broken == ["evidence/0099.mp4: added, no line of the ledger records it"]


def test_evidence_outside_the_folder_is_refused(folder: Path) -> None:
    lines = lines_of(folder)
    at = next(index for index, raw in enumerate(lines) if b'"type":"evidence"' in raw)
    lines[at] = lines[at].replace(b"evidence/0001.mp4", b"../ledger.jsonl")
    put(folder, [raw for raw in relinked(lines) if b'"checkpoint"' not in raw])
    put(folder, relinked(lines_of(folder)))
    assert any("outside the folder" in sentence for sentence in verify(folder).broken)


@pytest.mark.parametrize("content", [b"", b"hello\n", b"\x00\xff" * 40])
def test_what_is_no_ledger_is_told_apart(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "ledger.jsonl").write_bytes(content)
    with pytest.raises(NotALedgerError):
        verify(tmp_path)
    assert main(["verify", str(tmp_path)]) == 2


@pytest.mark.parametrize("line", [b"[1]", b"{}", b'{"seq":1e999}', b'{"a":' * 3000 + b"1"])
def test_any_json_is_refused_without_a_crash(line: bytes, tmp_path: Path) -> None:
    (tmp_path / "ledger.jsonl").write_bytes(line + b"\n")
    try:
        assert verify(tmp_path).broken[0].startswith("line 1: ")
    except NotALedgerError:
        assert not line.startswith(b"{")


def test_the_command_says_whole_and_broken(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["verify", str(folder)]) == 0
    assert "signer unknown" in capsys.readouterr().err
    put(folder, lines_of(folder)[1:])
    assert main(["verify", str(folder)]) == 1
    assert "line 1" in capsys.readouterr().err


def test_an_erased_file_is_whole(folder: Path, make_writer: Callable[..., Any]) -> None:
    (folder / "evidence" / "0001.mp4").unlink()
    assert verify(folder).broken
    writer = make_writer(folder)
    writer.append("erased", {"paths": ["evidence/0001.mp4"], "rule": "r1", "authorised": "d7"})
    writer.close()
    assert verify(folder).broken == []
