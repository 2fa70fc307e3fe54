"""One look at a picture: every kind answered yes, no or unknown, with the numbers behind it.

Camera health comes first: in a picture that is covered, frozen or moved nothing is known about
people. A face is called absent only after a second look at twice the size and more light.
"""

from collections import deque
from dataclasses import dataclass, field, replace

import av
import cv2
import numpy as np

from proctor import faces as identity
from proctor.detector import Face, Picture, find_faces, lift
from proctor.faces import DIFFERENT_BELOW, SAME_FROM, Embedding
from proctor.health import CameraHealth, Health, Luma
from proctor.kinds import Kind, kinds_of
from proctor.objects import PERSON, PHONE, Thing, find_things
from proctor.pose import Pose, head_pose
from proctor.settings import Settings

_LEAST_WIDTH = 24.0
_SURE_FACE = 0.75
_SECOND_FACE = 0.7
_GOOD_WIDTH, _GOOD_SCORE, _GOOD_YAW = 40.0, 0.8, 28.0
_IDENTITY_EVERY, _IDENTITY_DOUBT = 2.0, 1.0
_OBJECTS_EVERY, _OBJECTS_DOUBT = 2.0, 0.7
_PHONE_SCORE = 0.5
_PERSON_SCORE = 0.4
_SIDE_TURN, _DOWN_TURN = 35.0, 30.0
_BASELINE_LOOKS, _BASELINE_LEAST = 300, 25
_ACCEPT_SCENE_AFTER = 60.0


@dataclass(frozen=True)
class Answer:
    """yes, no or unknown (None); when a yes began if known better than now; numbers behind it."""

    yes: bool | None
    onset: float | None = None
    facts: dict[str, int] = field(default_factory=dict)


UNKNOWN = Answer(None)


@dataclass(frozen=True)
class Look:
    """All answers at `time` seconds, and the faces seen (largest first)."""

    time: float
    answers: dict[Kind, Answer]
    faces: list[Face]


class Observer:
    """Looks at one camera's pictures in order and remembers what it needs in between."""

    def __init__(self, settings: Settings, references: list[Embedding]) -> None:
        """Take the settings and the registered person's embeddings, which stay in memory only."""
        self._settings = settings
        self._health = CameraHealth()
        self._kinds = kinds_of(settings.view) - settings.mute
        if not references:
            self._kinds -= {Kind.WRONG_PERSON}
        if settings.expected is None:
            self._kinds -= {Kind.SEVERAL_FACES, Kind.PERSON_ENTERED}
        self._identity = IdentityTrack(references)
        self._poses: deque[tuple[float, float]] = deque(maxlen=_BASELINE_LOOKS)
        self._objects_due = self._objects_time = 0.0
        self._things: dict[Kind, Answer] = {}
        self._moved_since: float | None = None

    def look(self, frame: av.VideoFrame, time: float) -> Look:
        """Judge one decoded frame at `time` seconds on the stream's timeline."""
        health = self._health.look(_luma(frame), time)
        self._accept_lasting_scene(health, time)
        if health.covered:
            return self._finish(time, self._equipment(health, time, covered=True, faces=[]), [])
        picture = np.asarray(frame.to_ndarray(format="bgr24"), np.uint8)
        faces = self._faces(picture)
        covered = health.blurred and not faces
        answers = self._equipment(health, time, covered=covered, faces=faces)
        trusted = not covered and not health.moved and not answers[Kind.CAMERA_FROZEN].yes
        if trusted:
            answers |= self._people(picture, faces, health, time)
        return self._finish(time, answers, faces if trusted else [])

    def _finish(self, time: float, answers: dict[Kind, Answer], faces: list[Face]) -> Look:
        return Look(time, {kind: answers.get(kind, UNKNOWN) for kind in self._kinds}, faces)

    def _faces(self, picture: Picture) -> list[Face]:
        if not self._kinds & {Kind.FACE_ABSENT, Kind.SEVERAL_FACES}:
            return []
        found = find_faces(picture, longest=320)
        if not found or found[0].score < _SURE_FACE:
            found = find_faces(lift(picture), longest=640) or found
        expected = self._settings.expected
        if expected is not None and len(found) > expected:
            again = find_faces(lift(picture), longest=640, least_score=_SECOND_FACE)
            found = again if len(again) >= expected else found[:expected]
        return [face for face in found if face.width >= _LEAST_WIDTH]

    def _equipment(
        self, health: Health, time: float, *, covered: bool, faces: list[Face]
    ) -> dict[Kind, Answer]:
        frozen = health.still > 0 and (bool(faces) or health.frozen is True) and not covered
        moved = None if covered else health.moved
        light = {
            "brightness": round(health.mean),
            "contrast": round(health.deviation),
            "sharpness": round(health.sharpness),
        }
        match = {} if health.match is None else {"background_match_pm": round(1000 * health.match)}
        return {
            Kind.CAMERA_COVERED: Answer(covered, facts=light),
            Kind.CAMERA_MOVED: Answer(moved, facts=match),
            Kind.CAMERA_FROZEN: Answer(
                frozen if health.frozen is not None or faces else None,
                onset=time - health.still,
                facts={"same_picture_ms": round(1000 * health.still)},
            ),
        }

    def _accept_lasting_scene(self, health: Health, time: float) -> None:
        """A camera that stays moved for a minute has a new place: watch on from there."""
        if not health.moved:
            self._moved_since = None
        elif self._moved_since is None:
            self._moved_since = time
        elif time - self._moved_since > _ACCEPT_SCENE_AFTER:
            self._health.accept_scene()
            self._moved_since = None

    def _people(
        self, picture: Picture, faces: list[Face], health: Health, time: float
    ) -> dict[Kind, Answer]:
        facts = {"faces": len(faces), "brightness": round(health.mean)}
        answers = {Kind.FACE_ABSENT: Answer(not faces, facts=facts)}
        expected = self._settings.expected
        if expected is not None:
            answers[Kind.SEVERAL_FACES] = Answer(
                len(faces) > expected, facts={"faces": len(faces), "expected": expected}
            )
        if faces:
            pose = head_pose(faces[0], (picture.shape[0], picture.shape[1]))
            answers[Kind.LOOKING_AWAY] = self._turned(pose)
            if len(faces) == 1:
                answers[Kind.WRONG_PERSON] = self._identity.look(picture, faces[0], pose, time)
        else:
            self._identity.broken()
        if time >= self._objects_due:
            self._look_for_things(picture, faces, time)
        return answers | self._things

    def _turned(self, pose: Pose | None) -> Answer:
        if pose is None:
            return UNKNOWN
        self._poses.append((pose.yaw, pose.pitch))
        if len(self._poses) < _BASELINE_LEAST:
            return UNKNOWN
        usual_yaw, usual_pitch = np.median(np.array(self._poses), axis=0)
        side, down = abs(pose.yaw - usual_yaw), pose.pitch - usual_pitch
        away = bool(side > _SIDE_TURN or down > _DOWN_TURN)
        return Answer(away, facts={"turned_deg": round(side), "down_deg": round(down)})

    def _look_for_things(self, picture: Picture, faces: list[Face], time: float) -> None:
        """Look again soon while anything is in doubt; date a yes back to between two looks."""
        found = self._objects(picture, faces)
        for kind, answer in found.items():
            before = self._things.get(kind, UNKNOWN)
            if answer.yes and before.yes is False:
                found[kind] = replace(answer, onset=(self._objects_time + time) / 2)
        doubt = any(answer.yes for answer in found.values())
        self._objects_time = time
        self._objects_due = time + (_OBJECTS_DOUBT if doubt else _OBJECTS_EVERY)
        self._things = found

    def _objects(self, picture: Picture, faces: list[Face]) -> dict[Kind, Answer]:
        answers: dict[Kind, Answer] = {}
        if Kind.PERSON_ENTERED in self._kinds:
            things = find_things(picture, kinds=(PERSON, PHONE))
            people = [x for x in things if x.kind == PERSON and x.score >= _PERSON_SCORE]
            expected = self._settings.expected or 0
            answers[Kind.PERSON_ENTERED] = Answer(
                len(people) > expected, facts={"people": len(people), "expected": expected}
            )
        else:
            things = find_things(_upper_body(picture, faces), kinds=(PHONE,))
        if Kind.PHONE in self._kinds:
            answers[Kind.PHONE] = _phone(things)
        return answers


class IdentityTrack:
    """Compares the seated face with the registered one every few seconds."""

    def __init__(self, references: list[Embedding]) -> None:
        """Take the embeddings of one person; with none every answer is unknown."""
        self._references = references
        self._due = 0.0
        self._last_same: float | None = None
        self._answer = UNKNOWN

    def broken(self) -> None:
        """The face went away: whoever comes back is looked at at once."""
        self._due = 0.0
        self._last_same = None
        self._answer = UNKNOWN

    def look(self, picture: Picture, face: Face, pose: Pose | None, time: float) -> Answer:
        """Answer for the face in this picture: unknown until it is seen well enough."""
        good = face.width >= _GOOD_WIDTH and face.score >= _GOOD_SCORE
        facing = pose is not None and abs(pose.yaw) < _GOOD_YAW
        if self._references and good and facing and time >= self._due:
            vector = identity.embed(picture, face)
            self._judge(max(float(vector @ known) for known in self._references), time)
        return self._answer

    def _judge(self, score: float, time: float) -> None:
        facts = {"similarity_pm": round(1000 * score), "same_from_pm": round(1000 * SAME_FROM)}
        if score >= SAME_FROM:
            self._answer = Answer(yes=False, facts=facts)
            self._last_same = time
        elif score < DIFFERENT_BELOW:
            onset = time if self._last_same is None else (self._last_same + time) / 2
            self._answer = Answer(yes=True, onset=onset, facts=facts)
        else:
            self._answer = Answer(None, facts=facts)
        self._due = time + (_IDENTITY_EVERY if self._answer.yes is False else _IDENTITY_DOUBT)


def _phone(things: list[Thing]) -> Answer:
    score = max((thing.score for thing in things if thing.kind == PHONE), default=0.0)
    return Answer(score >= _PHONE_SCORE, facts={"phone_score_pm": round(1000 * score)})


def _upper_body(picture: Picture, faces: list[Face]) -> Picture:
    """Return the part of the picture around the largest face where hands would hold a phone."""
    if not faces:
        return picture
    face = faces[0]
    middle, reach = face.x + face.width / 2, 2.2 * face.width
    left, right = max(0, int(middle - reach)), int(middle + reach)
    top, bottom = max(0, int(face.y - 0.5 * face.height)), int(face.y + 4.5 * face.height)
    return np.ascontiguousarray(picture[top:bottom, left:right])


_PLANAR = frozenset({"yuv420p", "yuvj420p", "yuv422p", "yuvj422p", "yuv444p", "nv12", "gray"})


def _luma(frame: av.VideoFrame) -> Luma:
    """Return the luma of a frame, without a copy where the format has it as a plane."""
    if frame.format.name in _PLANAR:
        plane = frame.planes[0]
        rows = np.frombuffer(memoryview(plane), np.uint8).reshape(-1, plane.line_size)
        return np.asarray(rows[: frame.height, : frame.width])
    gray = frame.to_ndarray(format="bgr24")
    return np.asarray(cv2.cvtColor(gray, cv2.COLOR_BGR2GRAY), np.uint8)
