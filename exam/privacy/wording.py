"""What pages call kinds of data and terms."""

from flask_babel import lazy_gettext as _

from exam.privacy.key_rules import Ground, Kept

KINDS = {
    "identity": _("Identity"),
    "contact": _("Contact"),
    "face": _("Face"),
    "health": _("Health"),
    "case": _("Cases and bookings"),
    "exam": _("Exam"),
    "video": _("Video"),
    "upload": _("Uploads"),
    "message": _("Notices"),
    "account": _("Accounts and records"),
    "technical": _("Technical"),
}

RULES = {
    "retention.need_days": _("Support needs"),
    "retention.person_years": _("Contact data and photos"),
    "retention.identity_days": _("Pictures taken at check-in"),
    "retention.upload_days": _("Cells of uploads"),
    "retention.notice_years": _("Notices"),
    "retention.technical_days": _("Technical data"),
    "evidence.retention_years": _("Video"),
}

SAY_WHY = _("Say why, in at most 400 characters.")

GROUNDS = {
    Ground.TERM_ENDED: _("Its term is over"),
    Ground.NO_EXAM: _("No exam took place there on that day"),
}

KEPT = {
    Kept.NO_KEY: _("There is no key of this camera and day. Check the day."),
    Kept.DAY_NOT_OVER: _("The day is not over. Ask again tomorrow."),
    Kept.HELD: _("A legal hold keeps something of this day. It must be lifted first."),
    Kept.UNDECIDED: _("A review item of this day is not decided. Decide it first."),
    Kept.TERM: _("The term of this video is not over. It must be kept until then."),
    Kept.EXAMINED: _("An exam was held there on that day. Its video is kept for the whole term."),
    Kept.NOT_ALLOWED: _("The rules of this office let no video go before its term."),
    Kept.UNFINISHED: _("The camera is being read just now. It is tried again by itself."),
}
"""What stands in the way of erasing a key, and what to do."""
