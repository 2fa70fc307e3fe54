"""How often somebody may try: counted by account and by address, never one of them alone.

A school's whole class sits behind one address, so an address has room for many, and at the doors
only what went wrong counts. What is tried against one account is held where it comes from first,
so that a stranger's guessing does not lock its owner out.
"""

import hashlib
from collections.abc import Callable
from typing import Any

from flask import Flask, Response, request
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address
from flask_login import current_user
from werkzeug.middleware.proxy_fix import ProxyFix

from exam import clock
from exam.config import Settings
from exam.errors import ConfigurationError

limiter = Limiter(
    get_remote_address,
    strategy="moving-window",
    # A counter that is away must not close the doors: this process then counts by itself.
    in_memory_fallback_enabled=True,
    headers_enabled=False,
)
FAILED = 422
"""The status of a form that was refused."""


def init_app(app: Flask, settings: Settings) -> None:
    """Count in the storage of the configuration; addresses come through one's own proxies.

    Raises:
        ConfigurationError: a storage that is unknown or lacks its client package.
    """
    if hops := settings.trusted_proxies:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=hops)  # type: ignore[method-assign]  # Flask's own way
    app.config["RATELIMIT_STORAGE_URI"] = settings.rate_limit_storage
    try:
        limiter.init_app(app)
    except Exception as error:
        text = f"KAOCHANG_RATE_LIMIT_STORAGE cannot be used: {type(error).__name__}"
        raise ConfigurationError(text) from error


def failures(named: Callable[[], str]) -> Callable[[Any], Any]:
    """Limit what goes wrong at a door; ``named`` gives the account that is tried."""
    return _all(
        limiter.limit("10 per 15 minutes", key_func=_here(named), **_FAILURES),
        limiter.limit("50 per hour", key_func=named, **_FAILURES),
        limiter.limit("200 per 15 minutes", key_func=_address, **_FAILURES),
    )


def messages(named: Callable[[], str]) -> Callable[[Any], Any]:
    """Limit what costs a message, whether it went well or not."""
    return _all(
        limiter.limit("3 per 10 minutes", key_func=named, methods=["POST"]),
        limiter.limit("10 per day", key_func=named, methods=["POST"]),
        limiter.limit("100 per hour", key_func=_address, methods=["POST"]),
    )


def acts(limit: str) -> Callable[[Any], Any]:
    """Limit how often one account posts here, from wherever."""
    found: Callable[[Any], Any] = limiter.limit(limit, key_func=account, methods=["POST"])
    return found


def retry_after() -> int | None:
    """Seconds until the limit that was just met has room again."""
    met = limiter.current_limit
    return None if met is None else max(1, int(met.reset_at - clock.real_now().timestamp()))


def _went_wrong(response: Response) -> bool:
    return response.status_code == FAILED


_FAILURES: dict[str, Any] = {"methods": ["POST"], "deduct_when": _went_wrong}


def _all(*limits: Callable[[Any], Any]) -> Callable[[Any], Any]:
    def together(view: Any) -> Any:
        for one in limits:
            view = one(view)
        return view

    return together


def _address() -> str:
    return f"address:{get_remote_address()}"


def account() -> str:
    """The signed-in account, or the address of somebody who is not signed in."""
    return f"account:{current_user.account.id}" if current_user.is_authenticated else _address()


def typed(field: str) -> Callable[[], str]:
    """What was typed, as a digest: counters stand in memory and in Redis, names need not."""

    def key() -> str:
        plain = "".join(request.form.get(field, "").split()).casefold()
        return f"{field}:{hashlib.sha256(plain.encode()).hexdigest()}"

    return key


def _here(named: Callable[[], str]) -> Callable[[], str]:
    def key() -> str:
        return f"{named()}:{_address()}"

    return key
