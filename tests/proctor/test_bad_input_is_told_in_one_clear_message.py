from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest

from proctor.cli import main
from proctor.scenes import CLIPS


@pytest.fixture
def run(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Callable[..., tuple[int, str]]:
    def ran(source: Path, *more: str) -> tuple[int, str]:
        out, key = str(tmp_path / "out"), str(tmp_path / "key")
        code = main(
            ["watch", str(source), "--view", "seat", "--out", out, "--sign-key", key, *more]
        )
        captured = capsys.readouterr()
        assert captured.out == ""
        return code, captured.err

    return ran


def test_a_missing_file(run: Callable[..., tuple[int, str]], tmp_path: Path) -> None:
    code, said = run(tmp_path / "nothing.mp4")
    assert code == 2
    assert "no such file" in said
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("content", [b"", b"This is a text.\n" * 500, bytes(range(256)) * 64])
def test_a_text_or_garbage_named_mp4(
    content: bytes, run: Callable[..., tuple[int, str]], tmp_path: Path
) -> None:
    video = tmp_path / "video.mp4"
    video.write_bytes(content)
    code, said = run(video)
    assert code == 2
    assert "cannot be read as video" in said


def test_a_file_cut_before_its_index(
    run: Callable[..., tuple[int, str]], tmp_path: Path, quiet: Path
) -> None:
    video = tmp_path / "cut.mp4"
    video.write_bytes(quiet.read_bytes()[:-20_000])
    code, said = run(video)
    assert code == 2
    assert "cut off" in said


def test_a_file_cut_in_the_middle_is_kept_as_far_as_it_goes(
    run: Callable[..., tuple[int, str]], tmp_path: Path, quiet: Path
) -> None:
    video = tmp_path / "cut.mp4"
    data = with_index_first(quiet, tmp_path)
    video.write_bytes(data[: len(data) // 2])
    code, said = run(video)
    assert code == 3
    assert "cut off" in said
    assert main(["verify", str(tmp_path / "out"), "--key", str(tmp_path / "key.pub")]) == 0


def with_index_first(video: Path, folder: Path) -> bytes:
    import av

    target = folder / "first.mp4"
    with (
        av.open(str(video)) as source,
        av.open(str(target), "w", options={"movflags": "faststart"}) as output,
    ):
        stream = output.add_stream_from_template(source.streams.video[0])
        for packet in source.demux(video=0):
            if packet.dts is not None:
                packet.stream = stream
                output.mux(packet)
    return target.read_bytes()


def test_a_reference_without_a_face(run: Callable[..., tuple[int, str]], quiet: Path) -> None:
    code, said = run(quiet, "--reference", str(CLIPS / "empty_room.png"))
    assert code == 2
    assert "empty_room.png: 0 faces found" in said


def test_a_reference_with_two_faces(
    run: Callable[..., tuple[int, str]],
    quiet: Path,
    tmp_path: Path,
    portrait: Callable[[str], Path],
) -> None:
    both = tmp_path / "both.png"
    pictures = [cv2.imread(str(portrait(person))) for person in "AB"]
    cv2.imwrite(str(both), np.hstack(pictures))
    code, said = run(quiet, "--reference", str(both))
    assert code == 2
    assert "2 faces found" in said


def test_a_reference_that_is_no_picture(run: Callable[..., tuple[int, str]], quiet: Path) -> None:
    code, said = run(quiet, "--reference", str(quiet))
    assert code == 2
    assert "not a picture" in said


@pytest.mark.parametrize("people", ["0", "-1", "501"])
def test_an_impossible_number_of_people(
    people: str, run: Callable[..., tuple[int, str]], quiet: Path
) -> None:
    code, said = run(quiet, "--people", people)
    assert code == 2
    assert said.startswith("people: ")


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("people = 'two'", "people"),
        ("unheard = 1", "unheard"),
        ("mute = ['smiling']", "smiling"),
        ("people = ", "TOML"),
        ("rate = 99", "rate"),
    ],
)
def test_a_bad_profile(
    text: str, named: str, run: Callable[..., tuple[int, str]], quiet: Path, tmp_path: Path
) -> None:
    profile = tmp_path / "profile.toml"
    profile.write_text(text)
    code, said = run(quiet, "--profile", str(profile))
    assert code == 2
    assert named in said


def test_a_folder_that_holds_a_ledger(
    run: Callable[..., tuple[int, str]], quiet: Path, tmp_path: Path
) -> None:
    assert run(quiet)[0] == 0
    code, said = run(quiet)
    assert code == 2
    assert "holds a ledger" in said


def test_a_key_inside_the_folder(
    run: Callable[..., tuple[int, str]], quiet: Path, tmp_path: Path
) -> None:
    code, said = run(quiet, "--sign-key", str(tmp_path / "out" / "key"))
    assert code == 2
    assert "keep it outside" in said
