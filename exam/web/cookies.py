"""Cookies: bound to one host where pages come over TLS, signed with SHA-256."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from flask import current_app
from flask.sessions import SecureCookieSessionInterface
from itsdangerous import Signer

if TYPE_CHECKING:
    from collections.abc import Sequence

    from flask import Flask

HOST_PREFIX = "__Host-"
"""Browsers take such a cookie over TLS alone, for every path, from no other host (RFC 6265bis)."""


class SessionInterface(SecureCookieSessionInterface):
    """Flask's signed session; its own choice of SHA-1 is what it has for compatibility."""

    digest_method = staticmethod(hashlib.sha256)


def named(name: str) -> str:
    """Return the name under which a cookie travels here."""
    return f"{HOST_PREFIX}{name}" if secure() else name


def secure() -> bool:
    """Return whether this installation's pages are reached over TLS alone."""
    return bool(current_app.config["SESSION_COOKIE_SECURE"])


def configure(app: Flask, *, over_tls: bool, previous_keys: Sequence[str]) -> None:
    """Say how the session's cookie is named, bound and signed.

    Args:
        app: the application, whose ``SECRET_KEY`` is set.
        over_tls: whether every reader comes over TLS; the demo's do not.
        previous_keys: what was signed with them is still read, so that keys can be changed.
    """
    # The forms' token has no setting of its own; this is where its library takes the hash from.
    Signer.default_digest_method = staticmethod(hashlib.sha256)
    prefix = HOST_PREFIX if over_tls else ""
    app.session_interface = SessionInterface()
    app.config.update(
        SECRET_KEY_FALLBACKS=list(previous_keys),
        SESSION_COOKIE_NAME=f"{prefix}session",
        SESSION_COOKIE_PATH="/",
        SESSION_COOKIE_SECURE=over_tls,
        SESSION_COOKIE_HTTPONLY=True,
        # Not "Strict": a link in a text message has to find the reader signed in.
        SESSION_COOKIE_SAMESITE="Lax",
        REMEMBER_COOKIE_NAME=f"{prefix}remember",
        REMEMBER_COOKIE_SECURE=over_tls,
        REMEMBER_COOKIE_SAMESITE="Lax",
    )
