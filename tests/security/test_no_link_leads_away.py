from __future__ import annotations

from urllib.parse import urljoin, urlsplit

import pytest
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st

from exam.web.preferences import local_path

AWAY = [
    "https://evil.example/",
    "//evil.example/",
    "///evil.example/",
    "/\\evil.example/",
    "\\\\evil.example/",
    "/\t/evil.example/",
    "/\n/evil.example/",
    " //evil.example/",
    "javascript:alert(1)",
    "data:text/html,x",
    "evil.example",
    "",
]


@pytest.mark.parametrize("target", AWAY)
def test_a_setting_returns_to_a_page_of_this_site(client: FlaskClient, target: str) -> None:
    answer = client.post("/preferences", data={"theme": "dark", "next": target})
    assert answer.status_code == 303
    assert answer.headers["Location"] == "/"


LETTERS = st.text(alphabet="/\\:.@?#%\t\r\n evil", max_size=20)


@given(LETTERS)
def test_whatever_is_asked_for_the_host_stays(target: str) -> None:
    """Read as browsers do: tabs and line ends vanish, backslashes are slashes."""
    path = local_path(target)
    as_read = path.strip().translate({9: None, 10: None, 13: None}).replace("\\", "/")
    assert urlsplit(urljoin("https://exam.example.cn/here", as_read)).netloc == "exam.example.cn"


def test_a_page_of_this_site_is_returned_to(client: FlaskClient) -> None:
    answer = client.post("/preferences", data={"theme": "dark", "next": "/public/?page=2"})
    assert answer.headers["Location"] == "/public/?page=2"


def test_who_is_sent_to_sign_in_is_sent_within_this_site(client: FlaskClient) -> None:
    location = client.get("/my/booking/?next=https://evil.example").headers["Location"]
    assert location.startswith("/sign-in?next=/my/booking")
