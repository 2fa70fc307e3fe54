"""The example ledger is a test vector: other programs must come to the same hashes."""

import base64
import hashlib
import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

import proctor.ledger
from proctor.cli import main
from proctor.ledger.lines import LineType
from proctor.ledger.writer import LedgerWriter

EXAMPLE = Path(proctor.ledger.__file__).parent / "example"
HEAD = "23a29144ba77dcfe1f357a204da28ece5b8854b1e9c12bb9dffa904cab17a4d9"
CLIP = b"\x00\x00\x00\x18ftypisom, eight seconds of an empty chair"
# The seed of the first test vector of RFC 8032: published, so worth nothing but as an example.
SEED = bytes.fromhex("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60")


def plain(value: object) -> bytes:
    """RFC 8785 for what a ledger holds: integers, plain ASCII names, no floats."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def test_its_ten_lines_hold_by_the_written_rules_alone() -> None:
    public = serialization.load_pem_public_key((EXAMPLE / "key.pub").read_bytes())
    prev, types = "0" * 64, []
    for number, raw in enumerate((EXAMPLE / "ledger.jsonl").read_bytes().splitlines(), start=1):
        line = json.loads(raw)
        assert plain(line) == raw
        assert line["seq"] == number
        assert line["prev"] == prev
        assert line["payload_sha256"] == sha256(plain(line["payload"]))
        assert line.pop("hash") == sha256(plain(line))
        if line["type"] == "checkpoint":
            assert line["payload"]["head"] == prev
            public.verify(base64.b64decode(line["payload"]["signature"]), bytes.fromhex(prev))
        prev = sha256(plain(line))
        types.append(line["type"])
    assert len(types) == 10
    assert set(types) == set(LineType)
    assert prev == HEAD


def test_verify_calls_it_whole_and_signed(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["verify", str(EXAMPLE), "--key", str(EXAMPLE / "key.pub"), "--head", HEAD]) == 0
    assert "signed up to seq 10" in capsys.readouterr().err


def test_the_writer_still_writes_it_byte_for_byte(tmp_path: Path) -> None:
    write_example(tmp_path)
    for name in ("ledger.jsonl", "key.pub"):
        assert (tmp_path / name).read_bytes() == (EXAMPLE / name).read_bytes()


def clock() -> Iterator[datetime]:
    now = datetime(2027, 3, 1, 1, 0, tzinfo=UTC)
    while True:
        yield now
        now += timedelta(seconds=1.25)


def write_example(folder: Path) -> None:
    key = Ed25519PrivateKey.from_private_bytes(SEED)
    ticks = clock()
    writer = LedgerWriter(folder, clock=lambda: next(ticks), key=key)
    event = {
        "event": 1,
        "kind": "face_absent",
        "group": "conduct",
        "seat": "座位-17",
        "start_ms": 12400,
        "end_ms": 15400,
        "severity": "notice",
        "confidence_pm": 930,
        "facts": {"brightness": 96, "faces": 0},
    }
    writer.append(
        LineType.START,
        {
            "formats": {"events": "kaochang-events/1", "ledger": "kaochang-ledger/1"},
            "versions": {"av": "18.1.0", "numpy": "2.4.6"},
            "stream": "seat-17",
            "profile_sha256": sha256(b"profile"),
            "weights_sha256": sha256(b"weights"),
            "origin_ms": 0,
        },
    )
    writer.append(LineType.OPENED, event)
    writer.append(LineType.UPDATED, event | {"end_ms": 27400, "severity": "alert"})
    writer.append(LineType.CLOSED, event | {"end_ms": 29000, "severity": "alert"})
    clip = {"path": "evidence/0001.mp4", "bytes": len(CLIP), "sha256": sha256(CLIP)}
    writer.append(LineType.EVIDENCE, {"event": 1, "start_ms": 2400} | clip)
    gap = {"start_ms": 60000, "end_ms": 63500, "reason": "not running"}
    writer.append(LineType.GAP, gap)
    writer.checkpoint()
    erased = {"paths": [clip["path"]], "rule": "appeal term over", "authorised": "order-7"}
    writer.append(LineType.ERASED, erased)
    writer.end({"frames": 900, "analysed": 450, "skipped": 0})
    writer.close()
    public = key.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    (folder / "key.pub").write_bytes(public)
