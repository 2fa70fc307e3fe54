"""Switches of an installation: what it can do without while something is repaired."""

from enum import StrEnum

from flask import current_app


class Feature(StrEnum):
    """What may be switched off in the configuration, and what then happens instead."""

    FACE_COMPARE = "face_compare"
    """Machine comparison at check-in; off: a person compares."""
    SCHOOL_UPLOADS = "school_uploads"
    """Uploads of schools; off: the page says so, and the counter registers."""
    METRICS = "metrics"
    """Numbers for the office's monitoring; off: the address does not exist."""


def enabled(feature: Feature) -> bool:
    """Whether an installation has it switched on; everything is, unless its settings say so."""
    return feature not in current_app.config["KAOCHANG"].switched_off


def standing() -> dict[str, bool]:
    """All switches, for /healthz."""
    return {str(x): enabled(x) for x in Feature}
