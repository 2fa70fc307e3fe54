"""The page through which a candidate's own camera is watched while she sits an exam."""

from typing import Any
from uuid import UUID

from flask import Blueprint, current_app, jsonify, make_response, render_template, request
from flask.typing import ResponseReturnValue

from exam import clock
from exam.live import webcam as cameras
from exam.people.guards import current_actor
from exam.web import limits
from exam.web.admission import takes_files

webcam = Blueprint("webcam", __name__)
CHUNK_MB = 4
CAMERA_HERE = "camera=(self), microphone=(), geolocation=(), payment=(), usb=()"
"""No other page may ask for a camera: see exam/web/headers.py."""


@webcam.get("/<uuid:sitting_id>")
def page(sitting_id: UUID) -> ResponseReturnValue:
    """What is recorded and why, to agree to, and how it is going."""
    sitting, between = cameras.running_or_between(current_actor(), sitting_id)
    answer = make_response(render_template("live/webcam.html", sitting=sitting, between=between))
    answer.headers["Permissions-Policy"] = CAMERA_HERE
    return answer


@webcam.post("/<uuid:sitting_id>/begin")
@limits.acts("20 per minute")
def begin(sitting_id: UUID) -> ResponseReturnValue:
    """Agree, and get a number for the recorder."""
    recorder = cameras.begin(
        current_actor(),
        sitting_id,
        agreed=request.form.get("agreed") == "yes",
        data_folder=_data_folder(),
        now=clock.now(),
    )
    return jsonify(recorder=recorder)


@webcam.post("/<uuid:sitting_id>/chunks/<int:recorder>/<int:number>")
@limits.acts("300 per minute")
@takes_files(CHUNK_MB)
def chunk(sitting_id: UUID, recorder: int, number: int) -> ResponseReturnValue:
    """Take one chunk of the recording; sent again, it is taken once."""
    cameras.take(
        current_actor(),
        sitting_id,
        recorder=recorder,
        number=number,
        kind=request.mimetype,
        data=request.get_data(cache=False),
        data_folder=_data_folder(),
    )
    return "", 204


def _data_folder() -> Any:
    return current_app.config["KAOCHANG"].data_folder
