"""The application. Only `create_app` is public, and it is imported when it is asked for."""

import gc
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from flask import Flask


def create_app(**overrides: Any) -> "Flask":
    """Build the application; see :func:`exam.app.create_app`."""
    # Imports make half a million objects that live as long as the process: looking through them
    # again and again for garbage is a quarter of a start.
    collects = gc.isenabled()
    gc.disable()
    try:
        from exam.app import create_app as build  # noqa: PLC0415 - keeps `import exam` free of Flask
    finally:
        if collects:
            gc.enable()
    return build(**overrides)
