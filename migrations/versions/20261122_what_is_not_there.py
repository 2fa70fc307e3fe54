"""Vehicles and examiners that are not there on some days.

Revision: 7e91a4c0d003
Follows: 7e91a4c0d002
"""

import sqlalchemy as sa
from alembic import op

revision = "7e91a4c0d003"
down_revision = "7e91a4c0d002"
branch_labels = None
depends_on = None

INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table('outage',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('site_id', sa.Uuid(), nullable=False),
    sa.Column('vehicle_id', sa.Uuid(), nullable=True),
    sa.Column('account_id', sa.Uuid(), nullable=True),
    sa.Column('cause', sa.Enum('repair', 'inspection', 'away', name='cause', native_enum=False, create_constraint=True, length=32), nullable=False),
    sa.Column('first_day', sa.Date(), nullable=False),
    sa.Column('last_day', sa.Date(), nullable=False),
    sa.Column('entered_at', INSTANT, nullable=False),
    sa.Column('entered_by', sa.Uuid(), nullable=False),
    sa.Column('lifted_at', INSTANT, nullable=True),
    sa.Column('lifted_by', sa.Uuid(), nullable=True),
    sa.CheckConstraint("(cause = 'away') = (account_id IS NOT NULL)", name=op.f('ck_outage_a_person_is_only_away')),
    sa.CheckConstraint('(lifted_at IS NULL) = (lifted_by IS NULL)', name=op.f('ck_outage_lifted_has_name_and_time')),
    sa.CheckConstraint('(vehicle_id IS NULL) <> (account_id IS NULL)', name=op.f('ck_outage_one_thing')),
    sa.CheckConstraint('last_day >= first_day', name=op.f('ck_outage_days_not_empty')),
    sa.ForeignKeyConstraint(['account_id'], ['account.id'], name=op.f('fk_outage_account_id_account')),
    sa.ForeignKeyConstraint(['entered_by'], ['account.id'], name=op.f('fk_outage_entered_by_account')),
    sa.ForeignKeyConstraint(['lifted_by'], ['account.id'], name=op.f('fk_outage_lifted_by_account')),
    sa.ForeignKeyConstraint(['site_id'], ['site.id'], name=op.f('fk_outage_site_id_site')),
    sa.ForeignKeyConstraint(['vehicle_id'], ['vehicle.id'], name=op.f('fk_outage_vehicle_id_vehicle')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_outage'))
    )
    op.create_index(op.f('ix_outage_account_id'), 'outage', ['account_id'], unique=False)
    op.create_index(op.f('ix_outage_site_id'), 'outage', ['site_id'], unique=False)
    op.create_index(op.f('ix_outage_vehicle_id'), 'outage', ['vehicle_id'], unique=False)


def downgrade() -> None:
    op.drop_table("outage")
