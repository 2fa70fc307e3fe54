"""An outage cuts seats before a round is decided.

Revision: e8a300000003
Follows: e8a300000002
"""

import sqlalchemy as sa
from alembic import op

revision = "e8a300000003"
down_revision = "e8a300000002"
branch_labels = None
depends_on = None

INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table('seat_cut',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('outage_id', sa.Uuid(), nullable=False),
    sa.Column('session_id', sa.Uuid(), nullable=False),
    sa.Column('pool_id', sa.Uuid(), nullable=True),
    sa.Column('session_seats', sa.Integer(), nullable=False),
    sa.Column('pool_seats', sa.Integer(), nullable=False),
    sa.Column('vehicles', sa.Integer(), nullable=False),
    sa.Column('cut_at', INSTANT, nullable=False),
    sa.Column('undone_at', INSTANT, nullable=True),
    sa.CheckConstraint('pool_id IS NOT NULL OR (pool_seats = 0 AND vehicles = 0)', name=op.f('ck_seat_cut_pool_is_named')),
    sa.CheckConstraint('session_seats >= 0 AND pool_seats >= 0 AND vehicles >= 0 AND session_seats + pool_seats + vehicles > 0', name=op.f('ck_seat_cut_takes_something')),
    sa.ForeignKeyConstraint(['outage_id'], ['outage.id'], name=op.f('fk_seat_cut_outage_id_outage')),
    sa.ForeignKeyConstraint(['pool_id'], ['pool.id'], name=op.f('fk_seat_cut_pool_id_pool')),
    sa.ForeignKeyConstraint(['session_id'], ['session.id'], name=op.f('fk_seat_cut_session_id_session')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_seat_cut'))
    )
    op.create_index(op.f('ix_seat_cut_session_id'), 'seat_cut', ['session_id'], unique=False)
    op.create_index('uq_seat_cut_live', 'seat_cut', ['outage_id', 'session_id'], unique=True, postgresql_where=sa.text('undone_at IS NULL'))


def downgrade() -> None:
    op.drop_table("seat_cut")
