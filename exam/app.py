"""The composition root: it wires, and does nothing else. No query, no migration, no network."""

from typing import Any

from flask import Flask
from flask_wtf import CSRFProtect

from exam import clock, config, db, error_pages, logs, metrics, tables, web
from exam.booking.views import booking, planning
from exam.cli import add_commands
from exam.clock import Clock, SystemClock
from exam.config import Settings
from exam.demo import sign_ins
from exam.demo.views import demo, phones
from exam.errors import ConfigurationError
from exam.examday.views import board, examiner, hall, signing
from exam.health import health
from exam.live.sockets import init_app as init_live
from exam.live.views import wall
from exam.live.webcam_views import webcam
from exam.metrics import metrics as numbers
from exam.notify import texts
from exam.notify.texts import SimulatedGateway
from exam.pages.navigation import init_app as init_navigation
from exam.pages.views import home, my, school_day
from exam.people import kept_forms, sign_in
from exam.people.account_views import account
from exam.people.guards import PUBLIC, SIGNED_IN, register, roles
from exam.people.rights_views import rights
from exam.people.roles import Role
from exam.people.views import people
from exam.policy import pack
from exam.privacy.key_views import key_erasing
from exam.privacy.views import holding, privacy
from exam.registration.own_views import own
from exam.registration.views import registration, review, school
from exam.replanning.pages import replanning
from exam.rostering.duty_views import duties
from exam.rostering.models import ROSTERED
from exam.rostering.views import rostering
from exam.sealing import holder as sealing
from exam.subscriptions import subscribe
from exam.supervision.views import inspection, public
from exam.system import demo_clock, outbox
from exam.web import admission, cookies, headers, limits

csrf = CSRFProtect()


def create_app(*, time: Clock | None = None, **overrides: Any) -> Flask:
    """Wire an application.

    Args:
        time: a clock of one's own, for tests and bulk history.
        overrides: values for :class:`exam.config.Settings` instead of the environment.

    Raises:
        ConfigurationError: naming what is missing.
    """
    settings = config.load(**overrides)
    app = Flask(__name__, template_folder="../templates", static_folder=None)
    _configure(app, settings)
    logs.init_app(app)
    db.init_app(app, settings)
    app.extensions["kaochang.tables"] = tables
    sealing.init_app(app, settings)
    clock.init_app(app, time or (demo_clock.create(app) if settings.demo else SystemClock()))
    app.extensions["kaochang.pack"] = pack.load(settings.policy_packs)
    admission.init_app(app, settings)
    csrf.init_app(app)
    sign_in.init_app(app)
    web.init_app(app)
    kept_forms.init_app(app)
    limits.init_app(app, settings)
    texts.init_app(app, SimulatedGateway() if settings.demo else None)
    error_pages.init_app(app)
    metrics.init_app(app)
    subscribe(outbox.init_app(app))
    _doors(app, settings)
    init_navigation(app)
    init_live(app)
    headers.wrap(app)
    add_commands(app)
    return app


def _configure(app: Flask, settings: Settings) -> None:
    app.config.update(
        KAOCHANG=settings,
        SECRET_KEY=settings.secret_key.get_secret_value(),
        MAX_CONTENT_LENGTH=settings.upload_limit_mb * 1024 * 1024,
        WTF_CSRF_TIME_LIMIT=None,
        DEMO=settings.demo,
        SIGN_OUT_ENDPOINT="account.sign_out",
    )
    previous = [x.get_secret_value() for x in settings.previous_secret_keys]
    cookies.configure(app, over_tls=settings.secure_cookies, previous_keys=previous)
    if app.debug and not settings.demo:
        raise ConfigurationError("FLASK_DEBUG: debugging shows code and data; only a demo may")


def _doors(app: Flask, settings: Settings) -> None:
    """Every blueprint with its guard; `tests/house` proves that none is missing."""
    candidate = roles(Role.CANDIDATE)
    school_side = roles(Role.SCHOOL_CLERK, Role.SCHOOL_MANAGER)
    watching = roles(
        Role.EXAMINER, Role.INVIGILATOR, Role.DUTY_LEADER, Role.SUPERVISOR, Role.SITE_OPERATOR
    )
    register(app, health, PUBLIC)
    register(app, numbers, PUBLIC)
    register(app, home, PUBLIC)
    register(app, people, PUBLIC)
    register(app, own, PUBLIC, url_prefix="/apply")
    register(app, account, SIGNED_IN)
    register(app, my, candidate, url_prefix="/my")
    register(app, school_day, school_side, url_prefix="/school")
    register(app, school, school_side, url_prefix="/school")
    register(app, registration, candidate, url_prefix="/my/registration")
    register(app, review, roles(Role.REVIEWER), url_prefix="/review")
    register(app, booking, candidate, url_prefix="/my/booking")
    register(app, planning, roles(Role.PLANNER, Role.DUTY_LEADER), url_prefix="/planning")
    register(app, replanning, roles(Role.PLANNER, Role.DUTY_LEADER), url_prefix="/planning/replans")
    register(app, rostering, roles(Role.PLANNER, Role.DUTY_LEADER), url_prefix="/planning/rosters")
    register(app, duties, roles(*ROSTERED), url_prefix="/duties")
    register(app, hall, roles(Role.HALL_OFFICER, Role.DUTY_LEADER), url_prefix="/hall")
    register(app, examiner, roles(Role.EXAMINER, Role.DUTY_LEADER), url_prefix="/examiner")
    register(app, signing, candidate, url_prefix="/my/result")
    register(app, webcam, candidate, url_prefix="/my/camera")
    register(app, board, PUBLIC, url_prefix="/board")
    register(app, wall, watching, url_prefix="/wall")
    register(app, inspection, roles(Role.INSPECTOR, Role.SUPERVISOR), url_prefix="/inspection")
    register(app, rights, roles(Role.ADMINISTRATOR, Role.SUPERVISOR), url_prefix="/rights")
    register(app, public, PUBLIC, url_prefix="/public")
    register(app, privacy, PUBLIC, url_prefix="/public")
    register(app, holding, roles(Role.REVIEWER, Role.SUPERVISOR), url_prefix="/privacy")
    register(app, key_erasing, roles(Role.REVIEWER, Role.SUPERVISOR), url_prefix="/privacy/keys")
    if settings.demo:
        register(app, demo, roles(Role.ADMINISTRATOR), url_prefix="/demo")
        register(app, phones, PUBLIC, url_prefix="/demo")
        sign_ins.init_app(app)
