from __future__ import annotations

import io
import re
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import pytest
import sqlalchemy as sa
from openpyxl import load_workbook

from exam.clock import FixedClock
from exam.db import db, transaction
from exam.errors import NotFound, RuleRefused, WrongState
from exam.people.mandates import with_mandate
from exam.people.models import Account, NeedKind, SupportNeed
from exam.people.services import service_group
from exam.registration import confirmation, review, school
from exam.registration.confirmation import Confirmation
from exam.registration.models import Case, CaseState
from exam.registration.review import ReturnReason
from tests.registration.factories import (
    NOW,
    PACK,
    PASSWORD,
    TODAY,
    House,
    candidate,
    cases_of,
    picture,
    registered,
    row,
)
from tests.registration.files import photos, xlsx
from tests.web.page_check import page_problems

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask import Flask
    from flask.testing import FlaskClient
    from werkzeug.test import TestResponse

    from exam.people.roles import Actor

    SignIn = Callable[[Actor], FlaskClient]


def sound(answer: TestResponse, status: int = 200) -> str:
    assert answer.status_code == status
    assert page_problems(answer.text) == []
    return answer.text


def send(client: FlaskClient, content: bytes, zipped: bytes | None = None) -> TestResponse:
    data: dict[str, Any] = {"file": (io.BytesIO(content), "九月.xlsx")}
    if zipped:
        data["photos"] = (io.BytesIO(zipped), "photos.zip")
    return client.post("/school/uploads/new", data=data)


def test_the_whole_way_through_the_pages(
    house: House, sign_in: SignIn, client: FlaskClient
) -> None:
    sign_in(house.clerk)
    sound(client.get("/school/"))
    sound(client.get("/school/uploads/new"))
    rows = [row(2, support="孕妇"), row(3, phone="x")]
    answer = send(client, xlsx(rows), photos(["2.jpg", "3.jpg"]))
    page = sound(client.get(answer.location))
    assert "请填写 11 位手机号码" in page
    slips = sound(client.post(f"{answer.location}/codes"))
    (code,) = re.findall(r"(?<![\w-])[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{4}(?![\w-])", slips)
    client.post("/sign-out")

    last = row(2).cells["document_number"][-4:]
    words = {"username": "zhang", "password": PASSWORD}
    sound(client.get("/activate"))
    opened = client.post("/activate", data={"code": code, "last_four": last, **words})
    assert opened.status_code == 303
    again = client.post("/activate", data={"code": code, "last_four": last, **words})
    assert "激活码" in sound(again, 422)
    home = sound(client.get("/my/"))
    case = db.session.scalars(sa.select(Case)).one()
    assert f"/my/registration/{case.id}" in home
    form = sound(client.get(f"/my/registration/{case.id}"))
    assert "checked" in form
    said = {"phone": "13900000000", "address": "新路 2 号", "needs": ["pregnant"], "mandate": "y"}
    sound(client.post(f"/my/registration/{case.id}", data=said), 422)
    done = client.post(f"/my/registration/{case.id}", data=said | {"correct": "y"})
    assert done.status_code == 303
    sound(client.get("/my/"))
    sound(client.get("/mandates"))
    client.post("/sign-out")

    sign_in(house.reviewer)
    assert f"/review/{case.id}" in sound(client.get("/review/"))
    sound(client.get(f"/review/{case.id}"))
    with client.get(f"/review/{case.id}/photo") as photo:
        assert photo.mimetype == "image/jpeg"
    assert client.post(f"/review/{case.id}/accept").status_code == 303
    assert sound(client.get(f"/review/{case.id}"))
    client.post("/sign-out")
    db.session.expire_all()
    assert case.state is CaseState.ACCEPTED
    assert case.accepted_at == NOW.replace(microsecond=0)
    assert case.serial_number == "330226112000001"

    client.post("/sign-in", data=words)
    home = sound(client.get("/my/"))
    assert "科目一" in home
    assert "现在即可申请考试" in home


def test_a_file_that_cannot_be_taken_keeps_nothing_and_says_why(
    house: House, sign_in: SignIn
) -> None:
    page = sound(send(sign_in(house.clerk), b"\xd0\xcf\x11\xe0"), 422)
    assert "请另存为不加密的 .xlsx" in page
    assert "错误：" in page


def test_the_findings_come_back_beside_their_rows_and_never_as_formulas(
    house: House, sign_in: SignIn
) -> None:
    client = sign_in(house.clerk)
    spoilt = row(3, name="+cmd|' /C calc'!A0", phone="x")
    answer = send(client, xlsx([row(2), spoilt]), photos(["2.jpg", "3.jpg"]))
    content = client.get(f"{answer.location}/findings.xlsx").data
    sheet = load_workbook(io.BytesIO(content)).worksheets[0]
    states = [(line[0].value, line[1].value) for line in sheet.iter_rows(min_row=2)]
    assert states == [(2, "已接收"), (3, "已退回")]
    assert "手机号码" in str(sheet.cell(3, 3).value)
    assert {c.data_type for line in sheet.iter_rows() for c in line} <= {"s", "n", "inlineStr"}
    assert str(row(2).cells["document_number"]) not in str(list(sheet.values))


def test_the_template_is_a_workbook_with_text_columns_and_lists(
    house: House, sign_in: SignIn
) -> None:
    answer = sign_in(house.clerk).get("/school/template.xlsx")
    sheet = load_workbook(io.BytesIO(answer.data)).worksheets[0]
    assert sheet["C2"].number_format == "@"
    assert len(sheet.data_validations.dataValidation) == 5


def test_another_schools_upload_is_not_there(house: House, sign_in: SignIn) -> None:
    upload = registered(house)
    client = sign_in(house.other_clerk)
    for way in ("", "/findings.xlsx"):
        assert client.get(f"/school/uploads/{upload.id}{way}").status_code == 404
    assert client.post(f"/school/uploads/{upload.id}/codes").status_code == 404


def test_new_codes_end_the_old_and_whoever_has_activated_gets_none(house: House) -> None:
    upload = registered(house, 2)
    first = school.issue_codes(house.clerk, upload.id, now=NOW, pack=PACK)
    assert [x.row for x in first] == [2, 3]
    candidate(cases_of(upload)[0])
    second = school.issue_codes(house.clerk, upload.id, now=NOW, pack=PACK)
    assert [x.row for x in second] == [3]
    assert second[0].code != first[1].code


def test_without_a_mandate_the_school_sees_nobody_who_has_activated(house: House) -> None:
    first, second, third = cases_of(registered(house, 3))
    me = candidate(first)
    confirmation.confirm(me, Confirmation(case_id=first.id, mandate=False), now=NOW)
    other = candidate(second, "other")
    confirmation.confirm(other, Confirmation(case_id=second.id, mandate=True), now=NOW)
    seen = school.candidates_of(house.clerk)
    assert {x.id for x in seen.cases} == {second.id, third.id}
    assert seen.hidden == 1


def test_a_mandate_is_given_and_taken_back_on_the_page(house: House, sign_in: SignIn) -> None:
    (case,) = cases_of(registered(house))
    client = sign_in(candidate(case))
    for act, live in (("give", {case.person_id}), ("revoke", set())):
        assert client.post(f"/mandates/{house.school_id}/{act}").status_code == 303
        assert with_mandate([case.person_id], house.school_id) == live
    sound(client.get("/mandates"))


def test_needs_are_the_persons_own_and_make_her_called_first(house: House) -> None:
    (case,) = cases_of(registered(house, support="残疾"))
    me = candidate(case)
    person = {case.person_id}
    assert service_group(person, on=TODAY, pack=PACK) == person
    needs = {NeedKind.PREGNANT: TODAY}
    said = Confirmation(case_id=case.id, mandate=True, needs=dict(needs))
    confirmation.confirm(me, said, now=NOW)
    assert confirmation.needs_of(case.person_id) == needs
    assert service_group(person, on=TODAY, pack=PACK) == person
    assert service_group(person, on=TODAY.replace(day=21), pack=PACK) == set()
    assert db.session.scalars(sa.select(SupportNeed)).one().kind is NeedKind.PREGNANT


def test_nobody_confirms_or_withdraws_for_somebody_else(house: House) -> None:
    first, second = cases_of(registered(house, 2))
    me = candidate(first)
    with pytest.raises(NotFound):
        confirmation.confirm(me, Confirmation(case_id=second.id, mandate=True), now=NOW)
    with pytest.raises(NotFound):
        confirmation.withdraw(me, second.id, now=NOW)


def confirmed(house: House, **changes: Any) -> Case:
    (case,) = cases_of(registered(house, **changes))
    confirmation.confirm_many([Confirmation(case_id=case.id, mandate=True)], now=NOW)
    return case


def test_a_case_goes_back_with_every_reason_and_returns_confirmed(
    house: House, sign_in: SignIn
) -> None:
    case = confirmed(house)
    reasons = [ReturnReason.PHOTO_UNUSABLE, ReturnReason.NAME_DIFFERS, ReturnReason.OTHER]
    client = sign_in(house.reviewer)
    sound(client.post(f"/review/{case.id}", data={"reasons": ["other"]}), 422)
    sound(client.post(f"/review/{case.id}", data={}), 422)
    data = {"reasons": [x.value for x in reasons], "note": "请带原件"}
    assert client.post(f"/review/{case.id}", data=data).status_code == 303
    client.post("/sign-out")
    client = sign_in(candidate(case))
    page = sound(client.get(f"/my/registration/{case.id}"))
    assert all(x in page for x in ("照片不可用", "姓名与证件不一致", "请带原件"))
    before = db.session.get_one(Case, case.id)
    said = {"phone": "13900000000", "address": "新路", "correct": "y"}
    sent = said | {"photo": (io.BytesIO(picture((300, 400))), "me.jpg")}
    assert client.post(f"/my/registration/{case.id}", data=sent).status_code == 303
    db.session.refresh(before)
    assert before.state is CaseState.CONFIRMED
    assert before.returned_reasons == []


def test_no_case_is_accepted_while_something_is_missing(house: House) -> None:
    case = confirmed(house, photo=None)
    file = review.file_of(house.reviewer, case.id, now=NOW, pack=PACK)
    assert file.lacking == (ReturnReason.PHOTO_MISSING,)
    with pytest.raises(RuleRefused):
        review.accept(house.reviewer, case.id, now=NOW, pack=PACK)
    db.session.refresh(case)
    assert (case.state, case.serial_number) == (CaseState.CONFIRMED, None)


def test_two_reviewers_cannot_decide_one_case_twice(app: Flask, house: House) -> None:
    case_id = confirmed(house).id
    outcomes: list[str] = []

    def decide(accept: Callable[[], object]) -> None:
        with app.app_context():
            try:
                accept()
                outcomes.append("done")
            except WrongState:
                outcomes.append("late")
            db.session.remove()

    ways: list[Callable[[], object]] = [
        lambda: review.accept(house.reviewer, case_id, now=NOW, pack=PACK),
        lambda: review.return_case(
            house.reviewer, case_id, [ReturnReason.OTHER], note="x", now=NOW
        ),
    ]
    threads = [threading.Thread(target=decide, args=(x,)) for x in ways]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["done", "late"]


def test_cases_accepted_at_once_never_share_a_serial_number(app: Flask, house: House) -> None:
    cases = cases_of(registered(house, 24))
    keys = [x.id for x in cases]
    confirmation.confirm_many([Confirmation(case_id=x, mandate=True) for x in keys], now=NOW)

    def accept(some: list[Any]) -> None:
        with app.app_context():
            for key in some:
                review.accept(house.reviewer, key, now=NOW, pack=PACK)
            db.session.remove()

    with ThreadPoolExecutor(3) as pool:
        list(pool.map(accept, (keys[n::3] for n in range(3))))
    db.session.expire_all()
    numbers = db.session.scalars(sa.select(Case.serial_number)).all()
    assert len(set(numbers)) == 24


def test_an_ended_code_opens_nothing(house: House, clock: FixedClock, client: FlaskClient) -> None:
    upload = registered(house)
    (slip,) = school.issue_codes(house.clerk, upload.id, now=NOW, pack=PACK)
    clock.move_to(NOW.replace(month=12, day=31))
    last = slip.document_number[-4:]
    data = {"code": slip.code, "last_four": last, "username": "late", "password": PASSWORD}
    assert client.post("/activate", data=data).status_code == 422


def test_whoever_has_two_roles_switches_between_them(house: House, sign_in: SignIn) -> None:
    from exam.people.models import RoleGrant
    from exam.people.roles import Role

    with transaction() as session:
        account = session.get_one(Account, house.reviewer.account_id)
        grant = RoleGrant(
            account_id=account.id, role=Role.PLANNER, office_id=house.office_id, since=NOW
        )
        session.add(grant)
        session.flush()
        wanted = str(grant.id)
    client = sign_in(house.reviewer)
    assert client.get("/review/").status_code == 403
    reviewer = next(x for x in account.grants if x.role is Role.REVIEWER)
    for name, status in ((str(reviewer.id), 200), (wanted, 403)):
        assert client.post("/role", data={"role": name}).status_code == 303
        assert client.get("/review/").status_code == status
    assert client.post("/role", data={"role": "nonsense"}).status_code == 404
