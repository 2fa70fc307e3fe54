from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from exam.notify.kinds import KINDS, text_of
from exam.notify.models import Notice
from exam.policy.sources import in_chinese
from tests.registration.factories import PACK

if TYPE_CHECKING:
    from flask import Flask


@pytest.mark.parametrize(
    ("source", "shown"),
    [
        ("O162 Art. 43", "公安部令第162号第43条"),
        ("WS137 Art. 9(1)", "公交管〔2016〕137号第9条第1项"),
        ("O162 Art. 14 as amended by O172", "公安部令第162号第14条（经公安部令第172号修改）"),
        ("Local setting", "Local setting"),
    ],
)
def test_a_citation_reads_as_chinese_law_is_cited(source: str, shown: str) -> None:
    assert in_chinese(source) == shown


def test_no_short_name_of_a_decree_is_left_in_any_source() -> None:
    cited = [in_chinese(x.source) for x in PACK if x.confidence == "Q"]
    assert cited
    assert not [x for x in cited if "O162" in x or "Art." in x]


def test_every_notice_of_this_house_has_words_for_its_facts(app: Flask) -> None:
    facts = {
        "class": "C1",
        "serial": "1",
        "number": "P1",
        "until": "2029-11-24",
        "date": "2026-11-25",
        "subject": "S2",
        "outcome": "failed",
        "reference": "R1",
        "rule": "x",
        "code": "123456",
        "because": "vehicle",
        "phone": "12123",
    }
    with app.test_request_context():
        for kind in KINDS:
            text = text_of(Notice(kind=kind, facts=facts))
            assert "%(" not in text
        told = text_of(Notice(kind="result.recorded", facts=facts))
        unknown = text_of(Notice(kind="of.tomorrow", facts={}))
    assert told == "2026年11月25日（周三），科目二：不合格。"
    assert unknown == "您的业务有新的进展。"
