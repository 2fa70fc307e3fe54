"""Personal data is sealed, second half: what was plain goes.

Runs when no process of an older release is left.

Revision: 5a1ed0000002
Follows: 5a1ed0000001
"""

import sqlalchemy as sa
from alembic import context, op

revision = "5a1ed0000002"
down_revision = "5a1ed0000001"
branch_labels = None
depends_on = None

NEEDED = {
    "person": (
        "document_number_sealed",
        "document_number_key",
        "document_number_tail",
        "phone_sealed",
        "address_sealed",
    ),
    "case": ("medical_number_sealed", "medical_date_sealed"),
    "support_need": ("kind_sealed", "kind_key", "until_sealed"),
}
GONE = {
    "person": (("document_number", sa.String(32)), ("phone", sa.String(32)), ("address", sa.String(200))),
    "case": (("medical_number", sa.String(40)), ("medical_date", sa.Date())),
    "support_need": (("kind", sa.String(32)), ("until", sa.Date())),
}


def upgrade() -> None:
    if not context.is_offline_mode():
        from exam.sealing.conversion import seal_rows

        seal_rows(op.get_bind())
    for table, names in NEEDED.items():
        for name in names:
            op.alter_column(table, name, nullable=False)
    for table, columns in GONE.items():
        for name, _type in columns:
            op.drop_column(table, name)
    op.create_unique_constraint(
        "uq_person_document_type_document_number_key", "person", ["document_type", "document_number_key"]
    )
    op.create_unique_constraint("uq_support_need_person_id_kind_key", "support_need", ["person_id", "kind_key"])
    op.create_index("ix_person_document_number_tail", "person", ["document_number_tail"])


def downgrade() -> None:
    op.drop_index("ix_person_document_number_tail", "person")
    op.drop_constraint("uq_support_need_person_id_kind_key", "support_need")
    op.drop_constraint("uq_person_document_type_document_number_key", "person")
    for table, columns in GONE.items():
        for name, kind in columns:
            op.add_column(table, sa.Column(name, kind, nullable=True))
    from exam.sealing.conversion import plain_rows

    plain_rows(op.get_bind())
    op.create_unique_constraint(
        "uq_person_document_type_document_number", "person", ["document_type", "document_number"]
    )
    op.create_unique_constraint("uq_support_need_person_id_kind", "support_need", ["person_id", "kind"])
    for table, names in NEEDED.items():
        for name in names:
            op.alter_column(table, name, nullable=True)
