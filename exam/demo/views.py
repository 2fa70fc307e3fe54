"""Moving the demo's clock."""

from flask import Blueprint

demo = Blueprint("demo", __name__)
