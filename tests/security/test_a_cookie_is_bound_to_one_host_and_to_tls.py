from __future__ import annotations

import hashlib
from collections.abc import Callable
from http.cookies import SimpleCookie

import pytest
from flask import Flask, session
from flask.sessions import SecureCookieSessionInterface
from flask_wtf.csrf import generate_csrf
from itsdangerous import BadSignature, URLSafeTimedSerializer

from tests.security.conftest import OFFICE

OLD = "an older key of these tests, long enough to be one"
NEW = "a newer key of these tests, long enough to be one"


@pytest.fixture
def set_cookie(office: Flask) -> SimpleCookie:
    """What the browser is given for a session and for two settings."""

    @office.get("/remember-me")
    def remember_me() -> str:
        session["something"] = "kept"
        return ""

    client = office.test_client()
    given = client.get("/remember-me", base_url=OFFICE).headers.getlist("Set-Cookie")
    office.config["WTF_CSRF_ENABLED"] = False
    kept = client.post("/preferences", base_url=OFFICE, data={"theme": "dark", "lang": "en"})
    cookies = SimpleCookie()
    for line in given + kept.headers.getlist("Set-Cookie"):
        cookies.load(line)
    return cookies


def test_every_cookie_is_for_this_host_over_tls_and_for_no_script(set_cookie: SimpleCookie) -> None:
    assert set(set_cookie) == {"__Host-session", "__Host-theme", "__Host-lang"}
    for cookie in set_cookie.values():
        assert cookie["secure"]
        assert cookie["httponly"]
        assert cookie["samesite"] == "Lax"
        assert cookie["path"] == "/"
        assert not cookie["domain"]
        assert len(cookie.key + cookie.value) < 4096


def test_a_setting_is_read_under_the_name_it_was_given(office: Flask) -> None:
    client = office.test_client()
    client.set_cookie("__Host-lang", "en", domain="exam.example.cn", secure=True)
    assert 'lang="en"' in client.get("/sign-in", base_url=OFFICE).get_data(as_text=True)
    # Another host of the domain could have set this one.
    other = office.test_client()
    other.set_cookie("lang", "en", domain="exam.example.cn")
    assert 'lang="zh-CN"' in other.get("/sign-in", base_url=OFFICE).get_data(as_text=True)


def test_a_session_is_signed_with_sha256(office: Flask) -> None:
    signer = office.session_interface.get_signing_serializer(office)
    assert signer.make_signer().digest_method().name == "sha256"
    flasks_own = SecureCookieSessionInterface().get_signing_serializer(office).dumps({"a": 1})
    client = office.test_client()
    client.set_cookie("__Host-session", flasks_own, domain="exam.example.cn", secure=True)
    with client.session_transaction(base_url=OFFICE) as found:
        assert dict(found) == {}


def test_a_forms_token_is_signed_with_sha256(office: Flask) -> None:
    with office.test_request_context():
        token = generate_csrf()
    key, salt = office.secret_key, "wtf-csrf-token"
    assert URLSafeTimedSerializer(key, salt=salt).loads(token)
    old = URLSafeTimedSerializer(key, salt=salt, signer_kwargs={"digest_method": hashlib.sha1})
    with pytest.raises(BadSignature):
        old.loads(token)


def test_what_an_older_key_signed_is_read_until_the_key_is_struck_off(
    installation: Callable[..., Flask],
) -> None:
    before = installation(secret_key=OLD)
    serializer = before.session_interface.get_signing_serializer(before)
    cookie = serializer.dumps({"something": "kept"})
    for previous, seen in (((OLD,), {"something": "kept"}), ((), {})):
        client = installation(secret_key=NEW, previous_secret_keys=previous).test_client()
        client.set_cookie("__Host-session", cookie, domain="exam.example.cn", secure=True)
        with client.session_transaction(base_url=OFFICE) as found:
            assert dict(found) == seen
