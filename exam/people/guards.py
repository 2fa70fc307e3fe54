"""Who may enter which door. Each blueprint is registered with its guard; a test proves it."""

from collections.abc import Callable
from dataclasses import dataclass
from uuid import UUID

from flask import Blueprint, Flask, g
from flask_login import current_user

from exam import clock
from exam.errors import NotAllowed, NotSignedIn
from exam.people.access_models import Visit
from exam.people.models import Account, RoleGrant
from exam.people.roles import Actor, Role


@dataclass(frozen=True)
class Guard:
    """What a door asks: nothing, a sign-in, or one of some roles."""

    name: str
    roles: frozenset[Role] | None
    public: bool = False

    def check(self) -> None:
        """Raise NotSignedIn or NotAllowed."""
        if self.public:
            return
        actor = current_actor()
        if self.roles is not None and actor.role not in self.roles:
            raise NotAllowed


PUBLIC = Guard("public", None, public=True)
SIGNED_IN = Guard("signed in", None)
STAFF = frozenset(Role) - {Role.CANDIDATE, Role.SCHOOL_CLERK, Role.SCHOOL_MANAGER}


def roles(*allowed: Role) -> Guard:
    """A guard for these roles."""
    return Guard("/".join(allowed), frozenset(allowed))


def register(
    app: Flask, blueprint: Blueprint, guard: Guard, *, url_prefix: str | None = None
) -> None:
    """Register a blueprint together with its guard, which runs before each of its views."""
    app.register_blueprint(blueprint, url_prefix=url_prefix)
    app.before_request_funcs.setdefault(blueprint.name, []).insert(0, _runner(guard))
    app.extensions.setdefault("kaochang.guards", {})[blueprint.name] = guard


def _runner(guard: Guard) -> Callable[[], None]:
    def check() -> None:
        guard.check()

    return check


def current_actor() -> Actor:
    """The signed-in person in the role that she has chosen.

    Raises:
        NotSignedIn: nobody, or an account without any live role.
    """
    if "actor" not in g:
        g.actor = _actor()
    actor: Actor = g.actor
    return actor


def _actor() -> Actor:
    if not current_user.is_authenticated:
        raise NotSignedIn
    found = actor_in(current_user.visit)
    if found is None:
        raise NotSignedIn
    return found


def actor_in(visit: Visit) -> Actor | None:
    """Who acts in a visit: the chosen role, else the first; None without any live role."""
    grants = live_grants(visit.account)
    if not grants:
        return None
    return actor_of(visit.account, next((x for x in grants if x.id == visit.grant_id), grants[0]))


def live_grants(account: Account) -> list[RoleGrant]:
    """The account's roles that hold now, in a stable order."""
    now = clock.now()
    live = [x for x in account.grants if x.since <= now and (x.until is None or x.until > now)]
    return sorted(live, key=lambda x: (x.role, x.id))


def actor_of(account: Account, grant: RoleGrant) -> Actor:
    """The actor for one grant of an account."""
    person: UUID | None = account.person_id if grant.role is Role.CANDIDATE else None
    return Actor(
        account_id=account.id,
        role=grant.role,
        office_id=grant.office_id,
        site_id=grant.site_id,
        school_id=grant.school_id,
        person_id=person,
    )
