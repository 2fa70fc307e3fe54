"""Checks of legal holds are called as the model calls them, so that a refusal can be explained.

Revision: 1c0de0000001
Follows: 0d0012345a01
"""

from alembic import op

revision = "1c0de0000001"
down_revision = "0d0012345a01"
branch_labels = None
depends_on = None

NAMES = ("ck_legal_hold_one_thing", "ck_legal_hold_two_set", "ck_legal_hold_two_lift")


def upgrade() -> None:
    for name in NAMES:
        rename(f"ck_legal_hold_{name}", name)


def downgrade() -> None:
    for name in NAMES:
        rename(name, f"ck_legal_hold_{name}")


def rename(old: str, new: str) -> None:
    # The release before finds nothing by these names: no client breaks.
    ignore = "-- squawk-ignore renaming-object"
    op.execute(f"{ignore}\nALTER TABLE legal_hold RENAME CONSTRAINT {old} TO {new}")
