"""Public pages and the inspector's."""

from flask import Blueprint

inspection = Blueprint("inspection", __name__)
public = Blueprint("public", __name__)
