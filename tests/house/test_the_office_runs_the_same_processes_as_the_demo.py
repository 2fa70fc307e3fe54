import itertools
from typing import Any

import yaml

from exam.processes import table
from tests.house.files import ROOT


def services() -> dict[str, Any]:
    return dict(yaml.safe_load((ROOT / "docker-compose.yml").read_text())["services"])


def parts(command: list[str]) -> list[str]:
    return [word for before, word in itertools.pairwise(command) if before == "--only"]


def test_every_part_runs_in_exactly_one_service() -> None:
    running = [
        part for service in services().values() for part in parts(service.get("command", []))
    ]
    assert sorted(running) == sorted(table.PARTS)


def test_no_secret_has_a_default() -> None:
    text = (ROOT / "docker-compose.yml").read_text()
    for name in ("POSTGRES_PASSWORD", "KAOCHANG_SECRET_KEY"):
        assert f"${{{name}:?" in text
        assert f"${{{name}:-" not in text
        assert f"${{{name}}}" not in text
