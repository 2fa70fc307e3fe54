"""Forms of rosters, qualifications and declarations."""

from collections.abc import Iterable

from flask_babel import lazy_gettext as _
from wtforms import DateField, IntegerField, SelectField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, InputRequired, NumberRange, Optional

from exam.rostering.rules import Demands
from exam.web.forms import CheckboxesField, Form
from exam.web.names import SUBJECTS

KINDS = ("*", "C1", "C2", "C3", "C4", "C5", "C6", "A1", "A2", "A3", "B1", "B2", "D", "E", "F")
WHOLE = _("Enter a whole number.")


def _number(label: object, low: int, high: int) -> IntegerField:
    limits = NumberRange(low, high, _("Enter a number from %(min)s to %(max)s."))
    return IntegerField(label, [InputRequired(WHOLE), limits])


class RosterForm(Form):
    """Sites, days, and what is demanded of the roster."""

    sites = CheckboxesField(_("Sites"), [DataRequired(_("Choose at least one site."))])
    first_day = DateField(_("First day"), [InputRequired(_("Enter the first day."))])
    last_day = DateField(_("Last day"), [InputRequired(_("Enter the last day."))])
    invigilators = _number(_("Invigilators for each subject 1 room"), 0, 20)
    field_cars = _number(_("Vehicles of one examiner in subject 2"), 1, 50)
    road_cars = _number(_("Vehicles of one examiner in subject 3 on the road"), 1, 50)
    safety_cars = _number(_("Vehicles of one safety officer on the road (0: none needed)"), 0, 50)
    weekly_hours = _number(_("Most hours of a person in a week"), 1, 60)
    rest_hours = _number(_("Hours of rest between two days"), 0, 24)
    days_a_week = _number(_("Most days of work in a week"), 1, 7)
    most_days_at_site = _number(_("Most days of a person at one site (0: no limit)"), 0, 31)

    def offer(self, sites: Iterable[tuple[str, str]], usual: Demands) -> None:
        """Fill in the sites and, in a form that was not sent, the usual numbers."""
        self.sites.choices = [SelectChoice(*x) for x in sites]
        if self.is_submitted():
            return
        self.invigilators.data = usual.invigilators
        self.field_cars.data = usual.cars_per_examiner.get("S2", 1)
        self.road_cars.data = usual.cars_per_examiner.get("S3R", 1)
        self.safety_cars.data = usual.cars_per_safety_officer
        self.weekly_hours.data = usual.weekly_hours
        self.rest_hours.data = usual.rest_hours
        self.days_a_week.data = usual.days_a_week
        self.most_days_at_site.data = usual.most_days_at_site

    def demands(self) -> Demands:
        """What was entered."""
        return Demands(
            invigilators=self.invigilators.data or 0,
            cars_per_examiner={"S2": self.field_cars.data or 1, "S3R": self.road_cars.data or 1},
            cars_per_safety_officer=self.safety_cars.data or 0,
            weekly_hours=self.weekly_hours.data or 1,
            rest_hours=self.rest_hours.data or 0,
            most_days_at_site=self.most_days_at_site.data or 0,
            days_a_week=self.days_a_week.data or 1,
        )


class QualificationForm(Form):
    """What somebody may do in a role."""

    subjects = CheckboxesField(
        _("Subjects"), choices=[SelectChoice(x, name) for x, name in SUBJECTS.items()]
    )
    classes = CheckboxesField(
        _("Kinds of vehicles"),
        choices=[SelectChoice(x, _("All") if x == "*" else x) for x in KINDS],
    )
    weekly_hours = _number(_("Most hours in a week"), 1, 60)
    valid_until = DateField(_("Certificate valid until, if it ends"), [Optional()])


class AwayForm(Form):
    """Days away; why is not asked."""

    first_day = DateField(_("First day"), [InputRequired(_("Enter the first day."))])
    last_day = DateField(_("Last day"), [InputRequired(_("Enter the last day."))])


class AvoidedForm(Form):
    """A site to keep away from; the conflict itself is not asked."""

    site = SelectField(_("Site"), [DataRequired(_("Choose a site."))])
