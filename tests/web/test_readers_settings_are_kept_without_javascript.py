from __future__ import annotations

from types import SimpleNamespace
from typing import TYPE_CHECKING

import pytest
from flask_login import LoginManager
from sqlalchemy.exc import OperationalError

from exam.web.preferences import local_path

if TYPE_CHECKING:
    from flask import Flask
    from flask.testing import FlaskClient


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    app.config["WTF_CSRF_ENABLED"] = False
    return app.test_client()


def test_each_setting_changes_the_next_page(client: FlaskClient) -> None:
    for name, value, sign in (
        ("theme", "dark", 'data-bs-theme="dark"'),
        ("mode", "elder", 'data-mode="elder"'),
        ("lang", "en", '<html lang="en"'),
    ):
        assert sign not in client.get("/sample").text
        answer = client.post("/preferences", data={name: value, "next": "/sample?page=2"})
        assert answer.status_code == 303
        assert answer.headers["Location"] == "/sample?page=2"
        cookie = answer.headers["Set-Cookie"]
        assert "HttpOnly" in cookie
        assert "SameSite=Lax" in cookie
        assert sign in client.get("/sample").text


@pytest.mark.parametrize("data", [{}, {"theme": "pink"}, {"mode": "elder", "lang": "fr"}])
def test_an_unknown_setting_is_refused(client: FlaskClient, data: dict[str, str]) -> None:
    assert client.post("/preferences", data=data).status_code == 400


def test_a_forged_cookie_means_the_default(client: FlaskClient) -> None:
    client.set_cookie("theme", '"><script>')
    client.set_cookie("lang", "xx")
    assert 'lang="zh-CN" data-bs-theme="light"' in client.get("/sample").text


@pytest.mark.parametrize(
    "address",
    [
        "https://evil.test/",
        "//evil.test",
        "/\\evil.test",
        "\\\\evil.test",
        "evil",
        "/\t/evil.test",
        "javascript:alert(1)",
        "",
        "http:/x",
    ],
)
def test_no_setting_leads_away(address: str) -> None:
    assert local_path(address) == "/"


@pytest.mark.parametrize("address", ["/", "/sample?a=1&b=/x", "/考场"])
def test_a_path_of_this_site_is_kept(address: str) -> None:
    assert local_path(address) == address


@pytest.mark.parametrize(
    ("header", "lang"),
    [
        (None, "zh-CN"),
        ("en-GB,en;q=0.9", "en"),
        ("fr", "zh-CN"),
        ("zh-TW,zh;q=0.9,en;q=0.8", "zh-CN"),
        ("en;q=0.3,zh-CN", "zh-CN"),
    ],
)
def test_without_a_choice_the_browser_decides_and_chinese_is_the_default(
    client: FlaskClient, header: str | None, lang: str
) -> None:
    page = client.get("/sample", headers={"Accept-Language": header} if header else {})
    assert f'<html lang="{lang}"' in page.text


def test_the_account_decides_before_the_browser_and_the_cookie_before_both(
    app: Flask, client: FlaskClient
) -> None:
    manager = LoginManager(app)
    manager.request_loader(
        lambda _request: SimpleNamespace(is_authenticated=True, language="en", display_name="王<b>")
    )
    page = client.get("/sample", headers={"Accept-Language": "zh"}).text
    assert '<html lang="en"' in page
    assert "王&lt;b&gt;" in page
    client.set_cookie("lang", "zh")
    assert '<html lang="zh-CN"' in client.get("/sample").text


def test_a_lost_database_does_not_take_the_language_of_the_error_page(app: Flask) -> None:
    def lost(_request: object) -> None:
        raise OperationalError("select", {}, OSError("gone"))

    LoginManager(app).request_loader(lost)
    page = app.test_client().get("/errors/503", headers={"Accept-Language": "en"})
    assert page.status_code == 200
    assert "The service is resting" in page.text
