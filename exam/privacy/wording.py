"""What pages call kinds of data and terms."""

from flask_babel import lazy_gettext as _

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
