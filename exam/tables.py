"""Every table, so that the metadata is whole wherever the application is."""

from exam.audit import models as audit
from exam.booking import models as booking
from exam.examday import models as examday
from exam.live import models as live
from exam.notify import models as notify
from exam.people import access_models as access
from exam.people import models as people
from exam.privacy import key_models as evidence_keys
from exam.privacy import models as privacy
from exam.registration import models as registration
from exam.replanning import models as replanning
from exam.rostering import models as rostering
from exam.system import models as system
from exam.vision import models as vision

__all__ = [
    "access",
    "audit",
    "booking",
    "evidence_keys",
    "examday",
    "live",
    "notify",
    "people",
    "privacy",
    "registration",
    "replanning",
    "rostering",
    "system",
    "vision",
]
