import re

from tests.house.files import found, project_files

TEXTS = (
    "*.py",
    "*.md",
    "*.toml",
    "*.txt",
    "*.json",
    "*.yml",
    "*.sh",
    "*.js",
    "*.mjs",
    "*.css",
    "*.po",
    "*.ini",
    "Makefile",
    "Dockerfile",
    ".ci/*",
)
# Folders of one workplace, and homes. A web address (https://host/home/x) is not meant.
MACHINE = r"(?<![\w.:/{}-])/(work|farm|tmp|root|home|Users|mnt|var/folders)/[\w.-]|\.\./shared\b"


def test_no_file_names_a_path_of_one_machine() -> None:
    own = {
        path
        for path in project_files(*TEXTS)
        if path.name != "test_no_file_names_a_path_of_one_machine.py"
    }
    assert found(MACHINE, sorted(own)) == []


def test_the_search_finds_such_a_path() -> None:
    for line in ("open('/tmp/a')", "cd /home/li/kaochang", "see ../shared/x", "PATH=/root/bin"):
        assert re.search(MACHINE, line)
    for line in ("https://example.org/home/a", "url_for('/my/home/x')", "{prefix}/tmp/x"):
        assert not re.search(MACHINE, line)
