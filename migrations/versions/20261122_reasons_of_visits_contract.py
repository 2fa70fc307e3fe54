"""The reasons for which visits ended are held to their list in the old rows too.

Revision: 7d10c2f4be62
Follows: 7d10c2f4be61
"""

from alembic import op

revision = "7d10c2f4be62"
down_revision = "7d10c2f4be61"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("ALTER TABLE visit VALIDATE CONSTRAINT ck_visit_ended_why")


def downgrade() -> None:
    """It was valid before as well."""
