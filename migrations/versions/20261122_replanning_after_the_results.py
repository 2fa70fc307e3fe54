"""Replannings of published rounds, and places that were lost through them.

Revision: 7e91a4c0d001
Follows: 7d10c2f4be62
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql
from sqlalchemy.dialects import postgresql

revision = "7e91a4c0d001"
down_revision = "7d10c2f4be62"
branch_labels = None
depends_on = None

INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.add_column(
        "booking",
        sa.Column("displaced", sa.Boolean(), nullable=False, server_default=sa.false()),
    )
    op.create_table('replan',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('office_id', sa.Uuid(), nullable=False),
    sa.Column('round_id', sa.Uuid(), nullable=False),
    sa.Column('number', sa.Integer(), nullable=False),
    sa.Column('kind', sa.Enum('vehicle_out', 'examiner_away', 'session_cancelled', 'session_cut', 'site_closed', 'green_channel', name='kind', native_enum=False, create_constraint=True, length=32), nullable=False),
    sa.Column('note', sa.String(length=400), nullable=False),
    sa.Column('state', sa.Enum('asked', 'draft', 'approved', 'told', 'stale', 'dropped', name='state', native_enum=False, create_constraint=True, length=32), nullable=False),
    sa.Column('asked_by', sa.Uuid(), nullable=False),
    sa.Column('asked_at', INSTANT, nullable=False),
    sa.Column('fingerprint', sa.String(length=64), nullable=True),
    sa.Column('round_sha256', sa.String(length=64), nullable=True),
    sa.Column('summary', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('progress', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('stale', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('signed_by', sa.Uuid(), nullable=True),
    sa.Column('signed_at', INSTANT, nullable=True),
    sa.Column('approved_by', sa.Uuid(), nullable=True),
    sa.Column('approved_at', INSTANT, nullable=True),
    sa.Column('told_at', INSTANT, nullable=True),
    sa.CheckConstraint("(state = 'told') = (told_at IS NOT NULL)", name=op.f('ck_replan_told_has_time')),
    sa.CheckConstraint("(state IN ('approved','told')) = (approved_by IS NOT NULL) AND (approved_by IS NULL) = (approved_at IS NULL) AND (signed_by IS NULL) = (signed_at IS NULL)", name=op.f('ck_replan_approved_has_name_and_time')),
    sa.CheckConstraint("state NOT IN ('draft','approved','told') OR (round_sha256 IS NOT NULL AND fingerprint IS NOT NULL)", name=op.f('ck_replan_solved_is_hashed')),
    sa.CheckConstraint('approved_by IS NULL OR (signed_by IS NOT NULL AND signed_by <> approved_by)', name=op.f('ck_replan_two_approve')),
    sa.CheckConstraint('number >= 1', name=op.f('ck_replan_number_from_one')),
    sa.ForeignKeyConstraint(['approved_by'], ['account.id'], name=op.f('fk_replan_approved_by_account')),
    sa.ForeignKeyConstraint(['asked_by'], ['account.id'], name=op.f('fk_replan_asked_by_account')),
    sa.ForeignKeyConstraint(['office_id'], ['office.id'], name=op.f('fk_replan_office_id_office')),
    sa.ForeignKeyConstraint(['round_id'], ['round.id'], name=op.f('fk_replan_round_id_round')),
    sa.ForeignKeyConstraint(['signed_by'], ['account.id'], name=op.f('fk_replan_signed_by_account')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_replan')),
    sa.UniqueConstraint('round_id', 'number', name=op.f('uq_replan_round_id_number'))
    )
    op.create_index(op.f('ix_replan_office_id'), 'replan', ['office_id'], unique=False)
    op.create_index('uq_replan_live_round', 'replan', ['round_id'], unique=True, postgresql_where=sa.text("state IN ('asked','draft','approved','stale')"))
    op.create_table('replan_offer',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('replan_id', sa.Uuid(), nullable=False),
    sa.Column('session_id', sa.Uuid(), nullable=False),
    sa.Column('pool_id', sa.Uuid(), nullable=True),
    sa.Column('seats_before', sa.Integer(), nullable=False),
    sa.Column('seats_after', sa.Integer(), nullable=False),
    sa.Column('cancels', sa.Boolean(), nullable=False),
    sa.CheckConstraint('NOT cancels OR (seats_after = 0 AND pool_id IS NULL)', name=op.f('ck_replan_offer_cancelled_is_empty')),
    sa.CheckConstraint('seats_after >= 0 AND seats_after <= seats_before', name=op.f('ck_replan_offer_never_more')),
    sa.ForeignKeyConstraint(['pool_id'], ['pool.id'], name=op.f('fk_replan_offer_pool_id_pool')),
    sa.ForeignKeyConstraint(['replan_id'], ['replan.id'], name=op.f('fk_replan_offer_replan_id_replan')),
    sa.ForeignKeyConstraint(['session_id'], ['session.id'], name=op.f('fk_replan_offer_session_id_session')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_replan_offer')),
    sa.UniqueConstraint('replan_id', 'pool_id', name=op.f('uq_replan_offer_replan_id_pool_id'))
    )
    op.create_index(op.f('ix_replan_offer_session_id'), 'replan_offer', ['session_id'], unique=False)
    op.create_index('uq_replan_offer_session', 'replan_offer', ['replan_id', 'session_id'], unique=True, postgresql_where=sa.text('pool_id IS NULL'))
    op.create_table('replan_guest',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('replan_id', sa.Uuid(), nullable=False),
    sa.Column('case_id', sa.Uuid(), nullable=False),
    sa.Column('subject', sa.Enum('S1', 'S2', 'S3R', 'S3T', name='subject', native_enum=False, create_constraint=True, length=32), nullable=False),
    sa.Column('earliest', sa.Date(), nullable=False),
    sa.Column('latest', sa.Date(), nullable=False),
    sa.Column('area', sa.ARRAY(sa.String(length=64)), nullable=False),
    sa.CheckConstraint('latest >= earliest', name=op.f('ck_replan_guest_window_not_empty')),
    sa.ForeignKeyConstraint(['case_id'], ['case.id'], name=op.f('fk_replan_guest_case_id_case')),
    sa.ForeignKeyConstraint(['replan_id'], ['replan.id'], name=op.f('fk_replan_guest_replan_id_replan')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_replan_guest')),
    sa.UniqueConstraint('replan_id', 'case_id', 'subject', name=op.f('uq_replan_guest_replan_id_case_id_subject'))
    )
    op.create_table('replan_line',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('replan_id', sa.Uuid(), nullable=False),
    sa.Column('case_id', sa.Uuid(), nullable=False),
    sa.Column('subject', sa.Enum('S1', 'S2', 'S3R', 'S3T', name='subject', native_enum=False, create_constraint=True, length=32), nullable=False),
    sa.Column('booking_id', sa.Uuid(), nullable=True),
    sa.Column('from_pool_id', sa.Uuid(), nullable=True),
    sa.Column('to_pool_id', sa.Uuid(), nullable=True),
    sa.Column('change', sa.Enum('kept', 'pool', 'session', 'lost', 'seated', 'not_seated', name='change', native_enum=False, create_constraint=True, length=32), nullable=False),
    sa.Column('new_booking_id', sa.Uuid(), nullable=True),
    sa.Column('public_name', sa.String(length=64), nullable=False),
    sa.CheckConstraint("(change <> 'kept') OR from_pool_id = to_pool_id", name=op.f('ck_replan_line_kept_is_kept')),
    sa.CheckConstraint("(change IN ('kept','pool','session','lost')) = (from_pool_id IS NOT NULL) AND (change IN ('kept','pool','session','seated')) = (to_pool_id IS NOT NULL)", name=op.f('ck_replan_line_change_fits_pools')),
    sa.CheckConstraint('(from_pool_id IS NULL) = (booking_id IS NULL)', name=op.f('ck_replan_line_told_has_booking')),
    sa.ForeignKeyConstraint(['booking_id'], ['booking.id'], name=op.f('fk_replan_line_booking_id_booking')),
    sa.ForeignKeyConstraint(['case_id'], ['case.id'], name=op.f('fk_replan_line_case_id_case')),
    sa.ForeignKeyConstraint(['from_pool_id'], ['pool.id'], name=op.f('fk_replan_line_from_pool_id_pool')),
    sa.ForeignKeyConstraint(['new_booking_id'], ['booking.id'], name=op.f('fk_replan_line_new_booking_id_booking')),
    sa.ForeignKeyConstraint(['replan_id'], ['replan.id'], name=op.f('fk_replan_line_replan_id_replan')),
    sa.ForeignKeyConstraint(['to_pool_id'], ['pool.id'], name=op.f('fk_replan_line_to_pool_id_pool')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_replan_line')),
    sa.UniqueConstraint('replan_id', 'case_id', 'subject', name=op.f('uq_replan_line_replan_id_case_id_subject'))
    )


def downgrade() -> None:
    for table in ("replan_line", "replan_guest", "replan_offer", "replan"):
        op.drop_table(table)
    op.drop_column("booking", "displaced")
