"""Which language a page speaks and which time zone its clock shows."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from flask import current_app, has_request_context, request
from flask_babel import Babel, get_locale
from flask_login import current_user
from sqlalchemy.exc import SQLAlchemyError

from exam.web import cookies, texts

if TYPE_CHECKING:
    from flask import Flask

LANGUAGES = {"zh": "zh_Hans_CN", "en": "en"}
"""Language code of the cookie and the account → locale."""
NAMES = {"zh": "中文", "en": "English"}
COOKIE = "lang"


def choose_locale() -> str:
    """Return the locale: the reader's cookie, then the account's, then the browser's wish."""
    if not has_request_context():
        return LANGUAGES["zh"]
    chosen = request.cookies.get(cookies.named(COOKIE), "")
    if chosen not in LANGUAGES:
        chosen = _account_language()
    if chosen not in LANGUAGES:
        chosen = _browser_language()
    return LANGUAGES[chosen]


def _browser_language() -> str:
    # Any Chinese (zh-TW, zh-Hans-CN) is served with ours, so only the first part of a tag counts.
    wishes = (tag.partition("-")[0].lower() for tag in request.accept_languages.values())
    return next((wish for wish in wishes if wish in LANGUAGES), "zh")


def _account_language() -> str:
    # Sign-in may be absent: error pages and the public board must still speak.
    if not hasattr(current_app, "login_manager"):
        return ""
    try:
        return str(getattr(current_user, "language", "") or "")
    except SQLAlchemyError:  # the page that tells of a lost database needs a language too
        return ""


def choose_time_zone() -> str:
    """Return the office's time zone; a site's own is passed to the filters."""
    return str(current_app.config["SITE_TIME_ZONE"])


def language() -> str:
    """Return the code of the language in use: ``zh`` or ``en``."""
    return "en" if str(get_locale() or "") == "en" else "zh"


def html_lang() -> str:
    """Return the value of the page's ``lang`` attribute."""
    return "zh-CN" if language() == "zh" else "en"


def init_app(app: Flask) -> None:
    """Start Flask-Babel with our catalogues, compiling them when a text has changed."""
    app.config.setdefault("SITE_TIME_ZONE", "Asia/Shanghai")
    app.config.setdefault("TEXTS_DIR", str(texts.FOLDER))
    folder = Path(app.config["TEXTS_DIR"])
    texts.compile_if_stale(folder)
    Babel(
        app,
        default_locale=LANGUAGES["zh"],
        default_translation_directories=str(folder),
        locale_selector=choose_locale,
        timezone_selector=choose_time_zone,
    )
    app.jinja_env.globals.update(
        html_lang=html_lang,
        language=language,
        language_names=NAMES,
    )
