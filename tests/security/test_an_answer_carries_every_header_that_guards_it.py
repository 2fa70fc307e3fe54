from __future__ import annotations

import pytest
from flask import Flask
from flask.testing import FlaskClient
from flask_login import UserMixin, login_user, logout_user

from tests.security.conftest import OFFICE

PATHS = ["/", "/sign-in", "/public/", "/healthz", "/checker", "/nothing-here", "/public/checker.py"]


@pytest.fixture
def reader(office: Flask) -> FlaskClient:
    return office.test_client()


@pytest.mark.parametrize("path", PATHS)
def test_pages_errors_and_files_alike(reader: FlaskClient, path: str) -> None:
    with reader.get(path, base_url=OFFICE) as answer:
        headers = answer.headers
    assert headers["Strict-Transport-Security"] == "max-age=31536000; includeSubDomains"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"
    assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert headers["Cross-Origin-Resource-Policy"] == "same-origin"
    assert headers["Origin-Agent-Cluster"] == "?1"
    assert "microphone=()" in headers["Permissions-Policy"]
    policy = headers["Content-Security-Policy"].split("; ")
    for rule in ("object-src 'none'", "base-uri 'none'", "frame-ancestors 'none'"):
        assert rule in policy
    assert {"frame-src 'none'", "worker-src 'none'", "script-src 'self'"} <= set(policy)
    assert "unsafe" not in headers["Content-Security-Policy"]
    assert "Access-Control-Allow-Origin" not in headers
    assert "gunicorn" not in headers.get("Server", "")


def test_answers_of_the_live_connection_too(reader: FlaskClient) -> None:
    """Socket.IO answers before Flask is asked."""
    address = "/socket.io/?EIO=4&transport=polling"
    with reader.get(address, base_url=OFFICE) as answer:
        assert answer.status_code == 200
        headers = answer.headers
    for name, value in (
        ("X-Content-Type-Options", "nosniff"),
        ("Strict-Transport-Security", "max-age=31536000; includeSubDomains"),
        ("Cross-Origin-Resource-Policy", "same-origin"),
        ("Cache-Control", "no-store"),
    ):
        assert headers.getlist(name) == [value]
    assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]


def test_no_header_stands_twice(reader: FlaskClient) -> None:
    names = [name.lower() for name, _value in reader.get("/sign-in", base_url=OFFICE).headers]
    once = [x for x in names if x not in {"set-cookie", "vary"}]
    assert len(once) == len(set(once))


def test_over_tls_no_socket_is_opened_without_it(reader: FlaskClient) -> None:
    policy = reader.get("/sign-in", base_url=OFFICE).headers["Content-Security-Policy"]
    assert "wss://exam.example.cn" in policy
    assert " ws://" not in policy


@pytest.mark.parametrize("path", PATHS)
def test_text_names_its_letters(reader: FlaskClient, path: str) -> None:
    with reader.get(path, base_url=OFFICE) as answer:
        kind = answer.headers["Content-Type"]
    assert kind == "application/json" or kind.endswith("charset=utf-8")


def test_a_style_is_served_as_a_style(reader: FlaskClient) -> None:
    page = reader.get("/sign-in", base_url=OFFICE).get_data(as_text=True)
    address = page.split('rel="stylesheet" href="')[1].split('"')[0]
    with reader.get(address, base_url=OFFICE) as answer:
        assert answer.headers["Content-Type"] == "text/css; charset=utf-8"
        assert "immutable" in answer.headers["Cache-Control"]


def test_who_is_signed_in_leaves_nothing_in_the_browser(office: Flask) -> None:
    """Also where a view or the framework has its own idea of keeping."""

    @office.get("/kept")
    def kept() -> tuple[str, dict[str, str]]:
        login_user(_Somebody())
        return "mine", {"Cache-Control": "public, max-age=600"}

    with office.test_client().get("/kept", base_url=OFFICE) as answer:
        assert answer.headers["Cache-Control"] == "no-store"


def test_what_anybody_may_download_keeps_what_its_view_said(reader: FlaskClient) -> None:
    with reader.get("/public/checker.py", base_url=OFFICE) as answer:
        assert answer.headers["Cache-Control"] == "no-cache"
        assert answer.headers["Content-Disposition"].startswith("attachment")


def test_signing_out_empties_what_the_browser_kept(office: Flask) -> None:
    @office.get("/in-and-out")
    def in_and_out() -> str:
        login_user(_Somebody())
        logout_user()
        return "gone"

    client = office.test_client()
    answer = client.get("/in-and-out", base_url=OFFICE)
    assert answer.headers["Clear-Site-Data"] == '"cache", "storage"'
    assert "Clear-Site-Data" not in client.get("/sign-in", base_url=OFFICE).headers


class _Somebody(UserMixin):
    """Whoever it is: these pages are not about accounts."""

    def get_id(self) -> str:
        return "somebody"
