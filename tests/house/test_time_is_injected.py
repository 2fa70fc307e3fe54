import re

from tests.house.files import ROOT, found, project_files

READS = r"\b(datetime\.(now|utcnow|today)|date\.today|time\.(time|time_ns|localtime|gmtime))\("
# The clock itself.
MAY = {"exam/clock.py", "exam/system/demo_clock.py"}


def test_only_the_clock_reads_the_time_of_day() -> None:
    own = [
        path
        for path in project_files("exam/*.py", "scheduler/*.py")
        if str(path.relative_to(ROOT)) not in MAY
    ]
    assert own
    assert found(READS, own) == []


def test_the_search_finds_such_a_reading() -> None:
    assert re.search(READS, "now = datetime.now(UTC)")
    assert not re.search(READS, "began = time.monotonic()")
