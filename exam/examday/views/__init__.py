"""Pages of the hall, the examiner, the candidate's signature and the board.

The duty leader's pages stand on the hall's blueprint.
"""

from exam.examday.views import leader_pages
from exam.examday.views.board_pages import board
from exam.examday.views.examiner_pages import examiner
from exam.examday.views.hall_pages import hall
from exam.examday.views.signing_pages import signing

__all__ = ["board", "examiner", "hall", "leader_pages", "signing"]
