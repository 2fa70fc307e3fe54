"""Pages of the school's uploads, the person's confirmation and the reviewer."""

from flask import Blueprint

school = Blueprint("school", __name__)
registration = Blueprint("registration", __name__)
review = Blueprint("review", __name__)
