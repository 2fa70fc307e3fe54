"""What is wrong with a row or a case, and how to put it right, in the reader's language."""

from collections.abc import Mapping
from typing import Any

from flask_babel import lazy_gettext as _

from exam.policy.sources import in_chinese
from exam.registration.columns import Key
from exam.registration.review import ReturnReason
from exam.web.locale import language

COLUMN_NAMES: dict[Key, Any] = {
    Key.NAME: _("Full name"),
    Key.DOCUMENT_TYPE: _("Document type"),
    Key.DOCUMENT_NUMBER: _("Document number"),
    Key.PHONE: _("Mobile number"),
    Key.BIRTH_DATE: _("Birth date"),
    Key.SEX: _("Sex"),
    Key.ADDRESS: _("Address"),
    Key.LICENCE_CLASS: _("Licence class"),
    Key.PATHWAY: _("Pathway"),
    Key.TRAINING_SOURCE: _("Training source"),
    Key.MEDICAL_NUMBER: _("Medical proof number"),
    Key.MEDICAL_DATE: _("Medical proof date"),
    Key.SUPPORT: _("Support asked"),
    Key.PHOTO: _("Photo file name"),
}

FINDINGS: dict[str, Any] = {
    "cell.empty": _("This cell is empty. Fill it in."),
    "cell.formula": _("This cell holds a formula. Copy it and paste it back as a value."),
    "text.long": _("This text is too long. Shorten it to %(limit)s characters."),
    "name.odd": _("A name has letters only. Write it as the document has it."),
    "word.unknown": _("This word is not known here. Choose one of: %(known)s."),
    "number.rounded": _(
        "The spreadsheet has rounded this number. Format the column as text, then type the number"
        " again."
    ),
    "number.shape": _("A number of this document has 5 to 20 letters and digits. Check it."),
    "card.shape": _(
        "An identity number has 17 digits and one last digit or X; this one has %(length)s"
        " characters. Check it against the card."
    ),
    "card.birth_date": _("The birth date inside this identity number does not exist. Check it."),
    "card.check_digit": _(
        "The last character of this identity number does not fit the others: one of them is"
        " mistyped. Check it against the card."
    ),
    "phone.wrong": _("Write a mobile number of 11 digits, such as 13800000000."),
    "date.ambiguous": _(
        "“%(given)s” can be read in two ways. Write year, month, day, such as 2001-05-20."
    ),
    "date.number": _(
        "This is a plain number, not a date. Format the column as a date or write 2001-05-20."
    ),
    "date.unreadable": _("This is not a date. Write year, month, day, such as 2001-05-20."),
    "date.impossible": _("There is no such day in the calendar. Check month and day."),
    "date.future": _("This day has not come yet. Check the year."),
    "birth_date.differs": _(
        "The identity number says %(in_number)s. Correct the birth date or the number."
    ),
    "sex.differs": _("The identity number says otherwise. Correct the sex or the number."),
    "age.min": _(
        "At %(age)s years too young: this class asks for %(limit)s years (%(source)s). Choose"
        " another class."
    ),
    "age.max": _(
        "At %(age)s years too old: this class ends at %(limit)s years (%(source)s). Choose another"
        " class."
    ),
    "class.not_first": _(
        "A first licence may be of the classes %(known)s (%(source)s). Choose one of them or"
        " another pathway."
    ),
    "class.not_self": _(
        "Without a school only the classes %(known)s may be learned (%(source)s). Choose one of"
        " them, or register through a school."
    ),
    "pathway.class": _("This pathway leads to class %(known)s. Correct the class or the pathway."),
    "medical.old": _(
        "This proof is older than %(months)s months (%(source)s). A new one is needed."
    ),
    "row.twice": _("The same person and class stand in row %(row)s already. Delete this row."),
    "case.exists": _("This person is already registered for this class. Delete this row."),
    "person.differs": _(
        "This document is already registered with other details. Check name, sex and birth date;"
        " the person can have them corrected at the counter."
    ),
    "photo.missing": _("The zip has no file named %(name)s. Add it or correct the name."),
    "photo.twice": _("The zip has several files named %(name)s. Keep one of them."),
    "photo.unreadable": _("%(name)s cannot be read from the zip. Pack the photos again."),
    "photo.no_picture": _("%(name)s is not a picture. Use JPEG or PNG."),
    "photo.large": _("%(name)s is too large. Use a picture of at most %(megabytes)s MB."),
    "photo.small": _(
        "%(name)s is too small. Each side needs at least %(pixels)s pixels for a face to be seen."
    ),
}

REASONS: dict[ReturnReason, Any] = {
    ReturnReason.PHOTO_MISSING: _("A photo is missing."),
    ReturnReason.PHOTO_UNUSABLE: _("The photo cannot be used: face not clear, or not from ahead."),
    ReturnReason.MEDICAL_MISSING: _("The medical proof is missing."),
    ReturnReason.MEDICAL_OLD: _("The medical proof is too old."),
    ReturnReason.TOO_YOUNG: _("Too young for this class."),
    ReturnReason.TOO_OLD: _("Too old for this class."),
    ReturnReason.NAME_DIFFERS: _("The name is not as the document has it."),
    ReturnReason.DOCUMENT_UNCLEAR: _("Document type or number do not fit the document."),
    ReturnReason.ADDRESS_UNCLEAR: _("The address is not clear."),
    ReturnReason.TRAINING_PROOF: _("The proof of training is missing."),
    ReturnReason.OTHER: _("Something else (write it below)."),
}

PHOTO_PROBLEMS: dict[str, Any] = {
    "no_face": _("No face was found."),
    "several_faces": _("More than one face was found."),
    "face_small": _("The face is small in the picture."),
    "blurred": _("The face is blurred."),
    "badly_lit": _("The face is too dark or too bright."),
    "turned_away": _("The face is turned away from the camera."),
}


def photo_texts(answer: Mapping[str, Any]) -> list[str]:
    """What the machine holds against a photo, in words; a problem without words keeps its name."""
    problems = (answer.get("facts") or {}).get("problems", [])
    return [str(PHOTO_PROBLEMS.get(x, x)) for x in problems]


def finding_text(finding: Mapping[str, Any]) -> str:
    """A stored finding as a sentence: what is wrong and how to put it right."""
    facts = dict(finding["facts"])
    if "source" in facts and language() == "zh":
        facts["source"] = in_chinese(str(facts["source"]))
    return str(FINDINGS[finding["code"]] % facts)


def column_name(finding: Mapping[str, Any]) -> str:
    """The column that a finding is about."""
    return str(COLUMN_NAMES[Key(finding["column"])]) if finding["column"] else ""


def finding_line(finding: Mapping[str, Any]) -> str:
    """Column and sentence in one line."""
    return str(_("%(column)s: %(text)s")) % {
        "column": column_name(finding),
        "text": finding_text(finding),
    }


def reason_texts(reasons: list[Mapping[str, Any]]) -> list[str]:
    """Why a case was returned, with the reviewer's own words last."""
    return [
        str(REASONS[ReturnReason(x["code"])]) if x["code"] != "note" else str(x["text"])
        for x in reasons
    ]
