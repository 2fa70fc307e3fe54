"""Built files: names with hashes from the manifest, served packed and kept by the browser."""

from __future__ import annotations

import json
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, cast

from flask import Blueprint, current_app, request, send_from_directory, url_for
from markupsafe import Markup
from werkzeug.exceptions import NotFound

if TYPE_CHECKING:
    from flask import Flask, Response

ROOT = Path(__file__).resolve().parents[2]
DEFAULT_DIR = ROOT / "static" / "dist"

bp = Blueprint("assets", __name__)


class AssetsMissingError(RuntimeError):
    """The front end has not been built, or a page asks for a file that it does not contain."""


@lru_cache(maxsize=8)
def _read(path: Path, _changed: int) -> dict[str, str]:
    return cast("dict[str, str]", json.loads(path.read_text(encoding="utf-8")))


def manifest(folder: Path) -> dict[str, str]:
    """Return source name → built name; raises AssetsMissingError when nothing was built."""
    path = folder / "manifest.json"
    try:
        return _read(path, path.stat().st_mtime_ns)
    except FileNotFoundError:
        raise AssetsMissingError(
            "The front end is not built: run `npm ci && npm run build` in frontend/.",
        ) from None


def asset_url(name: str) -> str:
    """Return the address of a built file by its source name, such as ``app.js``."""
    built = manifest(Path(current_app.config["ASSETS_DIR"])).get(name)
    if built is None:
        raise AssetsMissingError(f"The front end has no {name}: add it to frontend/build.mjs.")
    return url_for("assets.file", name=built)


def icon(name: str, label: str = "") -> Markup:
    """Return an icon of the sprite; without a label it is decoration, hidden from readers."""
    told = Markup('role="img" aria-label="{}"').format(label)
    return Markup('<svg class="icon" {} focusable="false"><use href="{}#{}"></use></svg>').format(
        told if label else Markup('aria-hidden="true"'),
        asset_url("icons.svg"),
        name,
    )


@bp.get("/assets/<name>")
def file(name: str) -> Response:
    """Serve a built file; its name changes with its content, so it may be kept for a year."""
    folder = Path(current_app.config["ASSETS_DIR"])
    if name not in manifest(folder).values():
        raise NotFound
    packed = bool(request.accept_encodings["gzip"]) and (folder / f"{name}.gz").is_file()
    response = send_from_directory(folder, f"{name}.gz" if packed else name, max_age=31536000)
    if packed:
        response.headers["Content-Encoding"] = "gzip"
        response.headers["Content-Type"] = _content_type(name)
    response.cache_control.immutable = True
    response.vary.add("Accept-Encoding")
    return response


def _content_type(name: str) -> str:
    types = {".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml"}
    return f"{types[Path(name).suffix]}; charset=utf-8"


def init_app(app: Flask) -> None:
    """Serve the built files and give templates ``asset_url`` and ``icon``."""
    app.config.setdefault("ASSETS_DIR", str(DEFAULT_DIR))
    app.register_blueprint(bp)
    app.jinja_env.globals.update(asset_url=asset_url, icon=icon)
