"""Sites, schools and cameras have two names; one filter chooses, and no template does it itself."""

from __future__ import annotations

from pathlib import Path

TEMPLATES = Path(__file__).resolve().parents[2] / "templates"


def test_templates_ask_the_filter_for_a_name() -> None:
    files = sorted(TEMPLATES.rglob("*.html"))
    assert any("|local_name" in x.read_text(encoding="utf-8") for x in files)
    own = [x.name for x in files if ".name_zh" in x.read_text(encoding="utf-8")]
    assert not own, "write THING|local_name"
