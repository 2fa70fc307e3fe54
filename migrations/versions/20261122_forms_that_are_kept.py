"""Forms that were typed and could not be sent, visits that prove themselves again, and that an
office ends.

Revision: 7d10c2f4be61
Follows: 5a1ed0000003
"""

import sqlalchemy as sa
from alembic import op

revision = "7d10c2f4be61"
down_revision = "5a1ed0000003"
branch_labels = None
depends_on = None

AT = sa.DateTime(timezone=True)
BEFORE = "'signed_out','ended_by_owner','password_changed','factor_reset'"


def upgrade() -> None:
    op.add_column("visit", sa.Column("proven_at", AT, nullable=True))
    _ended_why(f"{BEFORE},'ended_by_office'")
    op.create_table(
        "kept_form",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("grant_id", sa.Uuid(), nullable=True),
        sa.Column("path", sa.String(400), nullable=False),
        sa.Column("fields_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("kept_at", AT, nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name="fk_kept_form_account_id_account"),
        sa.ForeignKeyConstraint(["grant_id"], ["role_grant.id"], name="fk_kept_form_grant_id_role_grant"),
        sa.PrimaryKeyConstraint("id", name="pk_kept_form"),
    )
    op.create_index("ix_kept_form_account_id", "kept_form", ["account_id"])


def _ended_why(values: str) -> None:
    """The longer list holds for new rows at once; the old ones, which fit, are looked at later."""
    op.execute("ALTER TABLE visit DROP CONSTRAINT ck_visit_ended_why")
    op.execute(
        "ALTER TABLE visit ADD CONSTRAINT ck_visit_ended_why"
        f" CHECK (ended_why IN ({values})) NOT VALID"
    )


def downgrade() -> None:
    op.drop_table("kept_form")
    op.execute("UPDATE visit SET ended_why = 'ended_by_owner' WHERE ended_why = 'ended_by_office'")
    _ended_why(BEFORE)
    op.drop_column("visit", "proven_at")
