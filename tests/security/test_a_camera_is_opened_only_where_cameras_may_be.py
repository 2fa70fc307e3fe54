from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st

from exam.errors import InvalidInput
from exam.live.sources import Reach, check_source, reach_of
from exam.live.states import View
from exam.live.streams import WatchedCamera
from exam.live.worker import reachable

DEFAULT = ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7")
PORTS = (554, 8554, 322, 8322)


@pytest.fixture
def reach(tmp_path: Path) -> Reach:
    return Reach(tmp_path, (*DEFAULT, "mediamtx"), PORTS)


@pytest.mark.parametrize(
    "source",
    [
        "cameras/seat.mp4",
        "a film.mp4".replace(" ", "-"),
        "/dev/video0",
        "rtsp://10.1.2.3/stream",
        "rtsp://user:word@192.168.1.9:8554/1",
        "rtsps://[fd00::7]/1",
        "rtsp://mediamtx:8554/seat-05",
        "RTSP://MediaMTX/seat-05".replace("RTSP", "rtsp"),
    ],
)
def test_files_devices_and_cameras_of_our_networks_are_opened(source: str, reach: Reach) -> None:
    check_source(source, reach)


@pytest.mark.parametrize(
    "source",
    [
        # Other protocols, plain or hidden in a file's name.
        "http://10.0.0.1/",
        "https://10.0.0.1/",
        "file:///etc/passwd",
        "concat:a.mp4|b.mp4",
        "subfile,,start,0,end,9,,:/etc/passwd.mp4",
        "srt://10.0.0.1:8554",
        "rtsp:/10.0.0.1/1",
        "RTSP+http://10.0.0.1/1",
        # Files that are not ours, or not films.
        "/etc/passwd",
        "/var/films/a.mp4",
        "../a.mp4",
        "cameras/../../a.mp4",
        "keys/cameras.key",
        "list.m3u8",
        "-vf.mp4",
        "~/a.mp4",
        "/dev/sda",
        "/dev/video0/../sda",
        # Addresses at which machines speak of themselves, however they are written.
        "rtsp://169.254.169.254/latest",
        "rtsp://[::ffff:169.254.169.254]/",
        "rtsp://[fe80::1]/",
        "rtsp://127.0.0.1:8554/",
        "rtsp://[::1]/",
        "rtsp://[::ffff:127.0.0.1]/",
        "rtsp://0.0.0.0/",
        "rtsp://224.0.0.1/",
        "rtsp://2130706433/",
        "rtsp://0x7f.1/",
        "rtsp://127.1/",
        "rtsp://0177.0.0.1/",
        # Names that nobody has named, and addresses of others.
        "rtsp://localhost/1",
        "rtsp://camera.example/1",
        "rtsp://mediamtx.evil.example/1",
        "rtsp://10.0.0.1@evil.example/1",
        "rtsp://8.8.8.8/1",
        # Ports of other services.
        "rtsp://10.0.0.1:6379/1",
        "rtsp://10.0.0.1:22/1",
        "rtsp://10.0.0.1:0/1",
        "rtsp://10.0.0.1:99999/1",
        "rtsp://10.0.0.1:x/1",
        # Broken ones.
        "",
        "rtsp://",
        "rtsp:///1",
        "rtsp://[::1/1",
        "rtsp://10.0.0.1/a b",
        "rtsp://10.0.0.1/a\r\nOPTIONS",
        "rtsp://10.0.0.1\\@evil.example/1",
        "rtsp://10.0.0.1/" + "x" * 300,
    ],
)
def test_everything_else_is_refused_and_the_field_is_named(source: str, reach: Reach) -> None:
    with pytest.raises(InvalidInput) as refused:
        check_source(source, reach)
    assert refused.value.field == "source"


def test_a_link_that_leads_out_of_the_folder_is_not_followed(reach: Reach) -> None:
    (reach.data_folder / "out.mp4").symlink_to("/etc/passwd")
    with pytest.raises(InvalidInput):
        check_source("out.mp4", reach)


@given(st.ip_addresses(v=4, network="169.254.0.0/16"))
def test_no_setting_opens_the_way_to_link_local_addresses(address: object) -> None:
    everything = Reach(Path("/nowhere"), ("0.0.0.0/0", "::/0"), PORTS)
    with pytest.raises(InvalidInput):
        check_source(f"rtsp://{address}/1", everything)
    with pytest.raises(InvalidInput):
        check_source(f"rtsp://[::ffff:{address}]/1", everything)


def test_an_office_says_which_networks_and_ports_are_its_cameras(
    installation: Callable[..., Flask],
) -> None:
    app = installation(camera_hosts=("127.0.0.1",), camera_ports=(5554,))
    reach = reach_of(app.config["KAOCHANG"])
    check_source("rtsp://127.0.0.1:5554/1", reach)
    for other in ("rtsp://10.0.0.1:5554/1", "rtsp://127.0.0.1/1"):
        with pytest.raises(InvalidInput):
            check_source(other, reach)


def test_a_worker_leaves_out_what_it_may_not_open_and_watches_the_rest(reach: Reach) -> None:
    """Whoever can write the list of cameras can still not send a worker where he likes."""
    cameras = [
        WatchedCamera(stream=f"s{i}", source=source, view=View.SEAT, people=1)
        for i, source in enumerate(("seat.mp4", "http://169.254.169.254/", "rtsp://10.0.0.1/1"))
    ]
    assert [x.stream for x in reachable(cameras, reach)] == ["s0", "s2"]
