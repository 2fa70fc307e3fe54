"""Legal holds, receipts of erasure, and when a clip was found gone.

Revision: 5a1ed0000003
Follows: 5c2d90e7a1b4
"""

import sqlalchemy as sa
from alembic import op

revision = "5a1ed0000003"
down_revision = "5c2d90e7a1b4"
branch_labels = None
depends_on = None

INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.add_column("person", sa.Column("forgotten_at", INSTANT, nullable=True))
    op.add_column("evidence", sa.Column("erased_at", INSTANT, nullable=True))
    op.create_table(
        "erasure",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("rule", sa.String(64), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("erased", sa.Integer(), nullable=False),
        sa.Column("held", sa.Integer(), nullable=False),
        sa.Column("ordered", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_erasure"),
    )
    op.create_index("ix_erasure_rule", "erasure", ["rule"])
    accounts = ("asked_by", "set_by", "lift_asked_by", "lifted_by")
    op.create_table(
        "legal_hold",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("office_id", sa.Uuid(), nullable=False),
        sa.Column("item_id", sa.Uuid(), nullable=True),
        sa.Column("person_id", sa.Uuid(), nullable=True),
        sa.Column("reason", sa.String(400), nullable=False),
        sa.Column("asked_by", sa.Uuid(), nullable=False),
        sa.Column("asked_at", INSTANT, nullable=False),
        sa.Column("set_by", sa.Uuid(), nullable=True),
        sa.Column("set_at", INSTANT, nullable=True),
        sa.Column("lift_asked_by", sa.Uuid(), nullable=True),
        sa.Column("lift_asked_at", INSTANT, nullable=True),
        sa.Column("lifted_by", sa.Uuid(), nullable=True),
        sa.Column("lifted_at", INSTANT, nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_legal_hold"),
        sa.UniqueConstraint("number", name="uq_legal_hold_number"),
        sa.ForeignKeyConstraint(["office_id"], ["office.id"], name="fk_legal_hold_office_id_office"),
        sa.ForeignKeyConstraint(["item_id"], ["review_item.id"], name="fk_legal_hold_item_id_review_item"),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name="fk_legal_hold_person_id_person"),
        *(
            sa.ForeignKeyConstraint([x], ["account.id"], name=f"fk_legal_hold_{x}_account")
            for x in accounts
        ),
        sa.CheckConstraint("(item_id IS NULL) <> (person_id IS NULL)", name="ck_legal_hold_one_thing"),
        sa.CheckConstraint("set_by IS NULL OR set_by <> asked_by", name="ck_legal_hold_two_set"),
        sa.CheckConstraint(
            "lifted_at IS NULL OR (lift_asked_by IS NOT NULL AND lifted_by IS NOT NULL"
            " AND lift_asked_by <> lifted_by)",
            name="ck_legal_hold_two_lift",
        ),
    )
    op.create_index("ix_legal_hold_office_id", "legal_hold", ["office_id"])
    for column in ("item", "person"):
        op.create_index(
            f"uq_legal_hold_{column}_live",
            "legal_hold",
            [f"{column}_id"],
            unique=True,
            postgresql_where=sa.text("lifted_at IS NULL"),
        )


def downgrade() -> None:
    op.drop_table("legal_hold")
    op.drop_table("erasure")
    op.drop_column("evidence", "erased_at")
    op.drop_column("person", "forgotten_at")
