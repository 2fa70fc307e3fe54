"""Numbers for Prometheus: what this installation does, never who.

Requests are counted in the processes that serve; where several share one port, through the folder
of PROMETHEUS_MULTIPROC_DIR. What lies in the database is counted when it is asked for. Labels are
routes, kinds and states of our own making; a test holds them to that.
"""

import hmac
import os
import time
from collections.abc import Iterator

import sqlalchemy as sa
from flask import Blueprint, Flask, Response, current_app, g, request
from prometheus_client import (
    CONTENT_TYPE_LATEST,
    CollectorRegistry,
    Counter,
    Histogram,
    generate_latest,
)
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector

from exam import clock
from exam.booking.models import Round
from exam.db import db
from exam.errors import NotFound
from exam.features import Feature, enabled
from exam.health import disk_room
from exam.live.models import Camera, LedgerPosition, ReviewItem
from exam.live.pulse import is_silent
from exam.system.models import JobRun, OutboxEvent
from exam.vision.models import QuestionState, VisionQuestion

metrics = Blueprint("metrics", __name__)
PREFIX = "kaochang"
FOLDER = "PROMETHEUS_MULTIPROC_DIR"
BUCKETS = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)

OWN = CollectorRegistry()
REQUESTS = Counter(
    f"{PREFIX}_requests",
    "Answers by route and class of status",
    ("method", "rule", "status"),
    registry=OWN,
)
LATENCY = Histogram(
    f"{PREFIX}_request_seconds",
    "Seconds until an answer",
    ("rule",),
    buckets=BUCKETS,
    registry=OWN,
)


def init_app(app: Flask) -> None:
    """Count every request by its rule; an address that no rule knows is counted as one."""

    @app.before_request
    def begin() -> None:
        g.began = time.perf_counter()

    @app.after_request
    def note(answer: Response) -> Response:
        rule = request.url_rule.rule if request.url_rule else "unknown"
        REQUESTS.labels(request.method, rule, f"{answer.status_code // 100}xx").inc()
        if "began" in g:
            LATENCY.labels(rule).observe(time.perf_counter() - g.began)
        return answer


@metrics.get("/metrics")
def scrape() -> Response:
    """Everything, for whoever knows the token; for others there is nothing here."""
    token = current_app.config["KAOCHANG"].metrics_token
    given = request.headers.get("Authorization", "")
    known = token is not None and hmac.compare_digest(
        given.encode(), f"Bearer {token.get_secret_value()}".encode()
    )
    if not known or not enabled(Feature.METRICS):
        raise NotFound
    return Response(generate_latest(registry()), content_type=CONTENT_TYPE_LATEST)


def registry() -> CollectorRegistry:
    """This process's numbers, or all processes' where they share a folder, and the database's."""
    found = CollectorRegistry()
    if os.environ.get(FOLDER):
        MultiProcessCollector(found)  # type: ignore[no-untyped-call]  # it has no types
    else:
        found.register(_Own())
    found.register(Stored())
    return found


class _Own(Collector):
    def collect(self) -> Iterator[object]:  # type: ignore[override]  # its stub names no base
        yield from OWN.collect()


class Stored(Collector):
    """What the database knows, counted at this moment."""

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """Gauges; times are the database's own, which the demo does not move."""
        yield from _disk()
        yield from _outbox()
        yield from _queues()
        yield from _jobs()
        yield from _cameras()
        yield from _rounds()


def _gauge(name: str, told: str, labels: tuple[str, ...] = ()) -> GaugeMetricFamily:
    return GaugeMetricFamily(f"{PREFIX}_{name}", told, labels=labels)


def _disk() -> Iterator[GaugeMetricFamily]:
    found = _gauge("disk_free_bytes", "Room left where photos, rounds and recordings lie")
    found.add_metric([], disk_room().free_bytes)
    yield found


def _outbox() -> Iterator[GaugeMetricFamily]:
    waiting = sa.select(sa.func.count(), sa.func.min(OutboxEvent.number)).where(
        OutboxEvent.handled_at.is_(None)
    )
    count, _first = db.session.execute(waiting).one()
    found = _gauge("outbox_waiting", "Events not delivered yet")
    found.add_metric([], count)
    yield found
    oldest = sa.select(sa.func.min(OutboxEvent.created_at)).where(OutboxEvent.handled_at.is_(None))
    at = db.session.scalar(oldest)
    age = _gauge("outbox_age_seconds", "How long the oldest waiting event has waited")
    # By the application's clock, which their times are of; set back, it makes nothing negative.
    age.add_metric([], max(0.0, (clock.now() - at).total_seconds()) if at else 0)
    yield age


def _queues() -> Iterator[GaugeMetricFamily]:
    found = _gauge("queue_depth", "What waits, by queue", ("queue",))
    asked = sa.select(sa.func.count()).select_from(VisionQuestion)
    waiting = asked.where(VisionQuestion.state == QuestionState.ASKED)
    found.add_metric(["vision"], db.session.scalar(waiting) or 0)
    yield found
    items = _gauge("review_items", "Review items by severity and state", ("severity", "state"))
    rows = sa.select(ReviewItem.severity, ReviewItem.state, sa.func.count())
    for severity, state, count in db.session.execute(
        rows.group_by(ReviewItem.severity, ReviewItem.state)
    ):
        items.add_metric([severity, state], count)
    yield items


def _jobs() -> Iterator[GaugeMetricFamily]:
    found = _gauge("job_runs", "Runs of jobs by state", ("job", "state"))
    rows = sa.select(JobRun.job, JobRun.state, sa.func.count()).group_by(JobRun.job, JobRun.state)
    for job, state, count in db.session.execute(rows):
        found.add_metric([job, state], count)
    yield found


def _cameras() -> Iterator[GaugeMetricFamily]:
    rows = db.session.execute(
        sa.select(is_silent(), LedgerPosition.broken_seq.is_not(None), sa.func.count())
        .select_from(Camera)
        .join(LedgerPosition, LedgerPosition.stream == Camera.stream, isouter=True)
        .where(Camera.enabled)
        .group_by(sa.text("1"), sa.text("2"))
    )
    counts = {"watched": 0, "silent": 0, "broken": 0}
    for silent, broken, count in rows:
        counts["broken" if broken else "silent" if silent else "watched"] += count
    found = _gauge("cameras", "Enabled cameras by state", ("state",))
    for state, count in counts.items():
        found.add_metric([state], count)
    yield found


def _rounds() -> Iterator[GaugeMetricFamily]:
    found = _gauge("rounds", "Rounds by state", ("state",))
    rows = db.session.execute(sa.select(Round.state, sa.func.count()).group_by(Round.state))
    for state, count in rows:
        found.add_metric([state], count)
    yield found
    seconds = _gauge("solver_seconds", "Seconds that the last solved round took")
    last = sa.select(Round.summary["seconds"].as_float()).where(Round.solved_at.is_not(None))
    took = db.session.scalar(last.order_by(Round.solved_at.desc()).limit(1))
    if took is not None:
        seconds.add_metric([], took)
    yield seconds
