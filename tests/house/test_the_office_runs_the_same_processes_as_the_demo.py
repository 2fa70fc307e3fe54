import itertools
import re
from typing import Any

import yaml

from exam.processes import table
from tests.house.files import ROOT


def services() -> dict[str, Any]:
    return dict(yaml.safe_load((ROOT / "docker-compose.yml").read_text())["services"])


def parts(command: list[str]) -> list[str]:
    return [word for before, word in itertools.pairwise(command) if before == "--only"]


def test_every_part_runs_and_only_pages_run_twice() -> None:
    running = [
        part for service in services().values() for part in parts(service.get("command", []))
    ]
    assert sorted(running) == sorted([*table.PARTS, "web"])


def test_every_secret_is_a_file_and_none_has_a_default() -> None:
    text = (ROOT / "docker-compose.yml").read_text()
    whole = yaml.safe_load(text)
    assert re.findall(r"\$\{(\w+)", text) == ["KAOCHANG_HOST"]
    assert all(set(x) == {"file"} for x in whole["secrets"].values())
    for service in services().values():
        for name, value in service.get("environment", {}).items():
            if any(word in name for word in ("PASSWORD", "SECRET", "TOKEN", "DATABASE_URL", "KEY")):
                assert name.endswith("_FILE")
                assert str(value).removeprefix("/run/secrets/") in service["secrets"]


def test_our_own_processes_can_write_nothing_but_data() -> None:
    for service in services().values():
        if service["image"] == "kaochang":
            assert service["read_only"] is True
            assert service["cap_drop"] == ["ALL"]
            assert service["volumes"] == ["data:/srv/kaochang/data"]
