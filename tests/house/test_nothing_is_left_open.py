import re
from pathlib import Path

from tests.house.files import found, project_files

OPEN = r"\b(TODO|FIXME|XXX|HACK)\b|raise NotImplementedError"
PUT_OFF = r"pytest\.(importor)?skip|mark\.(skip|xfail)|unittest\.skip|raise SkipTest"
# An exception from a checker, without ` - reason`, `# reason` or ` (reason)` behind it.
BARE = r"#\s*(noqa|type: ignore)\b(?!.*?[\s\]]((-|#)\s+|\()\w)|#\s*ruff: noqa"
CODE = ("*.py", "*.js", "*.mjs", "*.css", "*.html", "*.toml", "*.yml", "Makefile", "Dockerfile")


def others(*patterns: str) -> list[Path]:
    return [path for path in project_files(*patterns) if path.name != Path(__file__).name]


def test_no_work_is_marked_as_undone() -> None:
    assert found(OPEN, others(*CODE)) == []


def test_no_test_is_put_off() -> None:
    assert found(PUT_OFF, others("tests/*.py")) == []


def test_every_exception_from_a_checker_gives_its_reason_on_its_line() -> None:
    assert found(BARE, others("*.py")) == []


def test_the_searches_find_what_they_look_for() -> None:
    assert re.search(OPEN, "    # TODO: later")
    assert re.search(OPEN, "raise NotImplementedError")
    assert re.search(PUT_OFF, "@pytest.mark.xfail(strict=True)")
    assert re.search(BARE, "x = y  # noqa: S104")
    assert re.search(BARE, "x = y  # type: ignore[misc]")
    assert not re.search(BARE, "x = y  # noqa: S104 - compared, never bound")
    assert not re.search(BARE, "x = y  # noqa: S104  (compared, never bound)")
    assert not re.search(BARE, "x = y  # type: ignore[misc]  # its package has no types")
