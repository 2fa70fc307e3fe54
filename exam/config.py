"""Configuration: read once from the environment, typed, refused at start when incomplete."""

import os
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from exam.errors import ConfigurationError
from exam.features import Feature

SUFFIX = "_FILE"


class Settings(BaseSettings):
    """Everything that differs between two installations. Environment names: see ``env_name``."""

    model_config = SettingsConfigDict(env_prefix="KAOCHANG_", frozen=True, populate_by_name=True)

    database_url: str = Field(validation_alias="DATABASE_URL")
    """postgresql://… ; always driven by psycopg 3."""
    secret_key: SecretStr = Field(min_length=32)
    """Signs cookies and forms."""
    data_folder: Path
    """Photos, rounds, streams and the cameras' key; backed up with the database."""
    key_file: Path | None = None
    """Keys for personal data. Backed up apart from everything that they open."""
    policy_packs: tuple[str, ...] = ("cn",)
    """Rule packs, the widest first: country, province, office."""
    demo: bool = False
    """Allows the movable clock and the simulated national adapter."""
    secure_cookies: bool = True
    """Off only where pages are served without TLS, as in the demo."""
    previous_secret_keys: tuple[Annotated[SecretStr, Field(min_length=32)], ...] = ()
    """What they have signed is still read: the way to change ``secret_key`` with nobody put out."""
    trusted_hosts: tuple[str, ...] = ()
    """Names under which the pages are reached; a leading dot takes in all below it.
    Those of this machine always; in the demo any, unless some are named."""
    camera_hosts: tuple[str, ...] = ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7")
    """Where cameras may be: networks, and host names that are trusted by name."""
    camera_ports: tuple[int, ...] = (554, 8554, 322, 8322)
    """Ports of RTSP and of RTSP over TLS."""
    commit: str = "unknown"
    """The release that runs, shown on /healthz."""
    statement_timeout_ms: int = Field(default=30_000, ge=1_000)
    lock_timeout_ms: int = Field(default=3_000, ge=100)
    upload_limit_mb: int = Field(default=64, ge=1, le=1024)
    pool_size: int = Field(default=10, ge=1)
    pool_wait_seconds: int = Field(default=10, ge=1)
    """How long a request waits for a connection before its reader is asked to try again."""
    disk_low_mb: int = Field(default=1024, ge=0)
    """With less room than this for the data folder, /healthz and the alerts say so."""
    replan_engine: Literal["auto", "ortools", "fast"] = "auto"
    """What solves a replanning; auto: the fast engine where Numba is installed. Same results."""
    switched_off: tuple[Feature, ...] = ()
    """See :mod:`exam.features`; shown on /healthz."""
    metrics_token: SecretStr | None = Field(default=None, min_length=16)
    """What the office's monitoring shows to read /metrics; without it there is no such address."""
    trusted_proxies: int = Field(default=0, ge=0, le=5)
    """How many proxies of one's own stand before the pages and tell the reader's address."""
    rate_limit_storage: str = "memory://"
    """Where attempts are counted: in this process, or a Redis that several share."""
    second_factor: bool | None = None
    """Whether staff must have a second factor; unset: everywhere but in the demo."""
    password_min_staff: int = Field(default=12, ge=12, le=64)
    password_min_candidate: int = Field(default=8, ge=8, le=64)
    idle_minutes_staff: int = Field(default=60, ge=2)
    idle_minutes_candidate: int = Field(default=30, ge=2)
    """Minutes without a request after which a browser is signed out; ten at least in elder mode."""
    prove_again_minutes: int = Field(default=15, ge=1, le=240)
    """How long a password or code counts for acts that a borrowed browser must not do."""
    visit_hours: int = Field(default=16, ge=1)
    """The longest that a browser stays signed in, used or not."""

    @property
    def staff_need_second_factor(self) -> bool:
        """The demo hands its sign-ins to everybody, so that a phone would stand in the way."""
        return not self.demo if self.second_factor is None else self.second_factor

    @property
    def keys_at(self) -> Path:
        """The key file; beside the data folder, never inside it, where none is named."""
        beside = self.data_folder.absolute()
        return self.key_file or beside.with_name(f"{beside.name}.keys") / "keys.toml"

    @property
    def sqlalchemy_url(self) -> str:
        """The database address with the driver spelt out."""
        _, _, rest = self.database_url.partition("://")
        return f"postgresql+psycopg://{rest}"


def load(**overrides: Any) -> Settings:
    """Read the environment.

    Raises:
        ConfigurationError: naming each environment variable that is missing or wrong.
    """
    try:
        return Settings(**(_from_files() | overrides))
    except ValidationError as error:
        lines = [f"{_env_name(item['loc'][0])}: {item['msg']}" for item in error.errors()]
        raise ConfigurationError("; ".join(lines)) from None


def _from_files() -> dict[str, Any]:
    """Values of variables NAME_FILE: secrets that lie in files, as container platforms give them.

    Raises:
        ConfigurationError: a file that is named cannot be read, or NAME stands beside it.
    """
    found = {}
    for field in Settings.model_fields:
        name = _env_name("DATABASE_URL" if field == "database_url" else field)
        path = os.environ.get(f"{name}{SUFFIX}")
        if field == "key_file" or path is None:
            continue
        if name in os.environ:
            raise ConfigurationError(f"{name} and {name}{SUFFIX} are both given: give one")
        try:
            found[field] = Path(path).read_text(encoding="utf-8").strip()
        except OSError as error:
            raise ConfigurationError(f"{name}{SUFFIX}: {error.strerror}") from None
    return found


def _env_name(field: int | str) -> str:
    name = str(field)
    return name if name == "DATABASE_URL" else f"KAOCHANG_{name.upper()}"
