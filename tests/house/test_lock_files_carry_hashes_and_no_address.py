import json
import re
import tomllib
from pathlib import Path

import pytest

from tests.house.files import ROOT, found, project_files

LOCKS = project_files("requirements/*.txt")
NPM_LOCKS = project_files("*package-lock.json")


def test_no_lock_file_names_a_host() -> None:
    assert len(LOCKS) >= 4
    assert NPM_LOCKS
    # In npm's locks the funding links of authors are no source of packages.
    assert found(r"://|--(extra-)?index-url|--find-links|--trusted-host", LOCKS) == []
    assert found(r'"resolved"|://.*\.tgz', NPM_LOCKS) == []


@pytest.mark.parametrize("lock", LOCKS, ids=lambda path: path.name)
def test_every_python_package_has_a_version_and_hashes(lock: Path) -> None:
    entries = re.split(r"\n(?=\S)", lock.read_text().strip())
    for entry in entries:
        assert re.match(r"[a-z0-9][a-z0-9._-]*==\S+ ", entry), entry[:80]
        assert re.search(r"--hash=sha256:[0-9a-f]{64}", entry), entry[:80]


@pytest.mark.parametrize("lock", NPM_LOCKS, ids=lambda path: path.parent.name)
def test_every_npm_package_has_an_integrity_hash(lock: Path) -> None:
    packages = json.loads(lock.read_text())["packages"]
    bare = [name for name, facts in packages.items() if name and "integrity" not in facts]
    assert bare == []


def test_npm_packages_are_asked_for_in_exact_versions() -> None:
    asked = json.loads((ROOT / "frontend" / "package.json").read_text())
    versions = {**asked.get("dependencies", {}), **asked.get("devDependencies", {})}
    loose = {
        name: version
        for name, version in versions.items()
        if not re.fullmatch(r"\d+\.\d+\.\d+", version)
    }
    assert loose == {}


def locked(name: str) -> set[str]:
    text = (ROOT / "requirements" / name).read_text()
    return set(re.findall(r"^([a-z0-9][a-z0-9._-]*)==", text, flags=re.MULTILINE))


def wanted(lines: list[str]) -> set[str]:
    return {re.split(r"[\[<>=!~; ]", line)[0].lower() for line in lines}


def test_the_locks_hold_all_that_the_project_asks_for() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    base, groups = wanted(project["project"]["dependencies"]), project["dependency-groups"]
    assert base <= locked("base.txt")
    assert base | wanted(groups["dev"]) <= locked("dev.txt")
    assert wanted(groups["uv"]) == locked("uv.txt")
    assert wanted(groups["node"]) == locked("node.txt")
    assert locked("base.txt") <= locked("dev.txt")
