"""The values of a rule pack in words: codes by their names, classes with one value together."""

from collections import defaultdict
from typing import Any

from flask_babel import gettext
from flask_babel import lazy_gettext as _

from exam.examday.wording import CHECKLIST, NO_FAULT
from exam.policy.pack import Parameter
from exam.web.names import PATHWAYS, SUBJECTS

CODES: dict[str, Any] = {
    "failed": _("Failed"),
    "tier": _("A tier of its own"),
    "fit_only": _("Places that fit, no tier"),
    "pregnant": _("Pregnant"),
    "disabled": _("Disabled"),
    "military": _("Military"),
    "step_free": _("Step-free way"),
    "stepfree": _("Step-free way"),
    "hearing": _("Hard of hearing"),
    "textscreen": _("Instructions on a screen"),
}
NAMES: dict[str, dict[str, Any]] = {
    "pathway": dict(PATHWAYS),
    "no_fault": NO_FAULT,
    "day": {code: words[0] for code, words in CHECKLIST.items()},
}
"""Names that hold only in parameters that begin so."""


def value_words(parameter: Parameter) -> list[str]:
    """The value as people read it: one text a line."""
    if not isinstance(parameter.value, dict):
        return [_told(parameter, parameter.value)]
    keys: dict[str, list[str]] = defaultdict(list)
    for key, value in parameter.value.items():
        keys[_told(parameter, value)].append(_told(parameter, key))
    comma = gettext(", ")
    return [f"{comma.join(names)}{gettext(': ')}{value}" for value, names in keys.items()]


def _told(parameter: Parameter, value: object) -> str:
    subjects: dict[str, Any] = dict(SUBJECTS)
    own = NAMES.get(parameter.name.split(".")[0], {})
    words = [str(own.get(x) or subjects.get(x) or CODES.get(x, x)) for x in str(value).split()]
    comma: str = gettext(", ")
    return comma.join(words)
