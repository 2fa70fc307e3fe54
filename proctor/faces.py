"""One-to-one face comparison and photo checks: numbers and states, no verdict about a person.

Embeddings live only inside these calls. Method: Zhong et al., SFace, 2021, through the OpenCV
zoo's weights; cosine similarity of two unit vectors.
"""

from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from proctor.detector import Face, Picture, find_faces, lift
from proctor.errors import BadInputError
from proctor.models import store
from proctor.pose import head_pose

Embedding = NDArray[np.float32]

# On 963 same and 4243 different pairs from one camera: below 0.42 one same-person frame in a
# hundred, above 0.52 no different one. Between the two a person looks.
DIFFERENT_BELOW = 0.42
SAME_FROM = 0.52
_SMALLEST = 24.0
_LONGEST = 1600
_ALIGNED = 112


class FaceState(StrEnum):
    """What a comparison can say."""

    SAME = "same"
    DIFFERENT = "different"
    UNSURE = "unsure"
    NO_FACE = "no_face"
    SEVERAL_FACES = "several_faces"


@dataclass(frozen=True)
class PhotoFacts:
    """A photo in numbers; None where there is not exactly one face.

    width, height: pixels. faces: how many. face_width, face_height: pixels. face_share_pm: face
    height per mille of the photo's. score_pm: the detector's certainty. sharpness: variance of the
    Laplacian over the face at 112 px. brightness, contrast: mean and deviation of the face's luma,
    0 to 255. light_balance_pm: the darker half of the face against the brighter one, 1000 even.
    yaw, pitch, roll: degrees.
    """

    width: int
    height: int
    faces: int
    face_width: int | None = None
    face_height: int | None = None
    face_share_pm: int | None = None
    score_pm: int | None = None
    sharpness: int | None = None
    brightness: int | None = None
    contrast: int | None = None
    light_balance_pm: int | None = None
    yaw: int | None = None
    pitch: int | None = None
    roll: int | None = None


@dataclass(frozen=True)
class FaceComparison:
    """The state, both photos' facts, and the cosine similarity, None without one face in each."""

    state: FaceState
    score: float | None
    reference: PhotoFacts
    probe: PhotoFacts


def compare(reference: Path | bytes, probe: Path | bytes) -> FaceComparison:
    """Compare one person's reference photo with a probe (any format OpenCV reads).

    Raises BadInputError when either cannot be read as a picture. Without exactly one face in both
    state says so and there is no score. About 100 ms for two photos of 480x640.
    """
    pictures = (_decoded(reference, "reference"), _decoded(probe, "probe"))
    found = [_faces_of(picture) for picture in pictures]
    facts = [_facts(picture, faces) for picture, faces in zip(pictures, found, strict=True)]
    if not all(found):
        return FaceComparison(FaceState.NO_FACE, None, *facts)
    if any(len(faces) > 1 for faces in found):
        return FaceComparison(FaceState.SEVERAL_FACES, None, *facts)
    first, second = (
        embed(picture, faces[0]) for picture, faces in zip(pictures, found, strict=True)
    )
    score = float(first @ second)
    return FaceComparison(judged(score), score, *facts)


def judged(score: float) -> FaceState:
    """Return same, different or unsure for a cosine similarity."""
    if score >= SAME_FROM:
        return FaceState.SAME
    return FaceState.DIFFERENT if score < DIFFERENT_BELOW else FaceState.UNSURE


def check_photo(photo: Path | bytes) -> PhotoFacts:
    """Return a photo's facts in numbers; raises BadInputError if it cannot be read as a picture."""
    picture = _decoded(photo, "photo")
    return _facts(picture, _faces_of(picture))


def reference_embedding(path: Path) -> Embedding:
    """Return the embedding of a reference photo; raises BadInputError without exactly one face."""
    picture = _decoded(path, f"--reference {path}")
    faces = _faces_of(picture)
    if len(faces) != 1:
        raise BadInputError(
            f"--reference {path}: {len(faces)} faces found; give a photo with exactly one"
        )
    return embed(picture, faces[0])


def embed(picture: Picture, face: Face) -> Embedding:
    """Return the unit vector (128) of a face in a BGR picture."""
    aligned = _aligned(picture, face)
    tensor = cv2.dnn.blobFromImage(aligned, 1.0, (_ALIGNED, _ALIGNED), (0, 0, 0), swapRB=True)
    vector = store.run(store.IDENTITY, tensor)[0].ravel()
    return np.asarray(vector / np.linalg.norm(vector), np.float32)


@cache
def _places() -> NDArray[np.float32]:
    """Where eyes, nose and mouth corners stand in the 112x112 picture SFace learned from."""
    return np.array(
        [[38.29, 51.70], [73.53, 51.50], [56.03, 71.74], [41.55, 92.37], [70.73, 92.20]],
        np.float32,
    )


def _aligned(picture: Picture, face: Face) -> Picture:
    warp, _ = cv2.estimateAffinePartial2D(face.points, _places(), method=cv2.LMEDS)
    if warp is None:
        warp = np.eye(2, 3)
    return np.asarray(cv2.warpAffine(picture, warp, (_ALIGNED, _ALIGNED)), np.uint8)


def _faces_of(picture: Picture) -> list[Face]:
    faces = find_faces(picture, longest=640) or find_faces(lift(picture), longest=640)
    return [face for face in faces if face.width >= _SMALLEST]


def _decoded(source: Path | bytes, field: str) -> Picture:
    try:
        data = source if isinstance(source, bytes) else source.read_bytes()
    except OSError as error:
        raise BadInputError(f"{field}: cannot be read ({error.strerror})") from error
    try:
        picture = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR) if data else None
    except cv2.error:
        picture = None
    if picture is None:
        raise BadInputError(f"{field}: not a picture; give a JPEG or PNG file")
    scale = _LONGEST / max(picture.shape[:2])
    if scale < 1.0:
        picture = cv2.resize(picture, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    return np.asarray(picture, np.uint8)


def _facts(picture: Picture, faces: list[Face]) -> PhotoFacts:
    height, width = picture.shape[:2]
    if len(faces) != 1:
        return PhotoFacts(width=width, height=height, faces=len(faces))
    face = faces[0]
    luma = cv2.cvtColor(_aligned(picture, face), cv2.COLOR_BGR2GRAY)
    halves = sorted((float(luma[:, :56].mean()), float(luma[:, 56:].mean())))
    pose = head_pose(face, (height, width))
    return PhotoFacts(
        width=width,
        height=height,
        faces=1,
        face_width=round(face.width),
        face_height=round(face.height),
        face_share_pm=round(1000 * face.height / height),
        score_pm=round(1000 * face.score),
        sharpness=round(float(cv2.Laplacian(luma, cv2.CV_64F).var())),
        brightness=round(float(luma.mean())),
        contrast=round(float(luma.std())),
        light_balance_pm=round(1000 * halves[0] / max(1.0, halves[1])),
        yaw=round(pose.yaw) if pose else None,
        pitch=round(pose.pitch) if pose else None,
        roll=round(pose.roll) if pose else None,
    )
