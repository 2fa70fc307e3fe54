"""Security headers of every answer: a page may use its own host and nothing else."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from flask import g, request, session
from flask_login import user_logged_out

from exam.web import cookies

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

    from flask import Flask, Response

_PLAIN_HOST = re.compile(r"[A-Za-z0-9.-]+(:\d{1,5})?|\[[0-9A-Fa-f:.]+\](:\d{1,5})?")

_FIXED = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Origin-Agent-Cluster": "?1",
    "X-Permitted-Cross-Domain-Policies": "none",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=(), payment=(), usb=()",
}
_STRICT_TRANSPORT = "max-age=31536000; includeSubDomains"
_KEPT = "immutable"


def content_security_policy(host: str, *, over_tls: bool = False) -> str:
    """Return the policy for a page served as ``host`` (name with optional port).

    WebSocket addresses are named beside ``'self'`` because older Safari does not count them in.
    A host that is not plain letters, digits, dots, hyphens and a port is left out, so that a
    forged Host header cannot write its own rule. Over TLS no socket is opened without it.
    """
    schemes = ("wss",) if over_tls else ("ws", "wss")
    plain = _PLAIN_HOST.fullmatch(host)
    sockets = "".join(f" {scheme}://{host}" for scheme in schemes) if plain else ""
    rules = (
        "default-src 'self'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",
        f"connect-src 'self'{sockets}",
        "media-src 'self' blob:",
        "object-src 'none'",
        "frame-src 'none'",
        "worker-src 'none'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
        "form-action 'self'",
    )
    return "; ".join(rules)


def _secure(response: Response) -> Response:
    over_tls = cookies.secure() or request.is_secure
    policy = content_security_policy(request.host, over_tls=over_tls)
    response.headers["Content-Security-Policy"] = policy
    for name, value in _FIXED.items():
        response.headers.setdefault(name, value)
    if over_tls:
        response.headers.setdefault("Strict-Transport-Security", _STRICT_TRANSPORT)
    _forget(response)
    return response


def _forget(response: Response) -> None:
    """Keep nothing in browsers: pages are read on shared machines in schools and halls.

    Files made by the build may be kept. What anybody may download keeps what its view said.
    """
    signed_in = "_user_id" in session
    if signed_in and _KEPT not in response.headers.get("Cache-Control", ""):
        response.headers["Cache-Control"] = "no-store"
    response.headers.setdefault("Cache-Control", "no-store")
    if g.pop("signed_out", False):
        response.headers["Clear-Site-Data"] = '"cache", "storage"'


def _signed_out(_sender: object, **_named: object) -> None:
    g.signed_out = True


class EveryAnswer:
    """Gives the headers to what Flask does not answer: Socket.IO has a way of its own."""

    def __init__(self, wsgi: WSGIApplication, *, over_tls: bool) -> None:
        self._wsgi = wsgi
        policy = [("Content-Security-Policy", content_security_policy("", over_tls=over_tls))]
        strict = [("Strict-Transport-Security", _STRICT_TRANSPORT)] if over_tls else []
        self._headers = [*_FIXED.items(), *policy, *strict, ("Cache-Control", "no-store")]

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer, and add what is not there yet."""

        def start(
            status: str, headers: list[tuple[str, str]], *crash: Any
        ) -> Callable[[bytes], object]:
            there = {name.lower() for name, _value in headers}
            added = [x for x in self._headers if x[0].lower() not in there]
            return start_response(status, [*headers, *added], *crash)

        return self._wsgi(environ, start)


def wrap(app: Flask) -> None:
    """Give every answer its headers; call when nothing wraps the application any more."""
    over_tls = bool(app.config["SESSION_COOKIE_SECURE"])
    app.wsgi_app = EveryAnswer(app.wsgi_app, over_tls=over_tls)  # type: ignore[method-assign]  # Flask's own way


def init_app(app: Flask) -> None:
    """Add the headers to every answer, error pages included."""
    app.after_request(_secure)
    user_logged_out.connect(_signed_out, app)
