"""Pages of applying and of planning."""

from flask import Blueprint

booking = Blueprint("booking", __name__)
planning = Blueprint("planning", __name__)
