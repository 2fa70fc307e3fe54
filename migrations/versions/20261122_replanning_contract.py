"""Only a place that was taken back can be one that was lost.

Revision: 7e91a4c0d002
Follows: 7e91a4c0d001
"""

from alembic import op

revision = "7e91a4c0d002"
down_revision = "7e91a4c0d001"
branch_labels = None
depends_on = None

NAME = "ck_booking_displaced_is_released"


def upgrade() -> None:
    op.create_check_constraint(op.f(NAME), "booking", "NOT displaced OR state = 'released'")


def downgrade() -> None:
    op.drop_constraint(op.f(NAME), "booking")
