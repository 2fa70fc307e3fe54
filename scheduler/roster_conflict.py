"""Why there is no roster: a smallest set of rules that contradict each other, in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scheduler.roster_engines import Limits, cp_sat, held_by, highs
from scheduler.roster_form import Form, duty_name
from scheduler.roster_outline import Outline
from scheduler.roster_patterns import Patterns, TooManyChoicesError
from scheduler.roster_programme import FREE, Programme

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from scheduler.roster import Duty, Rules, Worker


def smallest_conflict(
    workers: Sequence[Worker], duties: Sequence[Duty], rules: Rules, work_limit: float
) -> list[str]:
    """Return rules of which none can be left out, sorted.

    Those that have no part in it are left out at once; the others are dropped in blocks, then one
    by one, as long as the rest still contradicts itself.
    """
    some = _narrowed(workers, duties, rules, work_limit)
    form = Form(workers, some, rules, explain=True)
    kept = _suspects(form, work_limit)
    # A duty that need not be filled only gives people less to do: none contradicts without it.
    wanted = [duty for duty in some if any(duty_name(duty) in text for text in kept)]
    form = Form(workers, wanted, rules, explain=True)
    size = len(kept)
    while size >= 1:
        start = 0
        while start < len(kept):
            tried = kept[:start] + kept[start + size :]
            if _contradicts(form, tried, work_limit):
                kept = tried
            else:
                start += size
        size //= 2
    return sorted(kept)


def _narrowed(
    workers: Sequence[Worker], duties: Sequence[Duty], rules: Rules, work_limit: float
) -> Sequence[Duty]:
    """Return the duties of one day if they alone are too many, which is quickly seen; else all."""
    for day in sorted({duty.start.date() for duty in duties}):
        some = [duty for duty in duties if duty.start.date() == day]
        try:
            full = Patterns(workers, some, rules)
        except TooManyChoicesError:
            continue
        if highs(Outline(full).arrays(), Limits(work_limit, 0.0)).impossible:
            return some
    return duties


def _suspects(form: Form, work_limit: float) -> list[str]:
    """Return the rules that cannot be kept together even by fractions of people, or all rules.

    Each rule may be broken at a price: those that hold the price up are enough for a conflict.
    """
    texts = sorted({row.text for row in form.rows if row.text})
    soft = Programme()
    soft.upper = [*form.upper]
    for terms, low, high, text in form.rows:
        slack = [(soft.variable(FREE, 1), sign) for sign in ((1, -1) if text else ())]
        soft.row([*terms, *slack], low, high, text)
    held = sorted({soft.rows[at].text for at in held_by(soft.arrays())} - {""})
    return held if _contradicts(form, held, work_limit) else texts


def _contradicts(form: Form, rules: Iterable[str], work_limit: float) -> bool:
    """Ask the linear programme, which sees at once that people are too few, then both engines."""
    kept = {*rules}
    arrays = form.arrays(lambda row: not row.text or row.text in kept)
    limits = Limits(work_limit, 0.0)
    if highs(arrays, limits, whole=False).impossible:
        return True
    whole = highs(arrays, limits)
    if whole.values is not None or whole.impossible:
        return whole.impossible
    return cp_sat(arrays, limits).impossible
