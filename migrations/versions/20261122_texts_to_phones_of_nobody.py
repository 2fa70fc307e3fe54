"""A simulated text may go to a phone that nobody here has yet.

Revision: 0d0012345a01
Follows: 7e91a4c0d003
"""

from alembic import op

revision = "0d0012345a01"
down_revision = "7e91a4c0d003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.alter_column("simulated_text", "person_id", nullable=True)


def downgrade() -> None:
    op.execute("DELETE FROM simulated_text WHERE person_id IS NULL")
    op.alter_column("simulated_text", "person_id", nullable=False)
