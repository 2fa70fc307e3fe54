"""The wall."""

from flask import Blueprint

wall = Blueprint("wall", __name__)
