"""Pages of replanning and of what is not there."""

from exam.replanning import outage_views
from exam.replanning.views import replanning

__all__ = ["outage_views", "replanning"]
