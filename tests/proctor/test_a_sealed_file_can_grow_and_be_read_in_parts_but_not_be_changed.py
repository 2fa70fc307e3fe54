import io
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from proctor.seal import (
    CHUNK,
    EvidenceKey,
    SealedReader,
    SealedWriter,
    SealError,
    key_id_of,
    opened,
)

KEY = EvidenceKey("0123456789abcdef" * 2, bytes(range(32)))
WHOLE = CHUNK + 16
HEADER = 40


def put(path: Path, data: bytes, *, piece: int = 1000, key: EvidenceKey = KEY) -> Path:
    writer = SealedWriter(path, key)
    for at in range(0, len(data), piece):
        writer.write(data[at : at + piece])
    writer.close()
    return path


def pattern(size: int) -> bytes:
    return (bytes(range(251)) * (size // 251 + 1))[:size]


def read(path: Path, key: EvidenceKey = KEY) -> bytes:
    with opened(path, key) as file:
        return file.read()


@given(
    size=st.one_of(
        st.integers(0, 100),
        st.builds(lambda n, off: max(0, n * CHUNK + off), st.integers(0, 3), st.integers(-2, 2)),
    ),
    piece=st.sampled_from([1000, 7777, CHUNK, 3 * CHUNK]),
    cuts=st.lists(st.tuples(st.integers(0, 4 * CHUNK), st.integers(0, 2 * CHUNK)), max_size=4),
)
@settings(max_examples=60)
def test_every_part_reads_as_it_was_written(
    tmp_path: Path, size: int, piece: int, cuts: list[tuple[int, int]]
) -> None:
    data = pattern(size)
    path = put(tmp_path / "x.mp4.sealed", data, piece=piece)
    assert read(path) == data
    with opened(path, KEY) as file:
        for start, length in cuts:
            file.seek(start)
            assert file.read(length) == data[start : start + length]
        assert file.seek(0, io.SEEK_END) == size


@pytest.mark.parametrize("at", [0, 8, 24, HEADER, HEADER + 5, HEADER + WHOLE + 3, -1])
def test_a_changed_byte_is_never_read(tmp_path: Path, at: int) -> None:
    path = put(tmp_path / "x.sealed", pattern(3 * CHUNK))
    data = bytearray(path.read_bytes())
    data[at] ^= 1
    path.write_bytes(data)
    try:
        found = read(path)
    except SealError:
        return
    assert at == -1, "only a changed last chunk reads as one that is not there yet"
    assert found == pattern(3 * CHUNK)[: len(found)]
    assert not SealedReader(path, KEY).finished


@pytest.mark.parametrize("left", [HEADER, HEADER + WHOLE, HEADER + 2 * WHOLE, HEADER + WHOLE + 9])
def test_a_cut_file_is_not_finished(tmp_path: Path, left: int) -> None:
    path = put(tmp_path / "x.sealed", pattern(3 * CHUNK + 5))
    assert SealedReader(path, KEY).finished
    path.write_bytes(path.read_bytes()[:left])
    reader = SealedReader(path, KEY)
    assert not reader.finished
    assert reader.read() == pattern((left - HEADER) // WHOLE * CHUNK)


def test_chunks_cannot_be_moved_within_or_between_files(tmp_path: Path) -> None:
    first = put(tmp_path / "1.sealed", pattern(3 * CHUNK)).read_bytes()
    second = put(tmp_path / "2.sealed", pattern(3 * CHUNK)).read_bytes()
    assert first[HEADER:] != second[HEADER:], "the same text never seals to the same bytes"
    one, two = HEADER + WHOLE, HEADER + 2 * WHOLE
    swapped = first[:HEADER] + first[one:two] + first[HEADER:one] + first[two:]
    mixed = first[:one] + second[one:two] + first[two:]
    for forged in (swapped, mixed):
        path = tmp_path / "forged.sealed"
        path.write_bytes(forged)
        with pytest.raises(SealError, match="was altered"):
            read(path)


def test_what_was_written_before_is_never_written_again(tmp_path: Path) -> None:
    path = tmp_path / "x.sealed"
    writer = SealedWriter(path, KEY)
    seen = b""
    for _ in range(5):
        writer.write(pattern(CHUNK // 2))
        now = path.read_bytes()
        assert now.startswith(seen)
        seen = now
    writer.close()
    writer.close()
    assert path.read_bytes().startswith(seen)


def test_other_keys_and_plain_files_are_told(tmp_path: Path) -> None:
    path = put(tmp_path / "x.mp4.sealed", b"seen")
    assert key_id_of(path) == KEY.key_id
    with pytest.raises(SealError, match="not sealed with key"):
        read(path, EvidenceKey.generate())
    with pytest.raises(SealError, match="was not given"):
        opened(path, None)
    plain = tmp_path / "y.mp4"
    plain.write_bytes(b"plain")
    assert read(plain) == b"plain"
    plain.rename(tmp_path / "y.mp4.sealed")
    with pytest.raises(SealError, match="not a sealed file"):
        opened(tmp_path / "y.mp4.sealed", KEY)


def test_a_key_file_is_made_once_and_read_back(tmp_path: Path) -> None:
    path = tmp_path / "keys" / "evidence.key"
    key = EvidenceKey.generate()
    key.save(path)
    assert EvidenceKey.load(path) == key
    assert path.stat().st_mode & 0o077 == 0
    with pytest.raises(FileExistsError):
        EvidenceKey.generate().save(path)
    assert list(path.parent.iterdir()) == [path]
    for text in ("", "x y", f"{key.key_id} AAAA", "abcd " + "A" * 43 + "="):
        other = tmp_path / "other.key"
        other.write_text(text)
        with pytest.raises(SealError):
            EvidenceKey.load(other)
