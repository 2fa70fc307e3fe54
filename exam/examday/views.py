"""Pages of the hall, the examiner, the candidate's signature and the board."""

from flask import Blueprint

hall = Blueprint("hall", __name__)
examiner = Blueprint("examiner", __name__)
signing = Blueprint("signing", __name__)
board = Blueprint("board", __name__)
