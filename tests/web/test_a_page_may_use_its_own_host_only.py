from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from exam.web.assets import DEFAULT_DIR, AssetsMissingError, manifest
from exam.web.headers import content_security_policy

if TYPE_CHECKING:
    from flask import Flask
    from flask.testing import FlaskClient

ROOT = Path(__file__).resolve().parents[2]
ADDRESS = re.compile(r"\b(?:https?|wss?)://([\w.-]+)")
INLINE = re.compile(r'<style|\sstyle="|<script(?![^>]*src=)|\son[a-z]+="|hx-on')


def test_built_files_name_no_other_host() -> None:
    files = [DEFAULT_DIR / name for name in manifest(DEFAULT_DIR).values()]
    assert len(files) >= 4
    for path in files:
        text = path.read_text(encoding="utf-8")
        # The names of SVG's and other XML vocabularies look like addresses; nobody fetches them.
        assert set(ADDRESS.findall(text)) <= {"www.w3.org"}, path.name
        assert "@import" not in text
        assert "sourceMappingURL" not in text


def test_templates_name_no_other_host_and_hold_no_inline_code() -> None:
    for path in (ROOT / "templates").rglob("*.html"):
        text = path.read_text(encoding="utf-8")
        assert not ADDRESS.search(text), path
        assert not INLINE.search(text), path


def test_the_lock_file_holds_hashes_and_no_addresses() -> None:
    text = (ROOT / "frontend" / "package-lock.json").read_text(encoding="utf-8")
    assert "://" not in text
    packages = json.loads(text)["packages"]
    assert all("integrity" in facts for name, facts in packages.items() if name)


def test_versions_are_exact() -> None:
    package = json.loads((ROOT / "frontend" / "package.json").read_text(encoding="utf-8"))
    versions = [*package["dependencies"].values(), *package["devDependencies"].values()]
    assert all(re.fullmatch(r"\d+\.\d+\.\d+", version) for version in versions)


def test_the_first_view_is_small() -> None:
    names = manifest(DEFAULT_DIR)
    first = [names["app.js"], names["app.css"], names["icons.svg"]]
    assert sum((DEFAULT_DIR / f"{name}.gz").stat().st_size for name in first) < 200_000


@pytest.mark.parametrize("path", ["/sample", "/nothing-here", "/assets/nothing.js"])
def test_every_answer_carries_the_policy(client: FlaskClient, path: str) -> None:
    headers = client.get(path).headers
    policy = headers["Content-Security-Policy"]
    assert "unsafe" not in policy
    assert "connect-src 'self' ws://localhost wss://localhost;" in policy
    for rule in (
        "default-src 'self'",
        "object-src 'none'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
        "form-action 'self'",
    ):
        assert rule in policy
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"
    assert headers["Cache-Control"]


@pytest.mark.parametrize("host", ["evil.test; script-src *", "a b", "x'", "host:99999999", ""])
def test_a_forged_host_cannot_write_into_the_policy(host: str) -> None:
    assert "connect-src 'self';" in content_security_policy(host)


@pytest.mark.parametrize("host", ["exam.example:8000", "[::1]:8000", "10.0.0.3"])
def test_a_plain_host_may_open_sockets_to_itself(host: str) -> None:
    assert f"connect-src 'self' ws://{host} wss://{host};" in content_security_policy(host)


def test_strict_transport_is_asked_for_over_tls_only(client: FlaskClient) -> None:
    assert "Strict-Transport-Security" not in client.get("/sample").headers
    secure = client.get("/sample", base_url="https://localhost")
    assert "Strict-Transport-Security" in secure.headers


def test_pages_are_not_kept_and_built_files_are(client: FlaskClient) -> None:
    assert client.get("/sample").headers["Cache-Control"] == "no-store"
    name = manifest(DEFAULT_DIR)["app.js"]
    with client.get(f"/assets/{name}", headers={"Accept-Encoding": "gzip"}) as packed:
        assert packed.headers["Content-Encoding"] == "gzip"
        assert packed.content_type == "text/javascript; charset=utf-8"
        assert "immutable" in packed.headers["Cache-Control"]
        small = len(packed.data)
    with client.get(f"/assets/{name}", headers={"Accept-Encoding": "identity"}) as plain:
        assert "Content-Encoding" not in plain.headers
        assert len(plain.data) > small
    assert client.get("/assets/manifest.json").status_code == 404


def test_a_missing_build_says_how_to_make_it(app: Flask, tmp_path: Path) -> None:
    app.config["ASSETS_DIR"] = str(tmp_path)
    with pytest.raises(AssetsMissingError, match="npm run build"):
        app.test_client().get("/sample")
