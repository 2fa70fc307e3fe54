"""The application. Only `create_app` is public, and it is imported when it is asked for."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from flask import Flask


def create_app(**overrides: Any) -> "Flask":
    """Build the application; see :func:`exam.app.create_app`."""
    from exam.app import create_app as build  # noqa: PLC0415 - keeps `import exam` free of Flask

    return build(**overrides)
