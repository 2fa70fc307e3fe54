"""Signed-in browsers, second factors, one-time codes; the demo's text messages.

Revision: 5c2d90e7a1b4
Follows: 5a1ed0000002
"""

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB
from alembic import op

revision = "5c2d90e7a1b4"
down_revision = "5a1ed0000002"
branch_labels = None
depends_on = None

AT = sa.DateTime(timezone=True)


def _account(name: str, **options: bool) -> sa.Column:
    return sa.Column(name, sa.Uuid(), **{"nullable": False, **options})


def _refers(table: str, column: str, target: str) -> sa.ForeignKeyConstraint:
    name = f"fk_{table}_{column}_{target}"
    return sa.ForeignKeyConstraint([column], [f"{target}.id"], name=op.f(name))


def _key(table: str) -> sa.PrimaryKeyConstraint:
    return sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}"))


def _check(table: str, name: str, rule: str) -> sa.CheckConstraint:
    return sa.CheckConstraint(rule, name=op.f(f"ck_{table}_{name}"))


def upgrade() -> None:
    op.create_table(
        "visit",
        sa.Column("id", sa.Uuid(), nullable=False),
        _account("account_id"),
        sa.Column("epoch", sa.Integer(), nullable=False),
        _account("grant_id", nullable=True),
        sa.Column("since", AT, nullable=False),
        sa.Column("last_seen_at", AT, nullable=False),
        sa.Column("device", sa.String(80), nullable=False),
        sa.Column("address", sa.String(64), nullable=False),
        sa.Column("ended_at", AT, nullable=True),
        sa.Column("ended_why", sa.String(32), nullable=True),
        _check("visit", "ended_with_a_reason", "(ended_at IS NULL) = (ended_why IS NULL)"),
        _check(
            "visit",
            "ended_why",
            "ended_why IN ('signed_out','ended_by_owner','password_changed','factor_reset')",
        ),
        _refers("visit", "account_id", "account"),
        _refers("visit", "grant_id", "role_grant"),
        _key("visit"),
    )
    op.create_index(op.f("ix_visit_account_id"), "visit", ["account_id"])
    op.create_table(
        "second_factor",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("secret_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", AT, nullable=False),
        sa.Column("confirmed_at", AT, nullable=True),
        sa.Column("last_step", sa.BigInteger(), nullable=False),
        _refers("second_factor", "id", "account"),
        _key("second_factor"),
    )
    op.create_table(
        "recovery_code",
        sa.Column("id", sa.Uuid(), nullable=False),
        _account("account_id"),
        sa.Column("code_hash", sa.String(200), nullable=False),
        sa.Column("created_at", AT, nullable=False),
        sa.Column("used_at", AT, nullable=True),
        _refers("recovery_code", "account_id", "account"),
        _key("recovery_code"),
    )
    op.create_index(op.f("ix_recovery_code_account_id"), "recovery_code", ["account_id"])
    _factor_reset()
    op.create_table(
        "one_time_code",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=True),
        sa.Column("code_hmac", sa.String(66), nullable=True),
        sa.Column("asked_at", AT, nullable=False),
        sa.Column("expires_at", AT, nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("used_at", AT, nullable=True),
        _check("one_time_code", "tries_counted", "tries >= 0"),
        _refers("one_time_code", "person_id", "person"),
        _key("one_time_code"),
    )
    op.create_index(op.f("ix_one_time_code_person_id"), "one_time_code", ["person_id"])
    op.create_table(
        "simulated_text",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(64), nullable=False),
        sa.Column("facts", JSONB(), nullable=False),
        sa.Column("sent_at", AT, nullable=False),
        _refers("simulated_text", "person_id", "person"),
        _key("simulated_text"),
    )


def _factor_reset() -> None:
    op.create_table(
        "factor_reset",
        sa.Column("id", sa.Uuid(), nullable=False),
        _account("account_id"),
        sa.Column("reason", sa.String(400), nullable=False),
        _account("asked_by"),
        sa.Column("asked_at", AT, nullable=False),
        _account("decided_by", nullable=True),
        sa.Column("decided_at", AT, nullable=True),
        sa.Column("granted", sa.Boolean(), nullable=True),
        _check("factor_reset", "two_names", "decided_by IS DISTINCT FROM asked_by"),
        _check(
            "factor_reset",
            "not_ones_own",
            "asked_by <> account_id AND decided_by IS DISTINCT FROM account_id",
        ),
        _check(
            "factor_reset",
            "decided_whole",
            "(decided_by IS NULL) = (decided_at IS NULL) AND "
            "(decided_by IS NULL) = (granted IS NULL)",
        ),
        _check("factor_reset", "has_a_reason", "length(reason) > 0"),
        *(_refers("factor_reset", x, "account") for x in ("account_id", "asked_by", "decided_by")),
        _key("factor_reset"),
    )
    op.create_index(
        "uq_factor_reset_open",
        "factor_reset",
        ["account_id"],
        unique=True,
        postgresql_where=sa.text("decided_at IS NULL"),
    )


def downgrade() -> None:
    for table in (
        "simulated_text",
        "one_time_code",
        "factor_reset",
        "recovery_code",
        "second_factor",
        "visit",
    ):
        op.drop_table(table)
