"""Metrics: guarded, without a personal label, and everything that the board and the alerts name."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
import yaml
from prometheus_client.parser import text_string_to_metric_families as families
from pydantic import SecretStr

from exam.db import transaction
from exam.features import Feature
from exam.metrics import PREFIX
from exam.system.models import OutboxEvent
from tests.house.files import ROOT
from tests.registration.factories import accepted, make_house

if TYPE_CHECKING:
    from pathlib import Path

    from flask import Flask
    from flask.testing import FlaskClient

    from exam.clock import FixedClock

TOKEN = "a token of the tests"
LABELS = {"method", "rule", "status", "le", "queue", "severity", "state", "job"}
OPS = ROOT / "ops"


@pytest.fixture
def monitored(app: Flask) -> Flask:
    settings = app.config["KAOCHANG"]
    app.config["KAOCHANG"] = settings.model_copy(update={"metrics_token": SecretStr(TOKEN)})
    return app


def scrape(client: FlaskClient) -> str:
    answer = client.get("/metrics", headers={"Authorization": f"Bearer {TOKEN}"})
    assert answer.status_code == 200
    return answer.get_data(as_text=True)


def test_without_the_token_there_is_nothing(monitored: Flask, client: FlaskClient) -> None:
    for headers in ({}, {"Authorization": "Bearer wrong"}, {"Authorization": TOKEN}):
        assert client.get("/metrics", headers=headers).status_code == 404


def test_without_a_token_in_the_settings_nobody_may_look(app: Flask, client: FlaskClient) -> None:
    assert client.get("/metrics", headers={"Authorization": "Bearer "}).status_code == 404
    assert client.get("/metrics", headers={"Authorization": "Bearer None"}).status_code == 404


def test_requests_are_counted_by_their_rule(monitored: Flask, client: FlaskClient) -> None:
    client.get("/public/rounds/R-of-somebody")
    client.get("/no/such/page/13987654321")
    text = scrape(client)
    assert '/public/rounds/<code>"' in text
    assert "R-of-somebody" not in text
    assert "13987654321" not in text


def test_labels_are_words_of_our_own(monitored: Flask, client: FlaskClient) -> None:
    accepted(make_house(), 2)
    client.get("/healthz")
    found = {
        name for one in families(scrape(client)) for sample in one.samples for name in sample.labels
    }
    assert found <= LABELS


def test_the_age_of_the_outbox_is_that_of_the_oldest_event_that_waits(
    monitored: Flask, client: FlaskClient, clock: FixedClock
) -> None:
    def age() -> float:
        found = {one.name: one.samples[0].value for one in families(scrape(client)) if one.samples}
        return found[f"{PREFIX}_outbox_age_seconds"]

    assert age() == 0
    with transaction() as session:
        for hours, handled in ((9, True), (2, False), (1, False), (0, True)):
            at = clock.now() - timedelta(hours=hours)
            row = OutboxEvent(name="test", payload={}, created_at=at)
            row.handled_at = clock.now() if handled else None
            session.add(row)
    assert age() == 7200
    clock.advance(timedelta(minutes=10))
    assert age() == 7800, "nothing newer has to happen for it to grow"
    clock.advance(timedelta(hours=-9))
    assert age() == 0, "a clock that was set back"


def test_the_room_on_the_disk_is_told(monitored: Flask, client: FlaskClient) -> None:
    found = {one.name: one.samples[0].value for one in families(scrape(client)) if one.samples}
    assert found[f"{PREFIX}_disk_free_bytes"] > 0


def named_in_ops() -> set[str]:
    text = (OPS / "grafana" / "office.json").read_text() + (
        OPS / "prometheus" / "alerts.yml"
    ).read_text()
    return set(re.findall(rf"{PREFIX}_[a-z_]+", text))


def test_the_board_and_the_alerts_name_nothing_that_is_not_counted(
    monitored: Flask, client: FlaskClient
) -> None:
    client.get("/healthz")
    text = scrape(client)
    told = {x.split()[2] for x in text.splitlines() if x.startswith("# TYPE")}
    samples = {re.split(r"[{ ]", x)[0] for x in text.splitlines() if x and not x.startswith("#")}
    assert named_in_ops() <= told | samples
    assert told - named_in_ops() - {
        f"{PREFIX}_requests_created",
        f"{PREFIX}_request_seconds_created",
    } <= {f"{PREFIX}_request_seconds"}


def test_every_alert_says_what_to_do() -> None:
    groups = yaml.safe_load((OPS / "prometheus" / "alerts.yml").read_text())["groups"]
    for rule in (x for group in groups for x in group["rules"]):
        assert set(rule["annotations"]) == {"summary", "action"}
        assert rule["labels"]["severity"] in {"page", "ticket"}


def test_the_board_is_whole_and_panels_do_not_overlap() -> None:
    board = json.loads((OPS / "grafana" / "office.json").read_text())
    places = [tuple(x["gridPos"][k] for k in "xywh") for x in board["panels"]]
    cells = [(x + i, y + j) for x, y, w, h in places for i in range(w) for j in range(h)]
    assert len(cells) == len(set(cells))
    assert len({x["id"] for x in board["panels"]}) == len(board["panels"])


COUNT = """
from exam import metrics
metrics.REQUESTS.labels("GET", "/", "2xx").inc(3)
"""
SUM = """
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector
registry = CollectorRegistry()
MultiProcessCollector(registry)
print(generate_latest(registry).decode())
"""


def test_processes_that_share_a_folder_are_counted_together(tmp_path: Path) -> None:
    env = {**os.environ, "PROMETHEUS_MULTIPROC_DIR": str(tmp_path)}
    for program in (COUNT, COUNT):
        subprocess.run([sys.executable, "-c", program], env=env, cwd=ROOT, check=True)
    done = subprocess.run(
        [sys.executable, "-c", SUM], env=env, cwd=ROOT, check=True, capture_output=True, text=True
    )
    assert f'{PREFIX}_requests_total{{method="GET",rule="/",status="2xx"}} 6.0' in done.stdout


def test_switches_are_told_and_work(app: Flask, client: FlaskClient) -> None:
    assert client.get("/healthz").get_json()["features"] == {str(x): True for x in Feature}
    off = {
        "switched_off": (Feature.METRICS, Feature.FACE_COMPARE),
        "metrics_token": SecretStr(TOKEN),
    }
    app.config["KAOCHANG"] = app.config["KAOCHANG"].model_copy(update=off)
    assert client.get("/healthz").get_json()["features"]["face_compare"] is False
    answer = client.get("/metrics", headers={"Authorization": f"Bearer {TOKEN}"})
    assert answer.status_code == 404
