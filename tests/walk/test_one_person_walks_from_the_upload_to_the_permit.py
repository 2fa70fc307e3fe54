"""The main job from end to end, in Chromium, against the processes of an installation.

Only the city (sites, staff, plans, a camera) is made beforehand. All that happens to the person is
done by the people in it, on their pages, and by the jobs that the clock lets fall due.
"""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING

import pytest

from tests.walk import the_exam_morning as morning
from tests.walk import the_way_to_a_seat as seat
from tests.walk.small_city import ZONE
from tests.walk.walking import Walk

if TYPE_CHECKING:
    from tests.walk.conftest import Running
    from tests.walk.visitors import Visitors

pytestmark = pytest.mark.browser

REPORT = time(9, 35)
"""Between the time to report for the late session and its start."""


def test_one_person_walks_from_the_upload_to_the_permit(
    running: Running, visitors: Visitors, request: pytest.FixtureRequest
) -> None:
    walk = Walk(running, visitors)
    try:
        seat.the_school_uploads(walk)
        candidate = seat.the_person_activates_and_confirms(walk)
        seat.the_reviewer_accepts(walk)
        seat.she_applies_and_changes(walk, candidate)
        walk.move_clock(running.city.closes_at + timedelta(minutes=1))
        seat.the_round_is_decided_and_published(walk)
        seat.she_reads_her_seat(walk, candidate)
        walk.move_clock(datetime.combine(walk.exam_day, REPORT, ZONE))
        morning.the_hall_checks_her_in_and_draws(walk)
        examiner = morning.the_examiner_begins(walk)
        morning.the_camera_shows_an_empty_seat(walk, examiner)
        morning.the_examiner_scores_and_signs(walk, examiner)
        morning.she_signs_and_reads_what_follows(walk, candidate)
        morning.she_applies_for_the_next_subject(walk, candidate)
    finally:
        # Shown by pytest where the walk has failed.
        request.node.add_report_section("call", "processes", running.installation.told())
        request.node.add_report_section("call", "pages", visitors.pages())
    assert visitors.troubles == []
    assert running.installation.troubles() == []
