"""Make docs/security.md of docs/security.toml: the walk through OWASP ASVS as a table.

``python -m tools.security write`` writes the page; ``check`` says what is wrong with the data and
whether the page is older than they are.
"""

from __future__ import annotations

import sys
import tomllib
from collections import Counter
from pathlib import Path
from typing import Any, NamedTuple

ROOT = Path(__file__).resolve().parents[1]
DATA = Path("docs/security.toml")
PAGE = Path("docs/security.md")
MET = "met"
STATES = (MET, "in part", "not applicable", "open")

HEAD = """\
# Security, line by line

OWASP ASVS 5.0.0, levels 1 and 2, walked on {walked}: every requirement by its number, in our own \
words, with the test that shows it or the reason. The standard's text is OWASP's (CC BY-SA 4.0); \
read it beside this page. The few lines of level 3 are those that we keep as well.

Who might attack and what remains stands in [threats.md](threats.md); what an operator has to know \
in [hardening.md](hardening.md). This page is made by `python -m tools.security write` from \
`docs/security.toml`: change that file. A test fails where a named test does not exist, where a \
number is missing or twice, and where this page is older than its data.
"""


class Line(NamedTuple):
    """One requirement."""

    id: str
    level: int
    asks: str
    state: str
    shown: tuple[str, ...]
    """Paths of tests, or of pages where the requirement asks for a page."""
    because: str


class Chapter(NamedTuple):
    """A chapter of the standard."""

    id: str
    name: str
    lines: tuple[Line, ...]


class Walk(NamedTuple):
    """The whole table."""

    walked: str
    chapters: tuple[Chapter, ...]

    @property
    def lines(self) -> list[Line]:
        """All lines, in order."""
        return [line for chapter in self.chapters for line in chapter.lines]


def read(root: Path = ROOT) -> Walk:
    """Read the data.

    Raises:
        KeyError: an entry lacks what every entry has.
        tomllib.TOMLDecodeError: the file is no TOML.
    """
    content = tomllib.loads((root / DATA).read_text(encoding="utf-8"))
    chapters = tuple(
        Chapter(found["id"], found["name"], tuple(map(_line, found["line"])))
        for found in content["chapter"]
    )
    return Walk(str(content["walked"]), chapters)


def _line(entry: dict[str, Any]) -> Line:
    return Line(
        entry["id"],
        entry["level"],
        entry["asks"],
        entry["state"],
        tuple(entry.get("shown", ())),
        entry.get("because", ""),
    )


def problems(walk: Walk, root: Path = ROOT) -> list[str]:
    """Return one sentence for each entry that says too little or names what is not there."""
    told = [
        f"{number} stands {count} times"
        for number, count in Counter(line.id for line in walk.lines).items()
        if count > 1
    ]
    for chapter in walk.chapters:
        told += [
            f"{line.id} stands in chapter {chapter.id}"
            for line in chapter.lines
            if f"V{line.id.partition('.')[0]}" != chapter.id
        ]
    for line in walk.lines:
        told += [f"{line.id}: {text}" for text in _problems(line, root)]
    return told


def _problems(line: Line, root: Path) -> list[str]:
    told = [f"{path} does not exist" for path in line.shown if not (root / path).is_file()]
    if line.state not in STATES:
        told.append(f"{line.state!r} is no state; say {', '.join(STATES)}")
    if line.state != MET and not line.because:
        told.append("whatever is not met says why")
    if line.state == MET and not (line.shown or line.because):
        told.append("met by what? name a test, or give the reason")
    return told


def page(walk: Walk) -> str:
    """Return the page as it must stand."""
    parts = [HEAD.format(walked=walk.walked), _counts(walk)]
    parts += [_chapter(chapter) for chapter in walk.chapters]
    return "\n".join(parts)


def _counts(walk: Walk) -> str:
    rows = [(f"{x.id} {x.name}", x.lines) for x in walk.chapters]
    rows.append(("**all**", tuple(walk.lines)))
    head = f"| chapter | lines | {' | '.join(STATES)} |\n|---|{'--:|' * (len(STATES) + 1)}\n"
    body = []
    for name, lines in rows:
        count = Counter(line.state for line in lines)
        cells = " | ".join(str(count[state]) for state in STATES)
        body.append(f"| {name} | {len(lines)} | {cells} |\n")
    return head + "".join(body)


def _chapter(chapter: Chapter) -> str:
    title = f"## {chapter.id} {chapter.name}\n\n"
    head = "| | L | asks | state | shown by |\n|---|--:|---|---|---|\n"
    return title + head + "".join(_row(line) for line in chapter.lines)


def _row(line: Line) -> str:
    links = ", ".join(f"[{_short(path)}](../{path})" for path in line.shown)
    shown = "; ".join(part for part in (links, line.because) if part)
    state = line.state if line.state == MET else f"**{line.state}**"
    return f"| {line.id} | {line.level} | {line.asks} | {state} | {shown} |\n"


def _short(path: str) -> str:
    """A test's file name as the sentence that it is."""
    return Path(path).stem.removeprefix("test_").replace("_", " ")


def main(arguments: list[str], root: Path = ROOT) -> int:
    """Run one of the two commands; 0 well, 1 something is wrong, 2 unknown command."""
    if arguments not in (["write"], ["check"]):
        sys.stderr.write("Say what to do: python -m tools.security write or check\n")
        return 2
    walk = read(root)
    told = problems(walk, root)
    if arguments == ["write"]:
        (root / PAGE).write_text(page(walk), encoding="utf-8")
    elif (root / PAGE).read_text(encoding="utf-8") != page(walk):
        told.append(f"{PAGE} is older than {DATA}: run `python -m tools.security write`")
    sys.stderr.writelines(f"{line}\n" for line in told)
    return 1 if told else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
