"""What every page shares: headers, assets, languages, filters and the reader's own settings."""

from __future__ import annotations

from typing import TYPE_CHECKING

from exam.web import assets, filters, forms, headers, locale, names, preferences

if TYPE_CHECKING:
    from flask import Flask


def init_app(app: Flask) -> None:
    """Register the page kit on an application whose configuration is already loaded.

    Read from ``app.config``, each with a default: ``SITE_TIME_ZONE``, ``ASSETS_DIR``,
    ``TEXTS_DIR``, ``HELP_PHONE``, ``DEMO``, ``SIGN_IN_ENDPOINT``, ``SIGN_OUT_ENDPOINT``.
    """
    app.config.setdefault("HELP_PHONE", "12123")
    app.config.setdefault("DEMO", False)
    app.config.setdefault("SIGN_IN_ENDPOINT", "people.sign_in")
    app.config.setdefault("SIGN_OUT_ENDPOINT", "account.sign_out")
    for part in (headers, assets, locale, filters, names, forms, preferences):
        part.init_app(app)
