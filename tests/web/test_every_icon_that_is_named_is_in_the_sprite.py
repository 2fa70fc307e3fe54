"""The build looks for `icon('name')`; names that go through a variable are listed for it."""

from __future__ import annotations

import json
import re
from pathlib import Path

from exam.pages.navigation import DEFAULT, MENU

ROOT = Path(__file__).parents[2]
THROUGH_A_VARIABLE = (
    r"\bicon_name=['\"]([a-z0-9-]+)['\"]",
    r"\blink_button\((?:[^()]|\([^()]*\))*?,\s*['\"]([a-z0-9-]+)['\"]\)",
    r"\btag\((?:[^()]|\([^()]*\))*?,\s*['\"][a-z]+['\"],\s*['\"]([a-z0-9-]+)['\"]\)",
)


def named_in_templates() -> set[str]:
    texts = [x.read_text() for x in (ROOT / "templates").rglob("*.html")]
    return {
        name for text in texts for form in THROUGH_A_VARIABLE for name in re.findall(form, text)
    }


def test_every_icon_that_is_named_is_in_the_sprite() -> None:
    listed = set(json.loads((ROOT / "frontend" / "icons.json").read_text())["names"])
    menu = {icon for entries in (*MENU.values(), DEFAULT) for _, _, icon in entries}
    assert {"bell", "device-desktop"} <= named_in_templates()
    assert menu | named_in_templates() <= listed
