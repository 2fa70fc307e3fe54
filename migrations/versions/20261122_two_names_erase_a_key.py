"""Keys of evidence are erased by two names.

Revision: e8a300000001
Follows: 1c0de0000001
"""

import sqlalchemy as sa
from alembic import op

revision = "e8a300000001"
down_revision = "1c0de0000001"
branch_labels = None
depends_on = None

INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table('key_erasure',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('number', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.Column('office_id', sa.Uuid(), nullable=False),
    sa.Column('camera_id', sa.Uuid(), nullable=False),
    sa.Column('day', sa.Date(), nullable=False),
    sa.Column('ground', sa.Enum('term_ended', 'no_exam', name='ground', native_enum=False, create_constraint=True, length=32), nullable=False),
    sa.Column('reason', sa.String(length=400), nullable=False),
    sa.Column('asked_by', sa.Uuid(), nullable=False),
    sa.Column('asked_at', INSTANT, nullable=False),
    sa.Column('decided_by', sa.Uuid(), nullable=True),
    sa.Column('decided_at', INSTANT, nullable=True),
    sa.Column('granted', sa.Boolean(), nullable=True),
    sa.Column('kept', sa.Enum('no_key', 'day_not_over', 'held', 'undecided', 'term', 'examined', 'not_allowed', 'unfinished', name='kept', native_enum=False, create_constraint=True, length=32), nullable=True),
    sa.Column('erased_at', INSTANT, nullable=True),
    sa.Column('clips', sa.Integer(), nullable=True),
    sa.CheckConstraint('(decided_by IS NULL) = (decided_at IS NULL) AND (decided_by IS NULL) = (granted IS NULL)', name=op.f('ck_key_erasure_decided_whole')),
    sa.CheckConstraint('(erased_at IS NULL) = (clips IS NULL)', name=op.f('ck_key_erasure_erased_is_counted')),
    sa.CheckConstraint('decided_by IS NULL OR decided_by <> asked_by', name=op.f('ck_key_erasure_two_names')),
    sa.CheckConstraint('erased_at IS NULL OR granted IS TRUE', name=op.f('ck_key_erasure_erased_only_granted')),
    sa.ForeignKeyConstraint(['asked_by'], ['account.id'], name=op.f('fk_key_erasure_asked_by_account')),
    sa.ForeignKeyConstraint(['camera_id'], ['camera.id'], name=op.f('fk_key_erasure_camera_id_camera')),
    sa.ForeignKeyConstraint(['decided_by'], ['account.id'], name=op.f('fk_key_erasure_decided_by_account')),
    sa.ForeignKeyConstraint(['office_id'], ['office.id'], name=op.f('fk_key_erasure_office_id_office')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_key_erasure')),
    sa.UniqueConstraint('number', name=op.f('uq_key_erasure_number'))
    )
    op.create_index(op.f('ix_key_erasure_office_id'), 'key_erasure', ['office_id'], unique=False)
    op.create_index('uq_key_erasure_open', 'key_erasure', ['camera_id', 'day'], unique=True, postgresql_where=sa.text('granted IS NOT FALSE AND erased_at IS NULL'))


def downgrade() -> None:
    op.drop_table("key_erasure")
