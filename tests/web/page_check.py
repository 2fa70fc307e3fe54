"""What a page must keep whatever it shows: sound HTML, names for all inputs, nothing inline."""

from __future__ import annotations

from collections import Counter
from html.parser import HTMLParser

VOID = {
    "area",
    "base",
    "br",
    "col",
    "embed",
    "hr",
    "img",
    "input",
    "link",
    "meta",
    "source",
    "track",
    "wbr",
}
REFERENCES = ("for", "aria-describedby", "aria-labelledby", "aria-controls")
INPUTS = {"input", "select", "textarea"}


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[str] = []
        self.problems: list[str] = []
        self.ids: Counter[str] = Counter()
        self.references: list[tuple[str, str]] = []
        self.labels: set[str] = set()
        self.inputs: list[dict[str, str | None]] = []
        self.headings = 0
        self.buttons: list[list[str]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self._attributes(tag, attrs)
        self.headings += tag == "h1"
        if tag in INPUTS and given.get("type") != "hidden":
            self.inputs.append(given)
        if tag == "form" and "form" in self.open:
            self.problems.append("a form inside a form")
        if tag in {"div", "ul", "dl", "table", "form", "section", "h2"} and "p" in self.open:
            self.problems.append(f"<{tag}> inside a paragraph")
        if tag == "script" and not given.get("src"):
            self.problems.append("a script written into the page")
        if tag == "style":
            self.problems.append("a style written into the page")
        if tag == "img" and "alt" not in given:
            self.problems.append("a picture without alt")
        if tag in {"button", "a"}:
            self.buttons.append([given.get("aria-label") or ""])
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.handle_endtag(tag)

    def _attributes(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        names = Counter(name for name, _ in attrs)
        self.problems += [f"<{tag}> says {name} twice" for name, n in names.items() if n > 1]
        for name, value in attrs:
            text = value or ""
            if name == "id":
                self.ids[text] += 1
            if name == "for":
                self.labels.add(text)
            if name in REFERENCES:
                self.references += [(name, one) for one in text.split()]
            if (
                name == "style"
                or name.startswith(("on", "hx-on"))
                or text.startswith(("javascript:", "js:"))
            ):
                self.problems.append(f"<{tag}> has code or style in {name}")
            if name in {"src", "href", "action", "poster", "srcset"} and "//" in text.split("?")[0]:
                self.problems.append(f"<{tag}> goes to another host: {text}")

    def handle_data(self, data: str) -> None:
        if self.buttons and ("button" in self.open or "a" in self.open):
            self.buttons[-1].append(data.strip())

    def handle_endtag(self, tag: str) -> None:
        if tag in VOID:
            return
        if not self.open or self.open[-1] != tag:
            self.problems.append(f"</{tag}> closes {self.open[-1] if self.open else 'nothing'}")
        if tag in self.open:
            while self.open.pop() != tag:
                pass


def page_problems(html: str, *, whole: bool = True) -> list[str]:
    """Return what is wrong with a page; ``whole`` is false for a fragment."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    found = reader.problems + [f"<{tag}> is never closed" for tag in reader.open]
    found += [f"id {one!r} is used {n} times" for one, n in reader.ids.items() if n > 1]
    found += [
        f"{name} names {one!r}, which is not there"
        for name, one in reader.references
        if one not in reader.ids
    ]
    found += [
        f"input {i.get('name')!r} has no label"
        for i in reader.inputs
        if i.get("id") not in reader.labels and not i.get("aria-label")
    ]
    found += ["a button or link without a name" for texts in reader.buttons if not "".join(texts)]
    if whole and reader.headings != 1:
        found.append(f"{reader.headings} headings of the first level")
    return found
