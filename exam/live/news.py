"""What the wall is told when something changes: where it belongs, ids and states, nothing else."""

import json
from uuid import UUID

from exam.db import wake
from exam.live.models import ReviewItem
from exam.people.models import Site

CHANNEL = "wall"


def tell_item(item: ReviewItem, site: Site) -> None:
    """Tell at commit that an item is new or has changed."""
    _tell(
        office=str(site.office_id),
        site=str(site.id),
        group=item.group,
        item=item.number,
        state=item.state,
        severity=item.severity,
    )


def tell_camera(*, camera_id: UUID, site_id: UUID, office_id: UUID, state: str) -> None:
    """Tell at commit that a camera has fallen silent or is watched again."""
    _tell(office=str(office_id), site=str(site_id), camera=str(camera_id), state=state)


def _tell(**news: str | int) -> None:
    wake(CHANNEL, json.dumps(news))
