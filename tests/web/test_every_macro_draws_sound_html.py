from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.web.kit_sample import PAGE
from tests.web.page_check import page_problems

if TYPE_CHECKING:
    from flask import Flask
    from flask.testing import FlaskClient

COMPONENTS = Path(__file__).resolve().parents[2] / "templates" / "components"
MACRO = re.compile(r"{%-? macro ([a-z]\w*)\((.*?)\) -?%}")


def test_the_sample_draws_every_public_macro() -> None:
    macros = [
        m[0]
        for path in COMPONENTS.glob("*.html")
        for m in MACRO.findall(path.read_text(encoding="utf-8"))
    ]
    drawn_by_layout = {"csrf_field", "error_summary", "flash_messages", "main_button"}
    assert len(macros) > 25
    assert [name for name in macros if f"{name}(" not in PAGE and name not in drawn_by_layout] == []


def test_every_public_macro_says_what_it_is_for() -> None:
    for path in COMPONENTS.glob("*.html"):
        text = path.read_text(encoding="utf-8")
        for match in MACRO.finditer(text):
            assert text[: match.start()].rstrip().endswith("-#}"), (
                f"{path.name}: {match[1]} has no comment"
            )


@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_fresh_page_is_sound(client: FlaskClient, language: str) -> None:
    client.set_cookie("lang", language)
    page = client.get("/sample?flash")
    assert page.status_code == 200
    assert page_problems(page.text) == []


def test_a_page_with_wrong_answers_is_sound_and_says_so_first(
    client: FlaskClient, app: Flask
) -> None:
    app.config["WTF_CSRF_ENABLED"] = False
    page = client.post("/sample", data={"name": "<b>王</b>"})
    assert page.status_code == 422
    assert page_problems(page.text) == []
    assert "<title>错误：样例 - 考场</title>" in page.text
    assert '<a href="#kind-0">请选择准驾车型</a>' in page.text
    assert '<a href="#address-street">请填写详细地址</a>' in page.text
    assert "<b>王</b>" not in page.text


def test_a_form_without_its_token_is_refused(client: FlaskClient) -> None:
    assert client.post("/sample", data={"name": "王"}).status_code == 400
    assert client.post("/preferences", data={"mode": "elder"}).status_code == 400


@pytest.mark.parametrize(
    ("html", "wrong"),
    [
        ('<p id="a"></p><p id="a"></p>', "id 'a' is used 2 times"),
        ('<label for="b">B</label>', "for names 'b', which is not there"),
        ('<input name="c">', "input 'c' has no label"),
        ("<p><div></div></p>", "<div> inside a paragraph"),
        ("<div><p></div>", "</div> closes p"),
        ('<p style="color:red"></p>', "<p> has code or style in style"),
        ("<script>1</script>", "a script written into the page"),
        (
            '<script src="https://x.test/a.js"></script>',
            "<script> goes to another host: https://x.test/a.js",
        ),
        ("<button></button>", "a button or link without a name"),
    ],
)
def test_the_check_itself_finds_what_is_wrong(html: str, wrong: str) -> None:
    assert wrong in page_problems(html, whole=False)
