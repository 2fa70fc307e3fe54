"""One look at a picture: every kind answered yes, no or unknown, with the numbers behind it.

Camera health comes first: in a picture that is covered, frozen or moved nothing is known about
people.
"""

from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import median
from types import MappingProxyType

from proctor.answers import UNKNOWN, Answer
from proctor.attention import Attention, Change
from proctor.detector import Face
from proctor.effort import FULL, Effort
from proctor.faces import Embedding
from proctor.health import HEIGHT, WIDTH, CameraHealth, Health
from proctor.identity import IdentityTrack
from proctor.kinds import Kind, Place
from proctor.planes import Planes
from proctor.pose import Pose, head_pose
from proctor.seats import SeatedThings
from proctor.seek import FaceSeeker
from proctor.settings import Settings
from proctor.things import ThingSeeker

_SIDE_TURN, _DOWN_TURN, _UNSURE_TURN = 35.0, 30.0, 5.0
"""Degrees from the usual pose that are away, and how many less are neither away nor not: a head
that is held turned wavers by as much from look to look."""
_BASELINE_LOOKS, _BASELINE_LEAST, _BASELINE_EVERY = 300, 25, 1.0
_ACCEPT_SCENE_AFTER = 60.0


@dataclass(frozen=True)
class Look:
    """All answers at `time` seconds, and the faces seen (largest first).

    answers: by kind and seat; what nobody could tell is unknown.
    """

    time: float
    answers: dict[Place, Answer]
    faces: list[Face]

    def says(self, kind: Kind, seat: str = "") -> Answer:
        """Return the answer about the camera's own, or about one seat; unknown without any."""
        return self.answers.get((kind, seat), UNKNOWN)


class Observer:
    """Looks at one camera's pictures in order and remembers what it needs in between."""

    def __init__(self, settings: Settings, references: list[Embedding]) -> None:
        """Take the settings and the registered person's embeddings, which stay in memory only."""
        self._settings = settings
        self._health = CameraHealth()
        self._kinds = settings.kinds
        self._seat_places = [(kind, seat) for kind, seat in settings.places if seat]
        if not references:
            self._kinds -= {Kind.WRONG_PERSON}
        if settings.expected is None:
            self._kinds -= {Kind.SEVERAL_FACES, Kind.PERSON_ENTERED}
        self._identity = IdentityTrack(references)
        # Two rows of plain numbers: what is remembered is frozen often, and pairs cost tenfold.
        self._yaws: deque[float] = deque(maxlen=_BASELINE_LOOKS)
        self._pitches: deque[float] = deque(maxlen=_BASELINE_LOOKS)
        self._pose: tuple[Face, Pose | None] | None = None
        self._attention = Attention()
        self._faced = bool(self._kinds & {Kind.FACE_ABSENT, Kind.SEVERAL_FACES})
        self._faces = FaceSeeker(settings.expected)
        self._things = ThingSeeker(self._kinds, settings.expected, settings.seats)
        self._seated = SeatedThings(settings.seats, settings.kinds)
        self._usual, self._usual_due = (0.0, 0.0), 0.0
        self._may_be_turned = False
        self._moved_since: float | None = None

    def look(self, planes: Planes, time: float, effort: Effort = FULL) -> Look:
        """Judge one decoded frame at `time` seconds on the stream's timeline, as hard as told."""
        health = self._health.look(planes.luma(WIDTH, HEIGHT), time)
        change = self._attention.look(health.tiles)
        self._accept_lasting_scene(health, time)
        if health.covered:
            return self._finish(time, self._equipment(health, time, covered=True, faces=[]))
        faces = self._looked_for(planes, change, time) if self._faced else []
        covered = health.blurred and not faces
        answers = self._equipment(health, time, covered=covered, faces=faces)
        trusted = not covered and not health.moved and not answers[Kind.CAMERA_FROZEN].yes
        if trusted:
            if faces:
                self._health.occupied([face.box for face in faces], planes.size)
            answers |= self._people(planes, faces, health, change, time)
            patience = effort.things
            alone = len(faces) == 1 and not answers.get(Kind.WRONG_PERSON, UNKNOWN).yes
            answers |= self._things.look(
                planes, faces, change, time, alone=alone, patience=patience
            )
            seats = self._seated.look(planes, change, time, patience=patience)
            return self._finish(time, answers, faces, seats)
        return self._finish(time, answers)

    def _looked_for(self, planes: Planes, change: Change, time: float) -> list[Face]:
        faces = self._faces.look(planes, change, time, doubted=self._may_be_turned)
        self._may_be_turned = False
        return faces

    def _finish(
        self,
        time: float,
        answers: dict[Kind, Answer],
        faces: Sequence[Face] = (),
        seats: Mapping[Place, Answer] = MappingProxyType({}),
    ) -> Look:
        own = {(kind, ""): answers.get(kind, UNKNOWN) for kind in self._kinds}
        at_seats = {place: seats.get(place, UNKNOWN) for place in self._seat_places}
        return Look(time, own | at_seats, list(faces))

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
        self,
        planes: Planes,
        faces: list[Face],
        health: Health,
        change: Change,
        time: float,
    ) -> dict[Kind, Answer]:
        facts = {"faces": len(faces), "brightness": round(health.mean)}
        answers = {Kind.FACE_ABSENT: Answer(not faces, facts=facts)}
        expected = self._settings.expected
        if expected is not None:
            answers[Kind.SEVERAL_FACES] = Answer(
                len(faces) > expected,
                onset=time - self._faces.late if len(faces) > expected else None,
                facts={"faces": len(faces), "expected": expected},
            )
        if len(faces) == 1:
            # Of several nobody can tell which face is the one whose pose and name are asked for.
            pose = self._posed(faces[0], planes.size)
            answers[Kind.LOOKING_AWAY] = self._turned(pose, time)
            answers[Kind.WRONG_PERSON] = self._identity.look(
                planes, faces[0], pose, change, time, broke=self._faces.broke
            )
        elif not faces:
            self._identity.broken()
        return answers

    def _posed(self, face: Face, size: tuple[int, int]) -> Pose | None:
        """Return the pose of a face, worked out once for one that still stands."""
        if self._pose is None or self._pose[0] is not face:
            self._pose = (face, head_pose(face, size))
        return self._pose[1]

    def _turned(self, pose: Pose | None, time: float) -> Answer:
        if pose is None:
            return UNKNOWN
        self._yaws.append(pose.yaw)
        self._pitches.append(pose.pitch)
        if len(self._yaws) < _BASELINE_LEAST:
            return UNKNOWN
        if time >= self._usual_due:
            self._usual_due = time + _BASELINE_EVERY
            self._usual = (median(self._yaws), median(self._pitches))
        usual_yaw, usual_pitch = self._usual
        side, down = abs(pose.yaw - usual_yaw), pose.pitch - usual_pitch
        beyond = max(side - _SIDE_TURN, down - _DOWN_TURN)
        away = None if -_UNSURE_TURN < beyond <= 0 else beyond > 0
        self._may_be_turned = away is not False
        return Answer(away, facts={"turned_deg": round(side), "down_deg": round(down)})
