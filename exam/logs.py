"""Logging: one line an event, as JSON where no person is looking."""

import logging
import sys
from typing import Any
from uuid import uuid4

import structlog
from flask import Flask, g, request

from exam import redaction


def configure(*, json: bool) -> None:
    """Set structlog up for this process."""
    renderer: Any = (
        structlog.processors.JSONRenderer(ensure_ascii=False)
        if json
        else structlog.dev.ConsoleRenderer(colors=False)
    )
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            redaction.exceptions,
            redaction.processor,
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=_to_stderr,
        cache_logger_on_first_use=False,
    )


def _to_stderr(*_: object) -> structlog.PrintLogger:
    """Writes to what is standard error now: what it was at the start may be closed by then."""
    return structlog.PrintLogger(sys.stderr)


def init_app(app: Flask) -> None:
    """Bind a request id to every line; paths are logged as rules, never with values."""
    configure(json=not sys.stderr.isatty())
    redaction.watch_libraries()

    @app.before_request
    def bind() -> None:
        g.request_id = uuid4().hex[:12]
        structlog.contextvars.clear_contextvars()
        structlog.contextvars.bind_contextvars(
            request=g.request_id, method=request.method, rule=str(request.url_rule or "-")
        )
