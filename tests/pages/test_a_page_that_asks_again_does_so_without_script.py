"""Whatever fetches a part of itself anew by script loads itself again where there is none."""

from __future__ import annotations

import re
from pathlib import Path

TEMPLATES = Path(__file__).parents[2] / "templates"
INCLUDED = re.compile(r'{%-?\s*include\s+"([^"]+)"')
ASKS = re.compile(r'hx-trigger="[^"]*(?:every|delay:)|{{-?\s*progress\(')
AGAIN = re.compile(r"{{\s*look_again\(")


def _asks(name: str) -> bool:
    text = (TEMPLATES / name).read_text("utf-8")
    return bool(ASKS.search(text)) or any(_asks(x) for x in INCLUDED.findall(text))


def test_every_page_that_asks_again_loads_itself_again_without_script() -> None:
    pages = {
        str(path.relative_to(TEMPLATES))
        for path in TEMPLATES.glob("*/*.html")
        if not path.name.startswith("_") and path.parent.name != "components"
    }
    asking = {x for x in pages if _asks(x)}
    assert {"booking/round.html", "examday/board.html", "examday/sitting.html"} <= asking
    silent = {x for x in asking if not AGAIN.search((TEMPLATES / x).read_text("utf-8"))}
    assert not silent, f"without script these pages stand still: {silent}"
