"""Pages of the hall, the examiner, the candidate's signature and the board."""

from exam.examday.views import leader_pages
from exam.examday.views.board_pages import board
from exam.examday.views.examiner_pages import examiner
from exam.examday.views.signing_pages import signing

hall = leader_pages.hall
"""With the duty leader's pages on it."""

__all__ = ["board", "examiner", "hall", "signing"]
