import re

from tests.house.files import ROOT, found, project_files

# What makes a browser fetch something; a link that a person follows (<a href>) is not meant.
FETCH = (
    r"<(?:link|script|img|iframe|source|video|audio|use|form|object|embed)\b[^>]*"
    r"(?:href|src|srcset|action|data|poster)\s*=\s*[\"']?(?:https?:)?//"
    r"|@import\s+(?:url\()?[\"']?(?:https?:)?//"
    r"|url\(\s*[\"']?(?:https?:)?//"
    r"|\b(?:fetch|import|importScripts|WebSocket|EventSource|io)\(\s*[\"'`](?:https?:|wss?:)?//"
)


def test_no_page_style_or_script_fetches_from_another_host() -> None:
    sources = project_files("templates/*.html", "frontend/src/*", "exam/*.html")
    assert sources
    readable = [
        path for path in sources if path.suffix in {".html", ".js", ".mjs", ".css", ".svg", ".json"}
    ]
    assert found(FETCH, readable) == []


def test_what_the_build_made_fetches_from_nowhere_else() -> None:
    built = [
        path for path in (ROOT / "static" / "dist").rglob("*") if path.suffix in {".css", ".html"}
    ]
    assert built
    assert found(FETCH, built) == []


def test_the_search_finds_such_a_fetch() -> None:
    for line in (
        '<script src="https://cdn.example/x.js">',
        "<img alt='' src=//cdn.example/x.png>",
        "@import 'https://fonts.example/css';",
        "background: url(https://cdn.example/x.png)",
        "fetch('https://api.example/')",
    ):
        assert re.search(FETCH, line), line
    for line in (
        '<a href="https://www.gov.example/">',
        '<svg xmlns="http://www.w3.org/2000/svg">',
        '<script src="/static/x.js">',
        "fetch(`/my/${id}`)",
    ):
        assert not re.search(FETCH, line), line
