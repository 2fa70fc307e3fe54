"""Head pose from YuNet's five points.

A rigid head of five points (millimetres, x right, y down, z away from the camera) is fitted by
SQPNP; focal length is taken as the picture's width, which is right to within a third for seat
cameras and shifts angles by a few degrees only.
"""

from dataclasses import dataclass

import cv2
import numpy as np

from proctor.detector import Face

_HEAD = np.array(
    [[-31, -33, 28], [31, -33, 28], [0, 0, 0], [-24, 29, 22], [24, 29, 22]], np.float64
)


@dataclass(frozen=True)
class Pose:
    """Angles in degrees: yaw to the side, pitch down positive, roll."""

    yaw: float
    pitch: float
    roll: float


def head_pose(face: Face, size: tuple[int, int]) -> Pose | None:
    """Return the pose of a face in a picture of `size` (height, width), None if none fits."""
    height, width = size
    camera = np.array([[width, 0, width / 2], [0, width, height / 2], [0, 0, 1]], np.float64)
    solved, rotation, _ = cv2.solvePnP(
        _HEAD, face.points.astype(np.float64), camera, np.zeros(4), flags=cv2.SOLVEPNP_SQPNP
    )
    if not solved:
        return None
    turn, _ = cv2.Rodrigues(rotation)
    tilt = np.hypot(turn[0, 0], turn[1, 0])
    return Pose(
        yaw=float(np.degrees(np.arctan2(-turn[2, 0], tilt))),
        pitch=float(np.degrees(np.arctan2(turn[2, 1], turn[2, 2]))),
        roll=float(np.degrees(np.arctan2(turn[1, 0], turn[0, 0]))),
    )
