"""Pages of the school's uploads, the person's confirmation and the reviewer."""

from datetime import date
from uuid import UUID

from flask import (
    Blueprint,
    Response,
    flash,
    redirect,
    render_template,
    request,
    url_for,
)
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from exam import clock
from exam.db import db
from exam.errors import Busy, InvalidInput
from exam.features import Feature, enabled
from exam.people.guards import current_actor
from exam.people.models import NeedKind, Person
from exam.people.proving import must_be_proven
from exam.people.sign_in import current_visit
from exam.registration import confirmation, findings, intake
from exam.registration import review as reviewing
from exam.registration import school as schools
from exam.registration.cases import own_case
from exam.registration.confirmation import Confirmation
from exam.registration.forms import ConfirmForm, ReturnForm, UploadForm
from exam.registration.models import CaseState
from exam.registration.permits import current_pack
from exam.registration.review import ReturnReason
from exam.sealing.answers import picture
from exam.web import limits
from exam.web.admission import PICTURE_MB, takes_files
from exam.web.answers import show_error
from exam.web.paging import page_address, page_asked

school = Blueprint("school", __name__)
registration = Blueprint("registration", __name__)
review = Blueprint("review", __name__)

SPREADSHEET = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@school.get("/uploads")
def uploads() -> ResponseReturnValue:
    """What the school has handed in so far."""
    found = schools.uploads_page(current_actor(), page=page_asked())
    return render_template("registration/uploads.html", found=found, page_address=page_address)


@school.route("/uploads/new", methods=["GET", "POST"])
@limits.acts("30 per hour")
@takes_files()
def upload() -> ResponseReturnValue:
    """Hand in a table of candidates with their photos."""
    if not enabled(Feature.SCHOOL_UPLOADS):
        raise Busy(_("Uploads are switched off for now. The counter registers meanwhile."))
    form = UploadForm()
    if form.validate_on_submit():
        given = form.photos.data.read() if form.photos.data else None
        try:
            name, content = form.file.data.filename or "", form.file.data.read()
            file = intake.File(name, content, given)
            key = intake.hand_in(current_actor(), file, now=clock.now(), pack=current_pack())
        except InvalidInput as error:
            show_error(form, error)
        else:
            return redirect(url_for("school.upload_result", upload_id=key), code=303)
    return render_template("registration/upload.html", form=form), 422 if form.errors else 200


@school.get("/uploads/<uuid:upload_id>")
def upload_result(upload_id: UUID) -> ResponseReturnValue:
    """What became of each row, or how far the work has come."""
    order = intake.order_of(current_actor(), upload_id)
    if order is not None:
        return render_template("registration/upload_progress.html", order=order, key=upload_id)
    shown = {"refused": True, "taken": False}.get(request.args.get("rows", ""))
    found = schools.rows_page(current_actor(), upload_id, refused=shown, page=page_asked())
    told = {"finding": findings.finding_line, "page_address": page_address}
    return render_template("registration/upload_result.html", found=found, shown=shown, **told)


@school.get("/uploads/<uuid:upload_id>/progress")
def upload_progress(upload_id: UUID) -> ResponseReturnValue:
    """The part of the page that asks again while the jobs process works."""
    order = intake.order_of(current_actor(), upload_id)
    if order is None:
        schools.upload_of(current_actor(), upload_id)
    return render_template("registration/_upload_progress.html", order=order, key=upload_id)


@school.get("/uploads/<uuid:upload_id>/findings.xlsx")
def findings_file(upload_id: UUID) -> ResponseReturnValue:
    """The rows with their findings, to put right."""
    rows = schools.all_rows(current_actor(), upload_id)
    from exam.registration import workbooks  # noqa: PLC0415 - dear to load, and asked for seldom

    return _file(workbooks.with_findings(rows), "findings.xlsx")


@school.post("/uploads/<uuid:upload_id>/codes")
def codes(upload_id: UUID) -> ResponseReturnValue:
    """One-time codes on slips; shown with this answer and never again."""
    slips = schools.issue_codes(current_actor(), upload_id, now=clock.now(), pack=current_pack())
    return render_template("registration/slips.html", slips=slips, upload_id=upload_id)


@school.get("/template.xlsx")
def template_file() -> ResponseReturnValue:
    """The table to fill in."""
    from exam.registration import workbooks  # noqa: PLC0415 - dear to load, and asked for seldom

    return _file(workbooks.template(), "template.xlsx")


@registration.route("/<uuid:case_id>", methods=["GET", "POST"])
@takes_files(PICTURE_MB)
def confirm(case_id: UUID) -> ResponseReturnValue:
    """The person's data, to correct and confirm."""
    actor = current_actor()
    case = own_case(actor, case_id)
    if case.state not in (CaseState.PREREGISTERED, CaseState.RETURNED):
        return redirect(url_for("my.home_page"), code=303)
    person = db.session.get_one(Person, case.person_id)
    form = _confirm_form(person)
    if form.validate_on_submit():
        if form.phone.data != person.phone:  # codes to sign in with go to it
            must_be_proven(current_visit(), now=clock.real_now())
        try:
            given = form.photo.data.read() if form.photo.data else None
            confirmation.confirm(actor, _said(form, case_id), photo=given, now=clock.now())
        except InvalidInput as error:
            show_error(form, error)
        else:
            flash(_("Your data are confirmed. A reviewer will look at them now."), "good")
            return redirect(url_for("my.home_page"), code=303)
    facts = {
        "case": case,
        "person": person,
        "reasons": findings.reason_texts(case.returned_reasons),
    }
    may = confirmation.may_change_photo(person.id)
    page = render_template("registration/confirm.html", form=form, photo_open=may, **facts)
    return page, 422 if form.errors else 200


@registration.post("/<uuid:case_id>/withdraw")
def withdraw(case_id: UUID) -> ResponseReturnValue:
    """The person takes her case back."""
    confirmation.withdraw(current_actor(), case_id, now=clock.now())
    flash(_("Your case is withdrawn."), "good")
    return redirect(url_for("my.home_page"), code=303)


@registration.get("/photo")
def own_photo() -> ResponseReturnValue:
    """The signed-in person's photo."""
    person = db.session.get(Person, current_actor().person_id)
    return _photo(person)


@review.get("/")
def waiting() -> ResponseReturnValue:
    """Cases that wait for a reviewer."""
    found = reviewing.waiting(current_actor(), page=page_asked())
    return render_template("registration/waiting.html", found=found, page_address=page_address)


@review.route("/<uuid:case_id>", methods=["GET", "POST"])
def case_file(case_id: UUID) -> ResponseReturnValue:
    """A case with all that decides about it; a post returns it."""
    file = reviewing.file_of(current_actor(), case_id, now=clock.now(), pack=current_pack())
    form = ReturnForm(reasons=list(file.lacking))
    if form.validate_on_submit():
        reasons = [ReturnReason(x) for x in form.reasons.data or []]
        try:
            reviewing.return_case(
                current_actor(), case_id, reasons, note=form.note.data or "", now=clock.now()
            )
        except InvalidInput as error:
            show_error(form, error)
        else:
            flash(_("The case went back with every reason."), "good")
            return redirect(url_for("review.waiting"), code=303)
    texts = [findings.REASONS[x] for x in file.lacking]
    told = {"lacking": texts, "photo_texts": findings.photo_texts}
    page = render_template("registration/case_file.html", file=file, form=form, **told)
    return page, 422 if form.errors else 200


@review.post("/<uuid:case_id>/numbers")
def numbers(case_id: UUID) -> ResponseReturnValue:
    """The case with whole numbers, to compare with papers; each such view is recorded."""
    file = reviewing.show_numbers(current_actor(), case_id, now=clock.now(), pack=current_pack())
    page = render_template("registration/numbers.html", file=file)
    return page, {"Cache-Control": "no-store"}


@review.post("/<uuid:case_id>/accept")
def accept(case_id: UUID) -> ResponseReturnValue:
    """Accept a case, to the second."""
    case = reviewing.accept(current_actor(), case_id, now=clock.now(), pack=current_pack())
    message = _("Accepted with serial number %(serial)s.", serial=case.serial_number)
    flash(message, "good")
    return redirect(url_for("review.waiting"), code=303)


@review.get("/<uuid:case_id>/photo")
def case_photo(case_id: UUID) -> ResponseReturnValue:
    """The photo of a case's person."""
    file = reviewing.file_of(current_actor(), case_id, now=clock.now(), pack=current_pack())
    return _photo(file.person)


def _confirm_form(person: Person) -> ConfirmForm:
    needs = confirmation.needs_of(person.id)
    return ConfirmForm(
        phone=person.phone,
        address=person.address,
        needs=[str(x) for x in needs],
        until=needs.get(NeedKind.PREGNANT),
        mandate=True,
    )


def _said(form: ConfirmForm, case_id: UUID) -> Confirmation:
    needs: dict[NeedKind, date | None] = {NeedKind(x): None for x in form.needs.data or []}
    if NeedKind.PREGNANT in needs:
        needs[NeedKind.PREGNANT] = form.until.data
    return Confirmation(
        case_id=case_id,
        mandate=bool(form.mandate.data),
        phone=form.phone.data,
        address=form.address.data,
        needs=needs,
    )


def _photo(person: Person | None) -> Response:
    return picture(person.photo if person else None)


def _file(content: bytes, name: str) -> Response:
    """A workbook of Office Open XML (ECMA-376), to be kept rather than shown."""
    answer = Response(content, mimetype=SPREADSHEET)
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer
