"""Personal data is sealed, first half: new columns beside the plain ones, filled where rows are.

The running release goes on: it writes the plain columns, whose rows the second half seals too.

Revision: 5a1ed0000001
Follows: b1f2a7c4d903
"""

import sqlalchemy as sa
from alembic import context, op

revision = "5a1ed0000001"
down_revision = "b1f2a7c4d903"
branch_labels = None
depends_on = None

ADDED = {
    "person": {
        "document_number_sealed": None,
        "document_number_key": 33,
        "document_number_tail": 33,
        "phone_sealed": None,
        "address_sealed": None,
    },
    "case": {"medical_number_sealed": None, "medical_date_sealed": None},
    "support_need": {"kind_sealed": None, "kind_key": 33, "until_sealed": None},
}
LOOSENED = {"person": ("document_number", "phone", "address"), "support_need": ("kind",)}


def upgrade() -> None:
    for table, columns in ADDED.items():
        for name, length in columns.items():
            op.add_column(table, sa.Column(name, sa.LargeBinary(length), nullable=True))
    for table, names in LOOSENED.items():
        for name in names:
            op.alter_column(table, name, nullable=True)
    if context.is_offline_mode():
        op.execute("-- rows are sealed here by the command, which has the keys")
        return
    from exam.sealing.conversion import seal_rows

    seal_rows(op.get_bind())


def downgrade() -> None:
    for table, columns in ADDED.items():
        for name in columns:
            op.drop_column(table, name)
    for table, names in LOOSENED.items():
        for name in names:
            op.alter_column(table, name, nullable=False)
