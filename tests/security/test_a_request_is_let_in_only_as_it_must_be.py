"""For our name, from our pages, with our methods, not too large."""

from __future__ import annotations

import io
from collections.abc import Callable
from itertools import pairwise

import pytest
from flask import Flask
from flask.testing import FlaskClient

from exam.errors import ConfigurationError
from exam.live.webcam_views import CHUNK_MB
from exam.processes import table
from exam.web import admission
from exam.web.admission import ORDINARY_BYTES, PICTURE_MB, body_limit
from tests.house.files import found, project_files
from tests.security.conftest import OFFICE

MEGABYTE = 1024 * 1024


@pytest.fixture
def reader(office: Flask) -> FlaskClient:
    return office.test_client()


@pytest.mark.parametrize("host", ["evil.example", "exam.example.cn.evil.example", "", "a b"])
def test_a_name_that_is_not_ours_is_refused_with_the_way_out(
    reader: FlaskClient, host: str
) -> None:
    answer = reader.get("/sign-in", base_url=OFFICE, headers={"Host": host})
    assert answer.status_code == 400
    assert host == "" or host not in answer.get_data(as_text=True)
    assert "Location" not in answer.headers


@pytest.mark.parametrize("host", ["exam.example.cn", "exam.example.cn:8443"])
def test_our_name_is_answered_on_any_port(reader: FlaskClient, host: str) -> None:
    assert reader.get("/sign-in", base_url=OFFICE, headers={"Host": host}).status_code == 200


def test_this_machine_may_always_ask_whether_it_lives(reader: FlaskClient) -> None:
    assert reader.get("/healthz", headers={"Host": "127.0.0.1:8000"}).status_code != 400


def test_an_office_that_has_named_nothing_answers_this_machine_alone(
    installation: Callable[..., Flask],
) -> None:
    client = installation(trusted_hosts=()).test_client()
    assert client.get("/sign-in", headers={"Host": "localhost:8000"}).status_code == 200
    assert client.get("/sign-in", headers={"Host": "exam.example.cn"}).status_code == 400


def test_the_demo_answers_to_any_name(client: FlaskClient) -> None:
    assert client.get("/sign-in", headers={"Host": "laptop.local:8000"}).status_code == 200


FOREIGN = [
    ("POST", {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate"}),
    ("POST", {"Sec-Fetch-Site": "same-site", "Sec-Fetch-Mode": "cors"}),
    ("GET", {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "no-cors"}),
    ("GET", {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate"}),
]


@pytest.mark.parametrize(("method", "headers"), FOREIGN)
def test_what_another_sites_page_asks_for_is_refused(
    app: Flask, method: str, headers: dict[str, str]
) -> None:
    dest = "document" if method == "POST" else "iframe"
    answer = app.test_client().open(
        "/sign-in", method=method, headers=headers | {"Sec-Fetch-Dest": dest}
    )
    assert answer.status_code == 403


def test_a_link_from_elsewhere_may_be_followed(reader: FlaskClient) -> None:
    headers = {
        "Sec-Fetch-Site": "cross-site",
        "Sec-Fetch-Mode": "navigate",
        "Sec-Fetch-Dest": "document",
    }
    assert reader.get("/sign-in", base_url=OFFICE, headers=headers).status_code == 200


@pytest.mark.parametrize("site", ["same-origin", "none", None])
def test_our_own_pages_and_old_browsers_are_let_in(reader: FlaskClient, site: str | None) -> None:
    headers = {"Sec-Fetch-Site": site} if site else {}
    assert reader.get("/sign-in", base_url=OFFICE, headers=headers).status_code == 200


@pytest.mark.parametrize(
    ("origin", "status"), [(OFFICE, 200), ("https://evil.example", 400), ("null", 400)]
)
def test_a_live_connection_is_opened_from_our_own_pages_alone(
    reader: FlaskClient, origin: str, status: int
) -> None:
    address = "/socket.io/?EIO=4&transport=polling"
    with reader.get(address, base_url=OFFICE, headers={"Origin": origin}) as answer:
        assert answer.status_code == status
        assert answer.headers.get("Access-Control-Allow-Origin", OFFICE) == OFFICE


OF_NOBODY = ("templates/replanning/new.html",)
"""Forms in which only a site and days are chosen: their address can be kept and sent on."""


def test_no_form_writes_what_was_typed_into_an_address() -> None:
    pattern = r"method=.?get|page_form\([^)]*get"
    written = found(pattern, project_files("templates/*.html"))
    assert [x for x in written if not x.startswith(OF_NOBODY)] == []


def test_a_form_without_its_token_is_refused(reader: FlaskClient) -> None:
    answer = reader.post("/sign-in", base_url=OFFICE, data={"username": "a", "password": "b"})
    assert answer.status_code == 400


@pytest.mark.parametrize("method", ["TRACE", "PUT", "DELETE", "PATCH", "CONNECT"])
def test_a_method_that_no_page_has_is_refused(reader: FlaskClient, method: str) -> None:
    assert reader.open("/sign-in", method=method, base_url=OFFICE).status_code == 405


@pytest.mark.parametrize("name", ["X-HTTP-Method-Override", "X-Method-Override", "X-HTTP-Method"])
def test_no_header_or_field_turns_one_method_into_another(client: FlaskClient, name: str) -> None:
    assert client.get("/preferences", headers={name: "POST"}).status_code == 405
    assert client.get("/preferences?_method=POST").status_code == 405
    assert client.post("/sign-out", data={"_method": "GET"}).status_code == 303


def test_changing_anything_takes_a_post(app: Flask) -> None:
    """Pages that are fetched show; only what is sent changes."""
    acts = ("sign_out", "accept", "cancel", "acknowledge", "decide", "save", "choose_role")
    rules = [x for x in app.url_map.iter_rules() if x.endpoint.rpartition(".")[2] in acts]
    assert len(rules) >= len(acts)
    assert all("GET" not in (rule.methods or set()) for rule in rules)


def test_only_what_takes_files_may_be_large(app: Flask) -> None:
    limits = {x: body_limit(app, x) for x in app.view_functions}
    large = {x: limit for x, limit in limits.items() if limit > ORDINARY_BYTES}
    assert large == {
        "school.upload": 64 * MEGABYTE,
        "registration.confirm": PICTURE_MB * MEGABYTE,
        "hall.picture": PICTURE_MB * MEGABYTE,
        "own.begin": PICTURE_MB * MEGABYTE,
        "webcam.chunk": CHUNK_MB * MEGABYTE,
    }


def test_a_form_that_is_too_long_is_refused_before_its_token_is_looked_for(
    reader: FlaskClient,
) -> None:
    body = io.BytesIO(b"username=" + b"x" * ORDINARY_BYTES)
    answer = reader.post(
        "/sign-in",
        base_url=OFFICE,
        input_stream=body,
        content_length=ORDINARY_BYTES + 9,
        content_type="application/x-www-form-urlencoded",
    )
    assert answer.status_code == 413


def test_the_server_limits_lines_and_number_of_headers() -> None:
    words = table.web(host="127.0.0.1", port=8000).argv
    limits = {a: b for a, b in pairwise(words) if a.startswith("--limit")}
    assert limits == {
        "--limit-request-line": "4094",
        "--limit-request-fields": "64",
        "--limit-request-field_size": "8190",
    }


def test_debugging_is_refused_outside_the_demo(
    installation: Callable[..., Flask], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FLASK_DEBUG", "1")
    with pytest.raises(ConfigurationError, match="FLASK_DEBUG"):
        installation()


@pytest.mark.parametrize(
    "path", ["/static/dist/manifest.json", "/.git/config", "/assets/", "/assets"]
)
def test_no_folder_is_listed_and_no_stray_file_served(reader: FlaskClient, path: str) -> None:
    assert reader.get(path, base_url=OFFICE).status_code == 404


def test_a_crash_tells_its_number_and_nothing_else(office: Flask) -> None:
    @office.get("/crash")
    def crash() -> str:
        raise RuntimeError("postgresql://kaochang:hunter2@db/kaochang")

    for accept in ("text/html", "application/json"):
        answer = office.test_client().get("/crash", base_url=OFFICE, headers={"Accept": accept})
        text = answer.get_data(as_text=True)
        assert answer.status_code == 500
        assert not {"hunter2", "RuntimeError", "Traceback"} & set(text.replace(":", " ").split())
        assert "hunter2" not in text
        assert answer.headers["X-Content-Type-Options"] == "nosniff"


def test_every_check_runs_before_the_token_is_read(app: Flask) -> None:
    names = [f"{x.__module__}.{x.__name__}" for x in app.before_request_funcs[None]]
    ours = [names.index(f"{admission.__name__}.{x}") for x in ("_limit_body", "_check_host")]
    token = next(i for i, name in enumerate(names) if "csrf" in name)
    assert max(ours) < token
