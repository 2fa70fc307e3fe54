"""Subjects, licence classes and pathways: the field's own codes. Pure."""

from enum import StrEnum


class Subject(StrEnum):
    """Subject 1, 2, and the two halves of subject 3."""

    S1 = "S1"
    S2 = "S2"
    S3R = "S3R"
    S3T = "S3T"

    @property
    def theory(self) -> bool:
        """Sat at a terminal rather than in a vehicle."""
        return self in (Subject.S1, Subject.S3T)


class LicenceClass(StrEnum):
    """准驾车型."""

    A1 = "A1"
    A2 = "A2"
    A3 = "A3"
    B1 = "B1"
    B2 = "B2"
    C1 = "C1"
    C2 = "C2"
    C3 = "C3"
    C4 = "C4"
    C5 = "C5"
    C6 = "C6"
    D = "D"
    E = "E"
    F = "F"
    M = "M"
    N = "N"
    P = "P"


class Pathway(StrEnum):
    """业务种类: which subjects a person must sit is a table of the policy pack."""

    FIRST = "first"
    ADDED = "added"
    C2_TO_C1 = "c2_to_c1"
    TO_C5 = "to_c5"
    ADD_C6 = "add_c6"
    MILITARY = "military"
    MILITARY_TRUCK = "military_truck"
    FOREIGN = "foreign"
    RESUME = "resume"
    FULL_POINTS = "full_points"
