"""Rosters: who works where, what for, and what people declare.

Revision: e8a300000002
Follows: e8a300000001
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "e8a300000002"
down_revision = "e8a300000001"
branch_labels = None
depends_on = None

INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table('declaration',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('account_id', sa.Uuid(), nullable=False),
    sa.Column('kind', sa.Enum('away', 'avoids', name='kind', native_enum=False, create_constraint=True, length=32), nullable=False),
    sa.Column('first_day', sa.Date(), nullable=True),
    sa.Column('last_day', sa.Date(), nullable=True),
    sa.Column('site_id', sa.Uuid(), nullable=True),
    sa.Column('declared_at', INSTANT, nullable=False),
    sa.Column('declared_by', sa.Uuid(), nullable=False),
    sa.Column('withdrawn_at', INSTANT, nullable=True),
    sa.CheckConstraint("(kind = 'away') = (first_day IS NOT NULL AND last_day IS NOT NULL) AND (kind = 'avoids') = (site_id IS NOT NULL)", name=op.f('ck_declaration_one_thing')),
    sa.CheckConstraint('last_day >= first_day', name=op.f('ck_declaration_days_not_empty')),
    sa.ForeignKeyConstraint(['account_id'], ['account.id'], name=op.f('fk_declaration_account_id_account')),
    sa.ForeignKeyConstraint(['declared_by'], ['account.id'], name=op.f('fk_declaration_declared_by_account')),
    sa.ForeignKeyConstraint(['site_id'], ['site.id'], name=op.f('fk_declaration_site_id_site')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_declaration'))
    )
    op.create_index(op.f('ix_declaration_account_id'), 'declaration', ['account_id'], unique=False)
    op.create_index('uq_declaration_avoids', 'declaration', ['account_id', 'site_id'], unique=True, postgresql_where=sa.text("kind = 'avoids' AND withdrawn_at IS NULL"))
    op.create_table('qualification',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('account_id', sa.Uuid(), nullable=False),
    sa.Column('role', sa.Enum('candidate', 'school_clerk', 'school_manager', 'reviewer', 'hall_officer', 'planner', 'examiner', 'invigilator', 'safety_officer', 'first_aider', 'duty_leader', 'supervisor', 'inspector', 'appeals_member', 'site_operator', 'administrator', name='role', native_enum=False, create_constraint=True, length=32), nullable=False),
    sa.Column('subjects', sa.ARRAY(sa.String(length=64)), nullable=False),
    sa.Column('classes', sa.ARRAY(sa.String(length=64)), nullable=False),
    sa.Column('weekly_hours', sa.Integer(), nullable=False),
    sa.Column('valid_until', sa.Date(), nullable=True),
    sa.Column('entered_at', INSTANT, nullable=False),
    sa.Column('entered_by', sa.Uuid(), nullable=False),
    sa.CheckConstraint("role IN ('examiner','safety_officer','invigilator','first_aider')", name=op.f('ck_qualification_role_is_rostered')),
    sa.CheckConstraint('weekly_hours BETWEEN 1 AND 60', name=op.f('ck_qualification_hours_of_a_week')),
    sa.ForeignKeyConstraint(['account_id'], ['account.id'], name=op.f('fk_qualification_account_id_account')),
    sa.ForeignKeyConstraint(['entered_by'], ['account.id'], name=op.f('fk_qualification_entered_by_account')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_qualification')),
    sa.UniqueConstraint('account_id', 'role', name=op.f('uq_qualification_account_id_role'))
    )
    op.create_table('roster',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('office_id', sa.Uuid(), nullable=False),
    sa.Column('number', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.Column('sites', sa.ARRAY(sa.String(length=64)), nullable=False),
    sa.Column('first_day', sa.Date(), nullable=False),
    sa.Column('last_day', sa.Date(), nullable=False),
    sa.Column('demands', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('replaces_id', sa.Uuid(), nullable=True),
    sa.Column('state', sa.Enum('asked', 'draft', 'conflict', 'told', 'replaced', 'dropped', name='state', native_enum=False, create_constraint=True, length=32), nullable=False),
    sa.Column('asked_by', sa.Uuid(), nullable=False),
    sa.Column('asked_at', INSTANT, nullable=False),
    sa.Column('fingerprint', sa.String(length=64), nullable=True),
    sa.Column('answer', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('conflict', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('progress', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('signed_by', sa.Uuid(), nullable=True),
    sa.Column('signed_at', INSTANT, nullable=True),
    sa.Column('approved_by', sa.Uuid(), nullable=True),
    sa.Column('approved_at', INSTANT, nullable=True),
    sa.CheckConstraint("(state IN ('told','replaced')) = (approved_by IS NOT NULL) AND (approved_by IS NULL) = (approved_at IS NULL) AND (signed_by IS NULL) = (signed_at IS NULL)", name=op.f('ck_roster_approved_has_name_and_time')),
    sa.CheckConstraint("state NOT IN ('draft','told','replaced') OR fingerprint IS NOT NULL", name=op.f('ck_roster_solved_is_known')),
    sa.CheckConstraint('approved_by IS NULL OR (signed_by IS NOT NULL AND signed_by <> approved_by)', name=op.f('ck_roster_two_approve')),
    sa.CheckConstraint('last_day >= first_day', name=op.f('ck_roster_days_not_empty')),
    sa.ForeignKeyConstraint(['approved_by'], ['account.id'], name=op.f('fk_roster_approved_by_account')),
    sa.ForeignKeyConstraint(['asked_by'], ['account.id'], name=op.f('fk_roster_asked_by_account')),
    sa.ForeignKeyConstraint(['office_id'], ['office.id'], name=op.f('fk_roster_office_id_office')),
    sa.ForeignKeyConstraint(['replaces_id'], ['roster.id'], name=op.f('fk_roster_replaces_id_roster')),
    sa.ForeignKeyConstraint(['signed_by'], ['account.id'], name=op.f('fk_roster_signed_by_account')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_roster')),
    sa.UniqueConstraint('number', name=op.f('uq_roster_number'))
    )
    op.create_index(op.f('ix_roster_office_id'), 'roster', ['office_id'], unique=False)
    op.create_table('roster_duty',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('roster_id', sa.Uuid(), nullable=False),
    sa.Column('position', sa.Integer(), nullable=False),
    sa.Column('site_id', sa.Uuid(), nullable=False),
    sa.Column('room_id', sa.Uuid(), nullable=True),
    sa.Column('role', sa.Enum('candidate', 'school_clerk', 'school_manager', 'reviewer', 'hall_officer', 'planner', 'examiner', 'invigilator', 'safety_officer', 'first_aider', 'duty_leader', 'supervisor', 'inspector', 'appeals_member', 'site_operator', 'administrator', name='role', native_enum=False, create_constraint=True, length=32), nullable=False),
    sa.Column('subject', sa.Enum('S1', 'S2', 'S3R', 'S3T', name='subject', native_enum=False, create_constraint=True, length=32), nullable=True),
    sa.Column('kind', sa.String(length=16), nullable=False),
    sa.Column('date', sa.Date(), nullable=False),
    sa.Column('starts_at', INSTANT, nullable=False),
    sa.Column('ends_at', INSTANT, nullable=False),
    sa.Column('count', sa.Integer(), nullable=False),
    sa.CheckConstraint('count >= 1', name=op.f('ck_roster_duty_somebody')),
    sa.CheckConstraint('ends_at > starts_at', name=op.f('ck_roster_duty_ends_after_start')),
    sa.ForeignKeyConstraint(['room_id'], ['room.id'], name=op.f('fk_roster_duty_room_id_room')),
    sa.ForeignKeyConstraint(['roster_id'], ['roster.id'], name=op.f('fk_roster_duty_roster_id_roster')),
    sa.ForeignKeyConstraint(['site_id'], ['site.id'], name=op.f('fk_roster_duty_site_id_site')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_roster_duty')),
    sa.UniqueConstraint('roster_id', 'position', name=op.f('uq_roster_duty_roster_id_position'))
    )
    op.create_table('roster_place',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('roster_duty_id', sa.Uuid(), nullable=False),
    sa.Column('account_id', sa.Uuid(), nullable=False),
    sa.ForeignKeyConstraint(['account_id'], ['account.id'], name=op.f('fk_roster_place_account_id_account')),
    sa.ForeignKeyConstraint(['roster_duty_id'], ['roster_duty.id'], name=op.f('fk_roster_place_roster_duty_id_roster_duty')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_roster_place')),
    sa.UniqueConstraint('roster_duty_id', 'account_id', name=op.f('uq_roster_place_roster_duty_id_account_id'))
    )
    op.create_index(op.f('ix_roster_place_account_id'), 'roster_place', ['account_id'], unique=False)


def downgrade() -> None:
    op.drop_table("roster_place")
    op.drop_table("roster_duty")
    op.drop_table("roster")
    op.drop_table("qualification")
    op.drop_table("declaration")
