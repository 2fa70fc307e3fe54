"""Public pages and the inspector's."""

from pathlib import Path
from uuid import UUID

from flask import Blueprint, current_app, render_template, send_file
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext as _

from exam import clock
from exam.booking import report_wording, round_files, subject_names, wording
from exam.booking.models import Round, RoundState
from exam.booking.services import planner, reports
from exam.errors import NotFound
from exam.people.guards import current_actor
from exam.policy.pack import Pack
from exam.policy.sources import source_of
from exam.replanning import reading as replans
from exam.replanning import wording as replan_wording
from exam.replanning.views import send_archive
from exam.supervision.counts import COUNTED, exception_counts
from exam.supervision.rule_values import value_words

inspection = Blueprint("inspection", __name__)
public = Blueprint("public", __name__)

SHOWN = frozenset(RoundState) - {RoundState.PLANNED}
CONFIDENCE = {
    "Q": _("Primary text read"),
    "S": _("Secondary source"),
    "U": _("Local or our own setting"),
}


@public.context_processor
@inspection.context_processor
def names() -> dict[str, object]:
    """What templates call things."""
    return {"names": subject_names, "wording": wording, "confidence": CONFIDENCE}


@public.get("/")
def start() -> ResponseReturnValue:
    """Rounds, plans and rules: what anybody may read."""
    return render_template(
        "supervision/public.html",
        rounds=planner.rounds_of(None, states=SHOWN),
        plans=planner.plans_of(None, published=True),
    )


@public.get("/plans")
def plans() -> ResponseReturnValue:
    """Published plans."""
    return render_template("supervision/plans.html", plans=planner.plans_of(None, published=True))


@public.get("/plans/<uuid:key>")
def plan(key: UUID) -> ResponseReturnValue:
    """A published plan with seats, applications and bookings."""
    found = planner.plan_of(key)
    return render_template("supervision/plan.html", plan=found, lines=planner.plan_sessions(found))


@public.get("/rounds/<code>")
def round_(code: str) -> ResponseReturnValue:
    """A round: its commitment, and once published all that checks it."""
    found = planner.round_by_code(code)
    if found.state not in SHOWN:
        raise NotFound
    published = found.state is RoundState.PUBLISHED
    return render_template(
        "supervision/round.html",
        round=found,
        published=published,
        frozen=found.round_sha256 is not None,
        files=_files(code) if published else {},
        digests=_digests(code) if published else {},
        subjects=planner.tallies(found)[0],
        **_replans(found),
    )


@public.get("/rounds/<code>/changes/<int:number>.zip")
def replan_archive(code: str, number: int) -> ResponseReturnValue:
    """All files of a replanning that was told, with the checker, ready to run."""
    found = replans.told_by_number(planner.round_by_code(code).id, number)
    return send_archive(replans.folder_of(current_app.config["KAOCHANG"].data_folder, found), found)


@public.get("/rounds/<code>/files/<path:name>")
def round_file(code: str, name: str) -> ResponseReturnValue:
    """One file of a published round, byte for byte as it was solved and checked."""
    found = planner.round_by_code(code)
    path = _files(found.code).get(name) if found.state is RoundState.PUBLISHED else None
    if path is None:
        raise NotFound
    return send_file(
        path.resolve(), as_attachment=True, download_name=f"{code}-{name.replace('/', '-')}"
    )


@public.get("/rounds/<code>/everything.zip")
def round_archive(code: str) -> ResponseReturnValue:
    """All files of a published round with the checker, ready to run."""
    found = planner.round_by_code(code)
    if found.state is not RoundState.PUBLISHED:
        raise NotFound
    return send_file(
        round_files.archive(_folder(code)),
        mimetype="application/zip",
        as_attachment=True,
        download_name=f"{code}.zip",
    )


@public.get("/checker.py")
def checker() -> ResponseReturnValue:
    """The independent checker: one file, Python's standard library alone."""
    return send_file(round_files.CHECKER, mimetype="text/x-python", as_attachment=True)


@public.get("/rules")
def rules() -> ResponseReturnValue:
    """Every number that decides something, with its source."""
    pack: Pack = current_app.extensions["kaochang.pack"]
    return render_template(
        "supervision/rules.html",
        pack=pack,
        parameters=sorted(pack, key=lambda x: x.name),
        source_of=source_of,
        value_words=value_words,
    )


@public.get("/counts")
def counts() -> ResponseReturnValue:
    """How often what is the exception was asked for and granted, by office and month."""
    now = clock.now()
    return render_template("supervision/counts.html", lines=exception_counts(now), kinds=COUNTED)


@inspection.get("/")
def start_inspection() -> ResponseReturnValue:
    """Rounds with their hashes and who signed, and what was changed after their results."""
    rounds = planner.rounds_of(current_actor().office_id)
    told = replans.told_in(current_actor().office_id)
    return render_template(
        "supervision/inspection.html",
        rows=[(x, planner.signers(x)) for x in rounds],
        replans=[(x, replans.names_of(x)) for x in told],
        changes=replans.counts_of([x.id for x in told]),
        said=replan_wording,
    )


def _replans(found: Round) -> dict[str, object]:
    """What the public reads of changes after the results: counts and kinds, nobody's name."""
    told = replans.replans_of(found.id, told=True)
    return {
        "replans": told,
        "changes": replans.counts_of([x.id for x in told]),
        "said": replan_wording,
    }


@inspection.get("/rounds/<code>/fairness")
def fairness(code: str) -> ResponseReturnValue:
    """How groups of candidates fared in a round, small ones hidden."""
    found = planner.round_by_code(code, office_id=current_actor().office_id)
    return render_template(
        "supervision/fairness.html",
        round=found,
        report=reports.fairness_of(found, current_app.config["KAOCHANG"].data_folder),
        told=report_wording,
    )


def _folder(code: str) -> Path:
    return round_files.folder_of(current_app.config["KAOCHANG"].data_folder, code)


def _files(code: str) -> dict[str, Path]:
    return round_files.public_files(_folder(code))


def _digests(code: str) -> dict[str, str]:
    return round_files.digests(_folder(code), list(_files(code)))
