"""What the machine's numbers come to. Pure; a person may always decide otherwise."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Any


class AnswerState(StrEnum):
    """What an answer can say."""

    SAME = "same"
    DIFFERENT = "different"
    UNSURE = "unsure"
    NO_FACE = "no_face"
    SEVERAL_FACES = "several_faces"
    USABLE = "usable"
    UNUSABLE = "unusable"
    UNREADABLE = "unreadable"
    """No picture, or none that can be opened."""


LEAST_FACE_HEIGHT = 90
"""Pixels: below it two persons' embeddings come too near to each other."""
LEAST_SHARPNESS = 40
"""Variance of the Laplacian over the face at 112 px; a clear passport photo has hundreds."""
LUMA = (55, 215)
"""Mean brightness of the face, 0 to 255."""
MOST_TURN = 20
"""Degrees of yaw or pitch away from the camera."""


def photo_problems(facts: Mapping[str, Any]) -> tuple[str, ...]:
    """What stands against a registration photo, as codes; empty: usable.

    Args:
        facts: numbers of `proctor.faces.PhotoFacts`; None where there is not exactly one face.
    """
    if facts["faces"] == 0:
        return ("no_face",)
    if facts["faces"] > 1:
        return ("several_faces",)
    found = []
    if facts["face_height"] < LEAST_FACE_HEIGHT:
        found.append("face_small")
    if facts["sharpness"] < LEAST_SHARPNESS:
        found.append("blurred")
    if not LUMA[0] <= facts["brightness"] <= LUMA[1]:
        found.append("badly_lit")
    if max(abs(facts["yaw"]), abs(facts["pitch"])) > MOST_TURN:
        found.append("turned_away")
    return tuple(found)
