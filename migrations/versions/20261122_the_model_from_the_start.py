"""the model from the start

Revision: f660449d1d45
Follows: 
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = 'f660449d1d45'
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('audit_record',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('arrival', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('account_id', sa.Uuid(), nullable=True),
    sa.Column('role', sa.String(length=32), nullable=True),
    sa.Column('act', sa.String(length=64), nullable=False),
    sa.Column('subject_kind', sa.String(length=32), nullable=False),
    sa.Column('subject_id', sa.Uuid(), nullable=True),
    sa.Column('for_person_id', sa.Uuid(), nullable=True),
    sa.Column('reason', sa.String(length=400), nullable=True),
    sa.Column('facts', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('number', sa.BigInteger(), nullable=True),
    sa.Column('prev', sa.String(length=64), nullable=True),
    sa.Column('hash', sa.String(length=64), nullable=True),
    sa.CheckConstraint('(number IS NULL) = (hash IS NULL)', name=op.f('ck_audit_record_linked_whole')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_audit_record')),
    sa.UniqueConstraint('arrival', name=op.f('uq_audit_record_arrival')),
    sa.UniqueConstraint('number', name=op.f('uq_audit_record_number'))
    )
    with op.batch_alter_table('audit_record', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_audit_record_account_id'), ['account_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_audit_record_for_person_id'), ['for_person_id'], unique=False)
        batch_op.create_index('ix_audit_record_subject', ['subject_kind', 'subject_id'], unique=False)
        batch_op.create_index('ix_audit_record_unlinked', ['arrival'], unique=False, postgresql_where=sa.text('hash IS NULL'))

    op.create_table('checkpoint',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('stream', sa.String(length=64), nullable=False),
    sa.Column('seq', sa.BigInteger(), nullable=False),
    sa.Column('head', sa.String(length=64), nullable=False),
    sa.Column('key_id', sa.String(length=64), nullable=False),
    sa.Column('signature', sa.String(length=128), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_checkpoint')),
    sa.UniqueConstraint('stream', 'seq', name=op.f('uq_checkpoint_stream_seq'))
    )
    op.create_table('demo_clock',
    sa.Column('id', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('offset', sa.Interval(), nullable=False),
    sa.CheckConstraint('id = 1', name=op.f('ck_demo_clock_one_row')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_demo_clock'))
    )
    op.create_table('idempotency_key',
    sa.Column('account_id', sa.Uuid(), nullable=False),
    sa.Column('key', sa.String(length=80), nullable=False),
    sa.Column('request_sha256', sa.String(length=64), nullable=False),
    sa.Column('answer', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('account_id', 'key', name=op.f('pk_idempotency_key'))
    )
    op.create_table('job_run',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('job', sa.String(length=64), nullable=False),
    sa.Column('due_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('started_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('finished_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('state', sa.Enum('running', 'done', 'failed', name='state', native_enum=False, create_constraint=True, length=32), nullable=False),
    sa.Column('detail', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_job_run')),
    sa.UniqueConstraint('job', 'due_at', name=op.f('uq_job_run_job_due_at'))
    )
    op.create_table('ledger_position',
    sa.Column('stream', sa.String(length=64), nullable=False),
    sa.Column('seq', sa.BigInteger(), nullable=False),
    sa.Column('head', sa.String(length=64), nullable=False),
    sa.Column('bytes_read', sa.BigInteger(), nullable=False),
    sa.Column('origin_ms', sa.BigInteger(), nullable=False),
    sa.Column('origin_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('broken_seq', sa.BigInteger(), nullable=True),
    sa.Column('read_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('alive_at', sa.DateTime(timezone=True), nullable=True),
    sa.PrimaryKeyConstraint('stream', name=op.f('pk_ledger_position'))
    )
    op.create_table('office',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('code', sa.String(length=64), nullable=False),
    sa.Column('kind', sa.Enum('country', 'province', 'office', name='kind', native_enum=False, create_constraint=True, length=32), nullable=False),
    sa.Column('parent_id', sa.Uuid(), nullable=True),
    sa.Column('name_zh', sa.String(length=120), nullable=False),
    sa.Column('name_en', sa.String(length=120), nullable=False),
    sa.Column('help_phone', sa.String(length=32), nullable=False),
    sa.ForeignKeyConstraint(['parent_id'], ['office.id'], name=op.f('fk_office_parent_id_office')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_office')),
    sa.UniqueConstraint('code', name=op.f('uq_office_code'))
    )
    with op.batch_alter_table('office', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_office_parent_id'), ['parent_id'], unique=False)

    op.create_table('outbox_event',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('number', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.Column('name', sa.String(length=64), nullable=False),
    sa.Column('payload', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('handled_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('attempts', sa.Integer(), nullable=False),
    sa.Column('last_error', sa.String(length=200), nullable=True),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_outbox_event')),
    sa.UniqueConstraint('number', name=op.f('uq_outbox_event_number'))
    )
    with op.batch_alter_table('outbox_event', schema=None) as batch_op:
        batch_op.create_index('ix_outbox_event_waiting', ['number'], unique=False, postgresql_where=sa.text('handled_at IS NULL'))

    op.create_table('vision_question',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('kind', sa.Enum('photo', 'compare', name='kind', native_enum=False, create_constraint=True, length=32), nullable=False),
    sa.Column('state', sa.Enum('asked', 'answered', name='state', native_enum=False, create_constraint=True, length=32), nullable=False),
    sa.Column('reference', sa.String(length=200), nullable=True),
    sa.Column('probe', sa.String(length=200), nullable=False),
    sa.Column('asked_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('answered_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('answer', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.CheckConstraint("(kind = 'compare') = (reference IS NOT NULL)", name=op.f('ck_vision_question_compare_has_reference')),
    sa.CheckConstraint("(state = 'answered') = (answered_at IS NOT NULL)", name=op.f('ck_vision_question_answered_has_time')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_vision_question'))
    )
    with op.batch_alter_table('vision_question', schema=None) as batch_op:
        batch_op.create_index('ix_vision_question_asked', ['asked_at'], unique=False, postgresql_where=sa.text("state = 'asked'"))

    op.create_table('national_import',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('office_id', sa.Uuid(), nullable=False),
    sa.Column('source', sa.String(length=64), nullable=False),
    sa.Column('simulated', sa.Boolean(), nullable=False),
    sa.Column('received_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('sha256', sa.String(length=64), nullable=False),
    sa.Column('records', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['office_id'], ['office.id'], name=op.f('fk_national_import_office_id_office')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_national_import')),
    sa.UniqueConstraint('sha256', name=op.f('uq_national_import_sha256'))
    )
    with op.batch_alter_table('national_import', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_national_import_office_id'), ['office_id'], unique=False)

    op.create_table('person',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('number', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.Column('office_id', sa.Uuid(), nullable=False),
    sa.Column('name', sa.String(length=120), nullable=False),
    sa.Column('document_type', sa.Enum('identity_card', 'soldier_card', 'residence_permit', 'travel_permit', 'passport', name='document_type', native_enum=False, create_constraint=True, length=32), nullable=False),
    sa.Column('document_number', sa.String(length=32), nullable=False),
    sa.Column('birth_date', sa.Date(), nullable=False),
    sa.Column('sex', sa.Enum('female', 'male', name='sex', native_enum=False, create_constraint=True, length=32), nullable=False),
    sa.Column('phone', sa.String(length=32), nullable=False),
    sa.Column('address', sa.String(length=200), nullable=False),
    sa.Column('photo', sa.String(length=200), nullable=True),
    sa.Column('photo_simulated', sa.Boolean(), nullable=False),
    sa.Column('provenance', sa.Enum('school', 'counter', 'self', 'national', name='provenance', native_enum=False, create_constraint=True, length=32), nullable=False),
    sa.Column('simulated', sa.Boolean(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['office_id'], ['office.id'], name=op.f('fk_person_office_id_office')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_person')),
    sa.UniqueConstraint('document_type', 'document_number', name=op.f('uq_person_document_type_document_number')),
    sa.UniqueConstraint('number', name=op.f('uq_person_number'))
    )
    with op.batch_alter_table('person', schema=None) as batch_op:
        batch_op.create_index('ix_person_name_prefix', ['name'], unique=False, postgresql_ops={'name': 'text_pattern_ops'})
        batch_op.create_index(batch_op.f('ix_person_office_id'), ['office_id'], unique=False)

    op.create_table('plan',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('office_id', sa.Uuid(), nullable=False),
    sa.Column('code', sa.String(length=64), nullable=False),
    sa.Column('state', sa.Enum('draft', 'published', 'closed', name='state', native_enum=False, create_constraint=True, length=32), nullable=False),
    sa.Column('first_day', sa.Date(), nullable=False),
    sa.Column('last_day', sa.Date(), nullable=False),
    sa.Column('published_at', sa.DateTime(timezone=True), nullable=True),
    sa.CheckConstraint("(state = 'draft') = (published_at IS NULL)", name=op.f('ck_plan_published_has_time')),
    sa.ForeignKeyConstraint(['office_id'], ['office.id'], name=op.f('fk_plan_office_id_office')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_plan')),
    sa.UniqueConstraint('office_id', 'code', name=op.f('uq_plan_office_id_code'))
    )
    with op.batch_alter_table('plan', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_plan_office_id'), ['office_id'], unique=False)

    op.create_table('school',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('office_id', sa.Uuid(), nullable=False),
    sa.Column('code', sa.String(length=64), nullable=False),
    sa.Column('name_zh', sa.String(length=120), nullable=False),
    sa.Column('name_en', sa.String(length=120), nullable=False),
    sa.Column('online', sa.Boolean(), nullable=False),
    sa.Column('simulated', sa.Boolean(), nullable=False),
    sa.ForeignKeyConstraint(['office_id'], ['office.id'], name=op.f('fk_school_office_id_office')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_school')),
    sa.UniqueConstraint('office_id', 'code', name=op.f('uq_school_office_id_code'))
    )
    with op.batch_alter_table('school', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_school_office_id'), ['office_id'], unique=False)

    op.create_table('site',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('office_id', sa.Uuid(), nullable=False),
    sa.Column('code', sa.String(length=64), nullable=False),
    sa.Column('name_zh', sa.String(length=120), nullable=False),
    sa.Column('name_en', sa.String(length=120), nullable=False),
    sa.Column('address_zh', sa.String(length=200), nullable=False),
    sa.Column('address_en', sa.String(length=200), nullable=False),
    sa.Column('time_zone', sa.String(length=40), nullable=False),
    sa.Column('island', sa.Boolean(), nullable=False),
    sa.Column('simulated', sa.Boolean(), nullable=False),
    sa.ForeignKeyConstraint(['office_id'], ['office.id'], name=op.f('fk_site_office_id_office')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_site')),
    sa.UniqueConstraint('office_id', 'code', name=op.f('uq_site_office_id_code'))
    )
    with op.batch_alter_table('site', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_site_office_id'), ['office_id'], unique=False)

    op.create_table('account',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('office_id', sa.Uuid(), nullable=False),
    sa.Column('username', sa.String(length=64), nullable=False),
    sa.Column('display_name', sa.String(length=120), nullable=False),
    sa.Column('person_id', sa.Uuid(), nullable=True),
    sa.Column('password_hash', sa.String(length=200), nullable=True),
    sa.Column('enabled', sa.Boolean(), nullable=False),
    sa.Column('locale', sa.String(length=16), nullable=True),
    sa.Column('session_epoch', sa.Integer(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['office_id'], ['office.id'], name=op.f('fk_account_office_id_office')),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_account_person_id_person')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_account')),
    sa.UniqueConstraint('person_id', name=op.f('uq_account_person_id')),
    sa.UniqueConstraint('username', name=op.f('uq_account_username'))
    )
    with op.batch_alter_table('account', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_account_office_id'), ['office_id'], unique=False)

    op.create_table('activation',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('person_id', sa.Uuid(), nullable=False),
    sa.Column('code_sha256', sa.String(length=64), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('expires_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('used_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_activation_person_id_person')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_activation')),
    sa.UniqueConstraint('code_sha256', name=op.f('uq_activation_code_sha256'))
    )
    with op.batch_alter_table('activation', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_activation_person_id'), ['person_id'], unique=False)

    op.create_table('case',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('office_id', sa.Uuid(), nullable=False),
    sa.Column('person_id', sa.Uuid(), nullable=False),
    sa.Column('school_id', sa.Uuid(), nullable=True),
    sa.Column('serial_number', sa.String(length=32), nullable=True),
    sa.Column('licence_class', sa.Enum('A1', 'A2', 'A3', 'B1', 'B2', 'C1', 'C2', 'C3', 'C4', 'C5', 'C6', 'D', 'E', 'F', 'M', 'N', 'P', name='licence_class', native_enum=False, create_constraint=True, length=32), nullable=False),
    sa.Column('pathway', sa.Enum('first', 'added', 'c2_to_c1', 'to_c5', 'add_c6', 'military', 'military_truck', 'foreign', 'resume', 'full_points', name='pathway', native_enum=False, create_constraint=True, length=32), nullable=False),
    sa.Column('training_source', sa.Enum('school', 'self', 'military', name='training_source', native_enum=False, create_constraint=True, length=32), nullable=False),
    sa.Column('medical_number', sa.String(length=40), nullable=True),
    sa.Column('medical_date', sa.Date(), nullable=True),
    sa.Column('state', sa.Enum('preregistered', 'confirmed', 'returned', 'accepted', 'completed', 'lapsed', 'withdrawn', name='state', native_enum=False, create_constraint=True, length=32), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('confirmed_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('accepted_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('returned_reasons', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('simulated', sa.Boolean(), nullable=False),
    sa.CheckConstraint("(state IN ('accepted','completed','lapsed')) <= (accepted_at IS NOT NULL)", name=op.f('ck_case_accepted_has_time')),
    sa.CheckConstraint('(accepted_at IS NULL) = (serial_number IS NULL)', name=op.f('ck_case_serial_on_acceptance')),
    sa.ForeignKeyConstraint(['office_id'], ['office.id'], name=op.f('fk_case_office_id_office')),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_case_person_id_person')),
    sa.ForeignKeyConstraint(['school_id'], ['school.id'], name=op.f('fk_case_school_id_school')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_case')),
    sa.UniqueConstraint('serial_number', name=op.f('uq_case_serial_number'))
    )
    with op.batch_alter_table('case', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_case_office_id'), ['office_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_case_person_id'), ['person_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_case_school_id'), ['school_id'], unique=False)
        batch_op.create_index('uq_case_live_class', ['person_id', 'licence_class'], unique=True, postgresql_where=sa.text("state IN ('preregistered','confirmed','returned','accepted')"))

    op.create_table('lane',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('site_id', sa.Uuid(), nullable=False),
    sa.Column('subject', sa.Enum('S1', 'S2', 'S3R', 'S3T', name='subject', native_enum=False, create_constraint=True, length=32), nullable=False),
    sa.Column('code', sa.String(length=64), nullable=False),
    sa.Column('name_zh', sa.String(length=120), nullable=False),
    sa.Column('name_en', sa.String(length=120), nullable=False),
    sa.ForeignKeyConstraint(['site_id'], ['site.id'], name=op.f('fk_lane_site_id_site')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_lane')),
    sa.UniqueConstraint('site_id', 'code', name=op.f('uq_lane_site_id_code'))
    )
    op.create_table('mandate',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('person_id', sa.Uuid(), nullable=False),
    sa.Column('school_id', sa.Uuid(), nullable=False),
    sa.Column('given_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('revoked_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_mandate_person_id_person')),
    sa.ForeignKeyConstraint(['school_id'], ['school.id'], name=op.f('fk_mandate_school_id_school')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_mandate'))
    )
    with op.batch_alter_table('mandate', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_mandate_person_id'), ['person_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_mandate_school_id'), ['school_id'], unique=False)
        batch_op.create_index('uq_mandate_live', ['person_id', 'school_id'], unique=True, postgresql_where=sa.text('revoked_at IS NULL'))

    op.create_table('national_record',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('import_id', sa.Uuid(), nullable=False),
    sa.Column('position', sa.Integer(), nullable=False),
    sa.Column('kind', sa.String(length=32), nullable=False),
    sa.Column('payload', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.ForeignKeyConstraint(['import_id'], ['national_import.id'], name=op.f('fk_national_record_import_id_national_import')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_national_record')),
    sa.UniqueConstraint('import_id', 'position', name=op.f('uq_national_record_import_id_position'))
    )
    op.create_table('room',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('site_id', sa.Uuid(), nullable=False),
    sa.Column('code', sa.String(length=64), nullable=False),
    sa.Column('name_zh', sa.String(length=120), nullable=False),
    sa.Column('name_en', sa.String(length=120), nullable=False),
    sa.ForeignKeyConstraint(['site_id'], ['site.id'], name=op.f('fk_room_site_id_site')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_room')),
    sa.UniqueConstraint('site_id', 'code', name=op.f('uq_room_site_id_code'))
    )
    op.create_table('session',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('code', sa.String(length=64), nullable=False),
    sa.Column('office_id', sa.Uuid(), nullable=False),
    sa.Column('plan_id', sa.Uuid(), nullable=False),
    sa.Column('site_id', sa.Uuid(), nullable=False),
    sa.Column('subject', sa.Enum('S1', 'S2', 'S3R', 'S3T', name='subject', native_enum=False, create_constraint=True, length=32), nullable=False),
    sa.Column('date', sa.Date(), nullable=False),
    sa.Column('starts_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('ends_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('seats', sa.Integer(), nullable=False),
    sa.Column('cancelled_at', sa.DateTime(timezone=True), nullable=True),
    sa.CheckConstraint('ends_at > starts_at', name=op.f('ck_session_ends_after_start')),
    sa.CheckConstraint('seats >= 0', name=op.f('ck_session_seats_not_negative')),
    sa.ForeignKeyConstraint(['office_id'], ['office.id'], name=op.f('fk_session_office_id_office')),
    sa.ForeignKeyConstraint(['plan_id'], ['plan.id'], name=op.f('fk_session_plan_id_plan')),
    sa.ForeignKeyConstraint(['site_id'], ['site.id'], name=op.f('fk_session_site_id_site')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_session')),
    sa.UniqueConstraint('code', name=op.f('uq_session_code'))
    )
    with op.batch_alter_table('session', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_session_office_id'), ['office_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_session_plan_id'), ['plan_id'], unique=False)
        batch_op.create_index('ix_session_site_date', ['site_id', 'date'], unique=False)

    op.create_table('site_authorisation',
    sa.Column('site_id', sa.Uuid(), nullable=False),
    sa.Column('subject', sa.String(length=8), nullable=False),
    sa.Column('classes', sa.ARRAY(sa.String(length=64)), nullable=False),
    sa.ForeignKeyConstraint(['site_id'], ['site.id'], name=op.f('fk_site_authorisation_site_id_site')),
    sa.PrimaryKeyConstraint('site_id', 'subject', name=op.f('pk_site_authorisation'))
    )
    op.create_table('support_need',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('person_id', sa.Uuid(), nullable=False),
    sa.Column('kind', sa.Enum('pregnant', 'disabled', 'military', 'hearing', 'step_free', name='kind', native_enum=False, create_constraint=True, length=32), nullable=False),
    sa.Column('until', sa.Date(), nullable=True),
    sa.Column('declared_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_support_need_person_id_person')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_support_need')),
    sa.UniqueConstraint('person_id', 'kind', name=op.f('uq_support_need_person_id_kind'))
    )
    with op.batch_alter_table('support_need', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_support_need_person_id'), ['person_id'], unique=False)

    op.create_table('vehicle',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('site_id', sa.Uuid(), nullable=False),
    sa.Column('code', sa.String(length=64), nullable=False),
    sa.Column('kind', sa.String(length=64), nullable=False),
    sa.Column('subject', sa.Enum('S1', 'S2', 'S3R', 'S3T', name='subject', native_enum=False, create_constraint=True, length=32), nullable=False),
    sa.Column('out_since', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['site_id'], ['site.id'], name=op.f('fk_vehicle_site_id_site')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_vehicle')),
    sa.UniqueConstraint('site_id', 'code', name=op.f('uq_vehicle_site_id_code'))
    )
    op.create_table('duty',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('site_id', sa.Uuid(), nullable=False),
    sa.Column('account_id', sa.Uuid(), nullable=False),
    sa.Column('date', sa.Date(), nullable=False),
    sa.Column('role', sa.Enum('candidate', 'school_clerk', 'school_manager', 'reviewer', 'hall_officer', 'planner', 'examiner', 'invigilator', 'safety_officer', 'first_aider', 'duty_leader', 'supervisor', 'inspector', 'appeals_member', 'site_operator', 'administrator', name='role', native_enum=False, create_constraint=True, length=32), nullable=False),
    sa.Column('subjects', sa.ARRAY(sa.String(length=64)), nullable=False),
    sa.Column('classes', sa.ARRAY(sa.String(length=64)), nullable=False),
    sa.ForeignKeyConstraint(['account_id'], ['account.id'], name=op.f('fk_duty_account_id_account')),
    sa.ForeignKeyConstraint(['site_id'], ['site.id'], name=op.f('fk_duty_site_id_site')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_duty')),
    sa.UniqueConstraint('account_id', 'date', 'role', name=op.f('uq_duty_account_id_date_role'))
    )
    with op.batch_alter_table('duty', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_duty_site_id'), ['site_id'], unique=False)

    op.create_table('exam_day',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('site_id', sa.Uuid(), nullable=False),
    sa.Column('date', sa.Date(), nullable=False),
    sa.Column('state', sa.Enum('preparing', 'open', 'closed', name='state', native_enum=False, create_constraint=True, length=32), nullable=False),
    sa.Column('checklist', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('opened_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('opened_by', sa.Uuid(), nullable=True),
    sa.Column('closed_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('closed_by', sa.Uuid(), nullable=True),
    sa.CheckConstraint("(state = 'closed') = (closed_at IS NOT NULL)", name=op.f('ck_exam_day_closed_has_time')),
    sa.ForeignKeyConstraint(['closed_by'], ['account.id'], name=op.f('fk_exam_day_closed_by_account')),
    sa.ForeignKeyConstraint(['opened_by'], ['account.id'], name=op.f('fk_exam_day_opened_by_account')),
    sa.ForeignKeyConstraint(['site_id'], ['site.id'], name=op.f('fk_exam_day_site_id_site')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_exam_day')),
    sa.UniqueConstraint('site_id', 'date', name=op.f('uq_exam_day_site_id_date'))
    )
    op.create_table('notice',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('person_id', sa.Uuid(), nullable=True),
    sa.Column('account_id', sa.Uuid(), nullable=True),
    sa.Column('kind', sa.String(length=64), nullable=False),
    sa.Column('facts', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('dedup_key', sa.String(length=120), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('read_at', sa.DateTime(timezone=True), nullable=True),
    sa.CheckConstraint('(person_id IS NULL) <> (account_id IS NULL)', name=op.f('ck_notice_one_addressee')),
    sa.ForeignKeyConstraint(['account_id'], ['account.id'], name=op.f('fk_notice_account_id_account')),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_notice_person_id_person')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_notice')),
    sa.UniqueConstraint('dedup_key', name=op.f('uq_notice_dedup_key'))
    )
    with op.batch_alter_table('notice', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_notice_account_id'), ['account_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_notice_person_id'), ['person_id'], unique=False)

    op.create_table('pool',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('code', sa.String(length=64), nullable=False),
    sa.Column('session_id', sa.Uuid(), nullable=False),
    sa.Column('kind', sa.String(length=64), nullable=False),
    sa.Column('classes', sa.ARRAY(sa.String(length=64)), nullable=False),
    sa.Column('seats', sa.Integer(), nullable=False),
    sa.Column('vehicles', sa.Integer(), nullable=False),
    sa.Column('offers', sa.ARRAY(sa.String(length=64)), nullable=False),
    sa.CheckConstraint('seats >= 0 AND vehicles >= 0', name=op.f('ck_pool_not_negative')),
    sa.ForeignKeyConstraint(['session_id'], ['session.id'], name=op.f('fk_pool_session_id_session')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_pool')),
    sa.UniqueConstraint('code', name=op.f('uq_pool_code'))
    )
    with op.batch_alter_table('pool', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_pool_session_id'), ['session_id'], unique=False)

    op.create_table('role_grant',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('account_id', sa.Uuid(), nullable=False),
    sa.Column('role', sa.Enum('candidate', 'school_clerk', 'school_manager', 'reviewer', 'hall_officer', 'planner', 'examiner', 'invigilator', 'safety_officer', 'first_aider', 'duty_leader', 'supervisor', 'inspector', 'appeals_member', 'site_operator', 'administrator', name='role', native_enum=False, create_constraint=True, length=32), nullable=False),
    sa.Column('office_id', sa.Uuid(), nullable=False),
    sa.Column('site_id', sa.Uuid(), nullable=True),
    sa.Column('school_id', sa.Uuid(), nullable=True),
    sa.Column('since', sa.DateTime(timezone=True), nullable=False),
    sa.Column('until', sa.DateTime(timezone=True), nullable=True),
    sa.CheckConstraint("(role IN ('school_clerk','school_manager')) = (school_id IS NOT NULL)", name=op.f('ck_role_grant_school_roles_have_a_school')),
    sa.CheckConstraint('site_id IS NULL OR school_id IS NULL', name=op.f('ck_role_grant_one_scope')),
    sa.ForeignKeyConstraint(['account_id'], ['account.id'], name=op.f('fk_role_grant_account_id_account')),
    sa.ForeignKeyConstraint(['office_id'], ['office.id'], name=op.f('fk_role_grant_office_id_office')),
    sa.ForeignKeyConstraint(['school_id'], ['school.id'], name=op.f('fk_role_grant_school_id_school')),
    sa.ForeignKeyConstraint(['site_id'], ['site.id'], name=op.f('fk_role_grant_site_id_site')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_role_grant'))
    )
    with op.batch_alter_table('role_grant', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_role_grant_account_id'), ['account_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_role_grant_office_id'), ['office_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_role_grant_school_id'), ['school_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_role_grant_site_id'), ['site_id'], unique=False)

    op.create_table('round',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('office_id', sa.Uuid(), nullable=False),
    sa.Column('plan_id', sa.Uuid(), nullable=False),
    sa.Column('code', sa.String(length=64), nullable=False),
    sa.Column('state', sa.Enum('planned', 'open', 'closed', 'frozen', 'solved', 'checked', 'published', name='state', native_enum=False, create_constraint=True, length=32), nullable=False),
    sa.Column('first_day', sa.Date(), nullable=False),
    sa.Column('last_day', sa.Date(), nullable=False),
    sa.Column('opens_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('closes_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('frozen_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('lot_seed', sa.String(length=64), nullable=True),
    sa.Column('lot_commitment', sa.String(length=64), nullable=True),
    sa.Column('round_sha256', sa.String(length=64), nullable=True),
    sa.Column('summary', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('progress', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('solved_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('checked_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('published_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('published_by', sa.Uuid(), nullable=True),
    sa.Column('signed_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('approved_by', sa.Uuid(), nullable=True),
    sa.CheckConstraint("(state = 'published') = (published_at IS NOT NULL)", name=op.f('ck_round_published_has_time')),
    sa.CheckConstraint("(state IN ('planned','open','closed')) = (round_sha256 IS NULL)", name=op.f('ck_round_frozen_is_hashed')),
    sa.CheckConstraint('closes_at > opens_at', name=op.f('ck_round_closes_after_opening')),
    sa.CheckConstraint('last_day >= first_day', name=op.f('ck_round_days_not_empty')),
    sa.CheckConstraint('published_at IS NULL OR (published_by IS NOT NULL AND approved_by IS NOT NULL AND published_by <> approved_by)', name=op.f('ck_round_two_publish')),
    sa.ForeignKeyConstraint(['approved_by'], ['account.id'], name=op.f('fk_round_approved_by_account')),
    sa.ForeignKeyConstraint(['office_id'], ['office.id'], name=op.f('fk_round_office_id_office')),
    sa.ForeignKeyConstraint(['plan_id'], ['plan.id'], name=op.f('fk_round_plan_id_plan')),
    sa.ForeignKeyConstraint(['published_by'], ['account.id'], name=op.f('fk_round_published_by_account')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_round')),
    sa.UniqueConstraint('code', name=op.f('uq_round_code'))
    )
    with op.batch_alter_table('round', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_round_office_id'), ['office_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_round_plan_id'), ['plan_id'], unique=False)

    op.create_table('subject_result',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('case_id', sa.Uuid(), nullable=False),
    sa.Column('subject', sa.Enum('S1', 'S2', 'S3R', 'S3T', name='subject', native_enum=False, create_constraint=True, length=32), nullable=False),
    sa.Column('outcome', sa.Enum('passed', 'failed', 'absent', 'no_fault', name='outcome', native_enum=False, create_constraint=True, length=32), nullable=False),
    sa.Column('points', sa.Integer(), nullable=True),
    sa.Column('exam_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('exam_date', sa.Date(), nullable=False),
    sa.Column('booking_counts', sa.Boolean(), nullable=False),
    sa.Column('sitting_id', sa.Uuid(), nullable=True),
    sa.Column('national_record_id', sa.Uuid(), nullable=True),
    sa.Column('recorded_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('voided_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('void_rule', sa.String(length=64), nullable=True),
    sa.CheckConstraint('(sitting_id IS NULL) <> (national_record_id IS NULL)', name=op.f('ck_subject_result_one_provenance')),
    sa.ForeignKeyConstraint(['case_id'], ['case.id'], name=op.f('fk_subject_result_case_id_case')),
    sa.ForeignKeyConstraint(['national_record_id'], ['national_record.id'], name=op.f('fk_subject_result_national_record_id_national_record')),
    sa.ForeignKeyConstraint(['sitting_id'], ['sitting.id'], name=op.f('fk_subject_result_sitting_id_sitting'), use_alter=True),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_subject_result')),
    sa.UniqueConstraint('sitting_id', name=op.f('uq_subject_result_sitting_id'))
    )
    with op.batch_alter_table('subject_result', schema=None) as batch_op:
        batch_op.create_index('ix_subject_result_case_subject', ['case_id', 'subject'], unique=False)
        batch_op.create_index('uq_subject_result_pass', ['case_id', 'subject'], unique=True, postgresql_where=sa.text("outcome = 'passed' AND voided_at IS NULL"))

    op.create_table('terminal',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('room_id', sa.Uuid(), nullable=False),
    sa.Column('code', sa.String(length=64), nullable=False),
    sa.Column('out_since', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['room_id'], ['room.id'], name=op.f('fk_terminal_room_id_room')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_terminal')),
    sa.UniqueConstraint('room_id', 'code', name=op.f('uq_terminal_room_id_code'))
    )
    op.create_table('upload',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('school_id', sa.Uuid(), nullable=False),
    sa.Column('account_id', sa.Uuid(), nullable=True),
    sa.Column('file_name', sa.String(length=200), nullable=False),
    sa.Column('sha256', sa.String(length=64), nullable=False),
    sa.Column('received_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('taken', sa.Integer(), nullable=False),
    sa.Column('refused', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['account_id'], ['account.id'], name=op.f('fk_upload_account_id_account')),
    sa.ForeignKeyConstraint(['school_id'], ['school.id'], name=op.f('fk_upload_school_id_school')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_upload')),
    sa.UniqueConstraint('school_id', 'sha256', name=op.f('uq_upload_school_id_sha256'))
    )
    with op.batch_alter_table('upload', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_upload_account_id'), ['account_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_upload_school_id'), ['school_id'], unique=False)

    op.create_table('application',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('round_id', sa.Uuid(), nullable=False),
    sa.Column('case_id', sa.Uuid(), nullable=False),
    sa.Column('subject', sa.Enum('S1', 'S2', 'S3R', 'S3T', name='subject', native_enum=False, create_constraint=True, length=32), nullable=False),
    sa.Column('licence_class', sa.Enum('A1', 'A2', 'A3', 'B1', 'B2', 'C1', 'C2', 'C3', 'C4', 'C5', 'C6', 'D', 'E', 'F', 'M', 'N', 'P', name='licence_class', native_enum=False, create_constraint=True, length=32), nullable=False),
    sa.Column('any_session', sa.Boolean(), nullable=False),
    sa.Column('area', sa.ARRAY(sa.String(length=64)), nullable=False),
    sa.Column('earliest', sa.Date(), nullable=False),
    sa.Column('latest', sa.Date(), nullable=False),
    sa.Column('use_credit', sa.Boolean(), nullable=False),
    sa.Column('needs', sa.ARRAY(sa.String(length=64)), nullable=False),
    sa.Column('state', sa.Enum('active', 'withdrawn', 'served', 'refused', name='state', native_enum=False, create_constraint=True, length=32), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('changed_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('tier', sa.Integer(), nullable=True),
    sa.Column('ranking_key', sa.DateTime(timezone=True), nullable=True),
    sa.Column('lot', sa.BigInteger(), nullable=True),
    sa.Column('rank', sa.Integer(), nullable=True),
    sa.Column('public_name', sa.String(length=64), nullable=True),
    sa.Column('opening', sa.String(length=200), nullable=True),
    sa.Column('rule', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.CheckConstraint('(rank IS NULL) = (tier IS NULL) AND (tier IS NULL) = (ranking_key IS NULL)', name=op.f('ck_application_ranked_whole')),
    sa.CheckConstraint('latest >= earliest', name=op.f('ck_application_window_not_empty')),
    sa.ForeignKeyConstraint(['case_id'], ['case.id'], name=op.f('fk_application_case_id_case')),
    sa.ForeignKeyConstraint(['round_id'], ['round.id'], name=op.f('fk_application_round_id_round')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_application')),
    sa.UniqueConstraint('round_id', 'case_id', 'subject', name=op.f('uq_application_round_id_case_id_subject'))
    )
    with op.batch_alter_table('application', schema=None) as batch_op:
        batch_op.create_index('uq_application_live_subject', ['case_id', 'subject'], unique=True, postgresql_where=sa.text("state = 'active'"))
        batch_op.create_index(batch_op.f('ix_application_case_id'), ['case_id'], unique=False)

    op.create_table('camera',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('site_id', sa.Uuid(), nullable=False),
    sa.Column('stream', sa.String(length=64), nullable=False),
    sa.Column('name_zh', sa.String(length=120), nullable=False),
    sa.Column('name_en', sa.String(length=120), nullable=False),
    sa.Column('view', sa.Enum('seat', 'room', 'cabin', name='view', native_enum=False, create_constraint=True, length=32), nullable=False),
    sa.Column('source', sa.String(length=300), nullable=False),
    sa.Column('people', sa.Integer(), nullable=False),
    sa.Column('room_id', sa.Uuid(), nullable=True),
    sa.Column('terminal_id', sa.Uuid(), nullable=True),
    sa.Column('vehicle_id', sa.Uuid(), nullable=True),
    sa.Column('enabled', sa.Boolean(), nullable=False),
    sa.ForeignKeyConstraint(['room_id'], ['room.id'], name=op.f('fk_camera_room_id_room')),
    sa.ForeignKeyConstraint(['site_id'], ['site.id'], name=op.f('fk_camera_site_id_site')),
    sa.ForeignKeyConstraint(['terminal_id'], ['terminal.id'], name=op.f('fk_camera_terminal_id_terminal')),
    sa.ForeignKeyConstraint(['vehicle_id'], ['vehicle.id'], name=op.f('fk_camera_vehicle_id_vehicle')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_camera')),
    sa.UniqueConstraint('stream', name=op.f('uq_camera_stream'))
    )
    with op.batch_alter_table('camera', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_camera_room_id'), ['room_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_camera_site_id'), ['site_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_camera_terminal_id'), ['terminal_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_camera_vehicle_id'), ['vehicle_id'], unique=False)

    op.create_table('permit',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('case_id', sa.Uuid(), nullable=False),
    sa.Column('number', sa.String(length=64), nullable=False),
    sa.Column('issued_on', sa.Date(), nullable=False),
    sa.Column('valid_until', sa.Date(), nullable=False),
    sa.Column('basis', sa.String(length=16), nullable=False),
    sa.Column('result_id', sa.Uuid(), nullable=True),
    sa.CheckConstraint("(result_id IS NULL) <> (basis = 'result')", name=op.f('ck_permit_basis_matches_result')),
    sa.CheckConstraint('valid_until > issued_on', name=op.f('ck_permit_valid_after_issue')),
    sa.ForeignKeyConstraint(['case_id'], ['case.id'], name=op.f('fk_permit_case_id_case')),
    sa.ForeignKeyConstraint(['result_id'], ['subject_result.id'], name=op.f('fk_permit_result_id_subject_result')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_permit')),
    sa.UniqueConstraint('case_id', name=op.f('uq_permit_case_id')),
    sa.UniqueConstraint('number', name=op.f('uq_permit_number'))
    )
    op.create_table('seat',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('pool_id', sa.Uuid(), nullable=False),
    sa.Column('number', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['pool_id'], ['pool.id'], name=op.f('fk_seat_pool_id_pool')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_seat')),
    sa.UniqueConstraint('pool_id', 'number', name=op.f('uq_seat_pool_id_number'))
    )
    op.create_table('upload_row',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('upload_id', sa.Uuid(), nullable=False),
    sa.Column('row_number', sa.Integer(), nullable=False),
    sa.Column('given', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('findings', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('case_id', sa.Uuid(), nullable=True),
    sa.CheckConstraint("(case_id IS NULL) = (findings <> '[]'::jsonb)", name=op.f('ck_upload_row_taken_or_refused')),
    sa.ForeignKeyConstraint(['case_id'], ['case.id'], name=op.f('fk_upload_row_case_id_case')),
    sa.ForeignKeyConstraint(['upload_id'], ['upload.id'], name=op.f('fk_upload_row_upload_id_upload')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_upload_row')),
    sa.UniqueConstraint('upload_id', 'row_number', name=op.f('uq_upload_row_upload_id_row_number'))
    )
    op.create_table('booking',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('reference', sa.String(length=16), nullable=False),
    sa.Column('office_id', sa.Uuid(), nullable=False),
    sa.Column('case_id', sa.Uuid(), nullable=False),
    sa.Column('person_number', sa.BigInteger(), nullable=False),
    sa.Column('subject', sa.Enum('S1', 'S2', 'S3R', 'S3T', name='subject', native_enum=False, create_constraint=True, length=32), nullable=False),
    sa.Column('session_id', sa.Uuid(), nullable=False),
    sa.Column('pool_id', sa.Uuid(), nullable=False),
    sa.Column('seat_id', sa.Uuid(), nullable=False),
    sa.Column('application_id', sa.Uuid(), nullable=True),
    sa.Column('starts_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('ends_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('state', sa.Enum('booked', 'cancelled', 'released', 'used', name='state', native_enum=False, create_constraint=True, length=32), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('ended_at', sa.DateTime(timezone=True), nullable=True),
    postgresql.ExcludeConstraint((sa.text("int8range(person_number, person_number, '[]')"), '&&'), (sa.text('tstzrange(starts_at, ends_at)'), '&&'), where=sa.text("state = 'booked'"), using='gist', name='ex_booking_one_place_at_a_time'),
    sa.ForeignKeyConstraint(['application_id'], ['application.id'], name=op.f('fk_booking_application_id_application')),
    sa.ForeignKeyConstraint(['case_id'], ['case.id'], name=op.f('fk_booking_case_id_case')),
    sa.ForeignKeyConstraint(['office_id'], ['office.id'], name=op.f('fk_booking_office_id_office')),
    sa.ForeignKeyConstraint(['pool_id'], ['pool.id'], name=op.f('fk_booking_pool_id_pool')),
    sa.ForeignKeyConstraint(['seat_id'], ['seat.id'], name=op.f('fk_booking_seat_id_seat')),
    sa.ForeignKeyConstraint(['session_id'], ['session.id'], name=op.f('fk_booking_session_id_session')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_booking')),
    sa.UniqueConstraint('reference', name=op.f('uq_booking_reference'))
    )
    with op.batch_alter_table('booking', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_booking_application_id'), ['application_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_booking_office_id'), ['office_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_booking_pool_id'), ['pool_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_booking_session_id'), ['session_id'], unique=False)
        batch_op.create_index('uq_booking_live_seat', ['seat_id'], unique=True, postgresql_where=sa.text("state IN ('booked','used')"))
        batch_op.create_index('uq_booking_live_subject', ['case_id', 'subject'], unique=True, postgresql_where=sa.text("state = 'booked'"))

    op.create_table('choice',
    sa.Column('application_id', sa.Uuid(), nullable=False),
    sa.Column('position', sa.Integer(), nullable=False),
    sa.Column('session_id', sa.Uuid(), nullable=False),
    sa.CheckConstraint('position >= 1', name=op.f('ck_choice_position_from_one')),
    sa.ForeignKeyConstraint(['application_id'], ['application.id'], name=op.f('fk_choice_application_id_application')),
    sa.ForeignKeyConstraint(['session_id'], ['session.id'], name=op.f('fk_choice_session_id_session')),
    sa.PrimaryKeyConstraint('application_id', 'position', name=op.f('pk_choice')),
    sa.UniqueConstraint('application_id', 'session_id', name=op.f('uq_choice_application_id_session_id'))
    )
    with op.batch_alter_table('choice', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_choice_session_id'), ['session_id'], unique=False)

    op.create_table('decision',
    sa.Column('application_id', sa.Uuid(), nullable=False),
    sa.Column('pool_id', sa.Uuid(), nullable=True),
    sa.Column('choice', sa.Integer(), nullable=True),
    sa.Column('vehicle', sa.Integer(), nullable=True),
    sa.Column('turn', sa.Integer(), nullable=True),
    sa.Column('reason', sa.String(length=16), nullable=True),
    sa.Column('cut', sa.Integer(), nullable=True),
    sa.CheckConstraint("(reason = 'full') = (cut IS NOT NULL)", name=op.f('ck_decision_full_has_cut')),
    sa.CheckConstraint('(pool_id IS NULL) <> (reason IS NULL)', name=op.f('ck_decision_seat_or_reason')),
    sa.ForeignKeyConstraint(['application_id'], ['application.id'], name=op.f('fk_decision_application_id_application')),
    sa.ForeignKeyConstraint(['pool_id'], ['pool.id'], name=op.f('fk_decision_pool_id_pool')),
    sa.PrimaryKeyConstraint('application_id', name=op.f('pk_decision'))
    )
    op.create_table('priority_credit',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('case_id', sa.Uuid(), nullable=False),
    sa.Column('subject', sa.Enum('S1', 'S2', 'S3R', 'S3T', name='subject', native_enum=False, create_constraint=True, length=32), nullable=False),
    sa.Column('application_id', sa.Uuid(), nullable=False),
    sa.Column('used_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('returned_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['application_id'], ['application.id'], name=op.f('fk_priority_credit_application_id_application')),
    sa.ForeignKeyConstraint(['case_id'], ['case.id'], name=op.f('fk_priority_credit_case_id_case')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_priority_credit'))
    )
    with op.batch_alter_table('priority_credit', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_priority_credit_application_id'), ['application_id'], unique=False)
        batch_op.create_index('uq_priority_credit_live', ['case_id', 'subject'], unique=True, postgresql_where=sa.text('returned_at IS NULL'))

    op.create_table('sitting',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('exam_day_id', sa.Uuid(), nullable=False),
    sa.Column('booking_id', sa.Uuid(), nullable=False),
    sa.Column('ticket', sa.String(length=8), nullable=False),
    sa.Column('state', sa.Enum('expected', 'checked_in', 'called', 'drawn', 'testing', 'retake_offered', 'to_sign', 'signed', 'released', name='state', native_enum=False, create_constraint=True, length=32), nullable=False),
    sa.Column('first_called', sa.Boolean(), nullable=False),
    sa.Column('identity_by', sa.String(length=16), nullable=True),
    sa.Column('identity_account_id', sa.Uuid(), nullable=True),
    sa.Column('vision_question_id', sa.Uuid(), nullable=True),
    sa.Column('draw_secret', sa.String(length=64), nullable=True),
    sa.Column('candidate_words', sa.String(length=100), nullable=True),
    sa.Column('checked_in_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('queued_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('called_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('examiner_id', sa.Uuid(), nullable=True),
    sa.Column('vehicle_id', sa.Uuid(), nullable=True),
    sa.Column('terminal_id', sa.Uuid(), nullable=True),
    sa.Column('lane_id', sa.Uuid(), nullable=True),
    sa.Column('drawn_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('outcome', sa.Enum('passed', 'failed', 'absent', 'no_fault', name='outcome', native_enum=False, create_constraint=True, length=32), nullable=True),
    sa.Column('no_fault_reason', sa.String(length=64), nullable=True),
    sa.Column('signed_at', sa.DateTime(timezone=True), nullable=True),
    sa.CheckConstraint("(state = 'signed') = (signed_at IS NOT NULL)", name=op.f('ck_sitting_signed_has_time')),
    sa.CheckConstraint("state NOT IN ('to_sign','signed','released') OR outcome IS NOT NULL", name=op.f('ck_sitting_to_sign_has_outcome')),
    sa.CheckConstraint("(state = 'released') = (outcome IS NOT DISTINCT FROM 'no_fault') AND (state = 'released') = (no_fault_reason IS NOT NULL)", name=op.f('ck_sitting_released_is_no_fault_with_a_reason')),
    sa.ForeignKeyConstraint(['booking_id'], ['booking.id'], name=op.f('fk_sitting_booking_id_booking')),
    sa.ForeignKeyConstraint(['exam_day_id'], ['exam_day.id'], name=op.f('fk_sitting_exam_day_id_exam_day')),
    sa.ForeignKeyConstraint(['examiner_id'], ['account.id'], name=op.f('fk_sitting_examiner_id_account')),
    sa.ForeignKeyConstraint(['identity_account_id'], ['account.id'], name=op.f('fk_sitting_identity_account_id_account')),
    sa.ForeignKeyConstraint(['lane_id'], ['lane.id'], name=op.f('fk_sitting_lane_id_lane')),
    sa.ForeignKeyConstraint(['terminal_id'], ['terminal.id'], name=op.f('fk_sitting_terminal_id_terminal')),
    sa.ForeignKeyConstraint(['vehicle_id'], ['vehicle.id'], name=op.f('fk_sitting_vehicle_id_vehicle')),
    sa.ForeignKeyConstraint(['vision_question_id'], ['vision_question.id'], name=op.f('fk_sitting_vision_question_id_vision_question')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_sitting')),
    sa.UniqueConstraint('booking_id', name=op.f('uq_sitting_booking_id')),
    sa.UniqueConstraint('exam_day_id', 'ticket', name=op.f('uq_sitting_exam_day_id_ticket'))
    )
    with op.batch_alter_table('sitting', schema=None) as batch_op:
        batch_op.create_index('ix_sitting_day_state', ['exam_day_id', 'state'], unique=False)
        batch_op.create_index(batch_op.f('ix_sitting_examiner_id'), ['examiner_id'], unique=False)
        batch_op.create_index('uq_sitting_terminal_in_use', ['terminal_id'], unique=True, postgresql_where=sa.text("state IN ('drawn','testing')"))
        batch_op.create_index('uq_sitting_vehicle_in_use', ['vehicle_id'], unique=True, postgresql_where=sa.text("state IN ('drawn','testing')"))

    op.create_table('attempt',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('sitting_id', sa.Uuid(), nullable=False),
    sa.Column('number', sa.Integer(), nullable=False),
    sa.Column('examiner_id', sa.Uuid(), nullable=False),
    sa.Column('vehicle_id', sa.Uuid(), nullable=True),
    sa.Column('terminal_id', sa.Uuid(), nullable=True),
    sa.Column('lane_id', sa.Uuid(), nullable=True),
    sa.Column('opened_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('ended_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('outcome', sa.Enum('passed', 'failed', 'absent', 'no_fault', name='outcome', native_enum=False, create_constraint=True, length=32), nullable=True),
    sa.Column('points', sa.Integer(), nullable=True),
    sa.Column('standard_edition', sa.String(length=64), nullable=False),
    sa.Column('no_fault_reason', sa.String(length=64), nullable=True),
    sa.CheckConstraint('(ended_at IS NULL) = (outcome IS NULL)', name=op.f('ck_attempt_ended_has_outcome')),
    sa.CheckConstraint('number IN (1, 2)', name=op.f('ck_attempt_one_exam_one_retake')),
    sa.CheckConstraint('points IS NULL OR points BETWEEN 0 AND 100', name=op.f('ck_attempt_points_on_the_scale')),
    sa.ForeignKeyConstraint(['examiner_id'], ['account.id'], name=op.f('fk_attempt_examiner_id_account')),
    sa.ForeignKeyConstraint(['lane_id'], ['lane.id'], name=op.f('fk_attempt_lane_id_lane')),
    sa.ForeignKeyConstraint(['sitting_id'], ['sitting.id'], name=op.f('fk_attempt_sitting_id_sitting')),
    sa.ForeignKeyConstraint(['terminal_id'], ['terminal.id'], name=op.f('fk_attempt_terminal_id_terminal')),
    sa.ForeignKeyConstraint(['vehicle_id'], ['vehicle.id'], name=op.f('fk_attempt_vehicle_id_vehicle')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_attempt')),
    sa.UniqueConstraint('sitting_id', 'number', name=op.f('uq_attempt_sitting_id_number'))
    )
    with op.batch_alter_table('attempt', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_attempt_terminal_id'), ['terminal_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_attempt_vehicle_id'), ['vehicle_id'], unique=False)

    op.create_table('draw',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('sitting_id', sa.Uuid(), nullable=False),
    sa.Column('attempt_number', sa.Integer(), nullable=False),
    sa.Column('number', sa.Integer(), nullable=False),
    sa.Column('record', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('drawn_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('reason', sa.String(length=400), nullable=True),
    sa.Column('first_account_id', sa.Uuid(), nullable=True),
    sa.Column('second_account_id', sa.Uuid(), nullable=True),
    sa.CheckConstraint('number = 1 OR (reason IS NOT NULL AND first_account_id IS NOT NULL AND second_account_id IS NOT NULL AND first_account_id <> second_account_id)', name=op.f('ck_draw_redraw_has_two_names_and_a_reason')),
    sa.ForeignKeyConstraint(['first_account_id'], ['account.id'], name=op.f('fk_draw_first_account_id_account')),
    sa.ForeignKeyConstraint(['second_account_id'], ['account.id'], name=op.f('fk_draw_second_account_id_account')),
    sa.ForeignKeyConstraint(['sitting_id'], ['sitting.id'], name=op.f('fk_draw_sitting_id_sitting')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_draw')),
    sa.UniqueConstraint('sitting_id', 'attempt_number', 'number', name=op.f('uq_draw_sitting_id_attempt_number_number'))
    )
    op.create_table('exception_request',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('sitting_id', sa.Uuid(), nullable=False),
    sa.Column('kind', sa.Enum('redraw', 'no_fault', name='kind', native_enum=False, create_constraint=True, length=32), nullable=False),
    sa.Column('code', sa.String(length=64), nullable=True),
    sa.Column('reason', sa.String(length=400), nullable=False),
    sa.Column('first_account_id', sa.Uuid(), nullable=False),
    sa.Column('first_role', sa.Enum('candidate', 'school_clerk', 'school_manager', 'reviewer', 'hall_officer', 'planner', 'examiner', 'invigilator', 'safety_officer', 'first_aider', 'duty_leader', 'supervisor', 'inspector', 'appeals_member', 'site_operator', 'administrator', name='first_role', native_enum=False, create_constraint=True, length=32), nullable=False),
    sa.Column('asked_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('second_account_id', sa.Uuid(), nullable=True),
    sa.Column('decided_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('granted', sa.Boolean(), nullable=True),
    sa.CheckConstraint("(decided_at IS NULL) = (second_account_id IS NULL) AND (decided_at IS NULL) = (granted IS NULL)", name=op.f('ck_exception_request_decided_whole')),
    sa.CheckConstraint("first_account_id <> second_account_id", name=op.f('ck_exception_request_two_names')),
    sa.ForeignKeyConstraint(['first_account_id'], ['account.id'], name=op.f('fk_exception_request_first_account_id_account')),
    sa.ForeignKeyConstraint(['second_account_id'], ['account.id'], name=op.f('fk_exception_request_second_account_id_account')),
    sa.ForeignKeyConstraint(['sitting_id'], ['sitting.id'], name=op.f('fk_exception_request_sitting_id_sitting')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_exception_request'))
    )
    with op.batch_alter_table('exception_request', schema=None) as batch_op:
        batch_op.create_index('uq_exception_request_waiting', ['sitting_id'], unique=True, postgresql_where=sa.text('decided_at IS NULL'))

    op.create_table('incident',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('exam_day_id', sa.Uuid(), nullable=False),
    sa.Column('sitting_id', sa.Uuid(), nullable=True),
    sa.Column('kind', sa.String(length=64), nullable=False),
    sa.Column('note', sa.String(length=1000), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('account_id', sa.Uuid(), nullable=False),
    sa.ForeignKeyConstraint(['account_id'], ['account.id'], name=op.f('fk_incident_account_id_account')),
    sa.ForeignKeyConstraint(['exam_day_id'], ['exam_day.id'], name=op.f('fk_incident_exam_day_id_exam_day')),
    sa.ForeignKeyConstraint(['sitting_id'], ['sitting.id'], name=op.f('fk_incident_sitting_id_sitting')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_incident'))
    )
    with op.batch_alter_table('incident', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_incident_exam_day_id'), ['exam_day_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_incident_sitting_id'), ['sitting_id'], unique=False)

    op.create_table('review_item',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('number', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.Column('camera_id', sa.Uuid(), nullable=False),
    sa.Column('sitting_id', sa.Uuid(), nullable=True),
    sa.Column('group', sa.Enum('conduct', 'equipment', name='group', native_enum=False, create_constraint=True, length=32), nullable=False),
    sa.Column('severity', sa.Enum('notice', 'alert', name='severity', native_enum=False, create_constraint=True, length=32), nullable=False),
    sa.Column('state', sa.Enum('open', 'acknowledged', 'dismissed', 'referred', name='state', native_enum=False, create_constraint=True, length=32), nullable=False),
    sa.Column('opened_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('last_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('acknowledged_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('acknowledged_by', sa.Uuid(), nullable=True),
    sa.CheckConstraint("(state = 'open') = (acknowledged_by IS NULL)", name=op.f('ck_review_item_acknowledged_has_a_name')),
    sa.ForeignKeyConstraint(['acknowledged_by'], ['account.id'], name=op.f('fk_review_item_acknowledged_by_account')),
    sa.ForeignKeyConstraint(['camera_id'], ['camera.id'], name=op.f('fk_review_item_camera_id_camera')),
    sa.ForeignKeyConstraint(['sitting_id'], ['sitting.id'], name=op.f('fk_review_item_sitting_id_sitting')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_review_item')),
    sa.UniqueConstraint('number', name=op.f('uq_review_item_number'))
    )
    with op.batch_alter_table('review_item', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_review_item_camera_id'), ['camera_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_review_item_sitting_id'), ['sitting_id'], unique=False)
        batch_op.create_index('ix_review_item_waiting', ['camera_id'], unique=False, postgresql_where=sa.text("state IN ('open','acknowledged')"))

    op.create_table('signature',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('sitting_id', sa.Uuid(), nullable=False),
    sa.Column('role', sa.Enum('examiner', 'candidate', name='role', native_enum=False, create_constraint=True, length=32), nullable=False),
    sa.Column('account_id', sa.Uuid(), nullable=False),
    sa.Column('signed_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('sheet_sha256', sa.String(length=64), nullable=False),
    sa.Column('refusal_reason', sa.String(length=400), nullable=True),
    sa.CheckConstraint("refusal_reason IS NULL OR role = 'candidate'", name=op.f('ck_signature_only_candidates_refuse')),
    sa.ForeignKeyConstraint(['account_id'], ['account.id'], name=op.f('fk_signature_account_id_account')),
    sa.ForeignKeyConstraint(['sitting_id'], ['sitting.id'], name=op.f('fk_signature_sitting_id_sitting')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_signature')),
    sa.UniqueConstraint('sitting_id', 'account_id', name=op.f('uq_signature_sitting_id_account_id')),
    sa.UniqueConstraint('sitting_id', 'role', name=op.f('uq_signature_sitting_id_role'))
    )
    op.create_table('camera_event',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('camera_id', sa.Uuid(), nullable=False),
    sa.Column('item_id', sa.Uuid(), nullable=True),
    sa.Column('stream', sa.String(length=64), nullable=False),
    sa.Column('event', sa.BigInteger(), nullable=False),
    sa.Column('seq', sa.BigInteger(), nullable=False),
    sa.Column('kind', sa.String(length=32), nullable=False),
    sa.Column('group', sa.Enum('conduct', 'equipment', name='group', native_enum=False, create_constraint=True, length=32), nullable=False),
    sa.Column('seat', sa.String(length=32), nullable=True),
    sa.Column('start_ms', sa.BigInteger(), nullable=False),
    sa.Column('end_ms', sa.BigInteger(), nullable=True),
    sa.Column('open', sa.Boolean(), nullable=False),
    sa.Column('severity', sa.Enum('notice', 'alert', name='severity', native_enum=False, create_constraint=True, length=32), nullable=False),
    sa.Column('confidence_pm', sa.Integer(), nullable=False),
    sa.Column('facts', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('started_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('received_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['camera_id'], ['camera.id'], name=op.f('fk_camera_event_camera_id_camera')),
    sa.ForeignKeyConstraint(['item_id'], ['review_item.id'], name=op.f('fk_camera_event_item_id_review_item')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_camera_event')),
    sa.UniqueConstraint('stream', 'event', name=op.f('uq_camera_event_stream_event'))
    )
    with op.batch_alter_table('camera_event', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_camera_event_camera_id'), ['camera_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_camera_event_item_id'), ['item_id'], unique=False)

    op.create_table('deduction',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('attempt_id', sa.Uuid(), nullable=False),
    sa.Column('edition', sa.String(length=64), nullable=False),
    sa.Column('code', sa.String(length=64), nullable=False),
    sa.Column('points', sa.Integer(), nullable=False),
    sa.Column('source', sa.Enum('examiner', 'automatic', name='source', native_enum=False, create_constraint=True, length=32), nullable=False),
    sa.Column('account_id', sa.Uuid(), nullable=True),
    sa.Column('noted_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('withdrawn_at', sa.DateTime(timezone=True), nullable=True),
    sa.CheckConstraint('points BETWEEN 1 AND 100', name=op.f('ck_deduction_points_on_the_scale')),
    sa.ForeignKeyConstraint(['account_id'], ['account.id'], name=op.f('fk_deduction_account_id_account')),
    sa.ForeignKeyConstraint(['attempt_id'], ['attempt.id'], name=op.f('fk_deduction_attempt_id_attempt')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_deduction'))
    )
    with op.batch_alter_table('deduction', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_deduction_attempt_id'), ['attempt_id'], unique=False)

    op.create_table('review_act',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('item_id', sa.Uuid(), nullable=False),
    sa.Column('account_id', sa.Uuid(), nullable=False),
    sa.Column('act', sa.String(length=32), nullable=False),
    sa.Column('note', sa.String(length=400), nullable=True),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['account_id'], ['account.id'], name=op.f('fk_review_act_account_id_account')),
    sa.ForeignKeyConstraint(['item_id'], ['review_item.id'], name=op.f('fk_review_act_item_id_review_item')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_review_act'))
    )
    with op.batch_alter_table('review_act', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_review_act_item_id'), ['item_id'], unique=False)

    op.create_table('evidence',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('camera_event_id', sa.Uuid(), nullable=False),
    sa.Column('stream', sa.String(length=64), nullable=False),
    sa.Column('path', sa.String(length=200), nullable=False),
    sa.Column('bytes', sa.BigInteger(), nullable=False),
    sa.Column('sha256', sa.String(length=64), nullable=False),
    sa.ForeignKeyConstraint(['camera_event_id'], ['camera_event.id'], name=op.f('fk_evidence_camera_event_id_camera_event')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_evidence')),
    sa.UniqueConstraint('stream', 'path', name=op.f('uq_evidence_stream_path'))
    )
    with op.batch_alter_table('evidence', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_evidence_camera_event_id'), ['camera_event_id'], unique=False)
    op.create_foreign_key(
        "fk_subject_result_sitting_id_sitting", "subject_result", "sitting", ["sitting_id"], ["id"]
    )


def downgrade() -> None:
    op.drop_constraint("fk_subject_result_sitting_id_sitting", "subject_result")
    with op.batch_alter_table('evidence', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_evidence_camera_event_id'))

    op.drop_table('evidence')
    with op.batch_alter_table('review_act', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_review_act_item_id'))

    op.drop_table('review_act')
    with op.batch_alter_table('deduction', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_deduction_attempt_id'))

    op.drop_table('deduction')
    with op.batch_alter_table('camera_event', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_camera_event_item_id'))
        batch_op.drop_index(batch_op.f('ix_camera_event_camera_id'))

    op.drop_table('camera_event')
    op.drop_table('signature')
    with op.batch_alter_table('review_item', schema=None) as batch_op:
        batch_op.drop_index('ix_review_item_waiting', postgresql_where=sa.text("state IN ('open','acknowledged')"))
        batch_op.drop_index(batch_op.f('ix_review_item_sitting_id'))
        batch_op.drop_index(batch_op.f('ix_review_item_camera_id'))

    op.drop_table('review_item')
    with op.batch_alter_table('incident', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_incident_sitting_id'))
        batch_op.drop_index(batch_op.f('ix_incident_exam_day_id'))

    op.drop_table('incident')
    with op.batch_alter_table('exception_request', schema=None) as batch_op:
        batch_op.drop_index('uq_exception_request_waiting', postgresql_where=sa.text('decided_at IS NULL'))

    op.drop_table('exception_request')
    op.drop_table('draw')
    with op.batch_alter_table('attempt', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_attempt_vehicle_id'))
        batch_op.drop_index(batch_op.f('ix_attempt_terminal_id'))

    op.drop_table('attempt')
    with op.batch_alter_table('sitting', schema=None) as batch_op:
        batch_op.drop_index('uq_sitting_vehicle_in_use', postgresql_where=sa.text("state IN ('drawn','testing')"))
        batch_op.drop_index('uq_sitting_terminal_in_use', postgresql_where=sa.text("state IN ('drawn','testing')"))
        batch_op.drop_index(batch_op.f('ix_sitting_examiner_id'))
        batch_op.drop_index('ix_sitting_day_state')

    op.drop_table('sitting')
    with op.batch_alter_table('priority_credit', schema=None) as batch_op:
        batch_op.drop_index('uq_priority_credit_live', postgresql_where=sa.text('returned_at IS NULL'))
        batch_op.drop_index(batch_op.f('ix_priority_credit_application_id'))

    op.drop_table('priority_credit')
    op.drop_table('decision')
    with op.batch_alter_table('choice', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_choice_session_id'))

    op.drop_table('choice')
    with op.batch_alter_table('booking', schema=None) as batch_op:
        batch_op.drop_index('uq_booking_live_subject', postgresql_where=sa.text("state = 'booked'"))
        batch_op.drop_index('uq_booking_live_seat', postgresql_where=sa.text("state IN ('booked','used')"))
        batch_op.drop_index(batch_op.f('ix_booking_session_id'))
        batch_op.drop_index(batch_op.f('ix_booking_pool_id'))
        batch_op.drop_index(batch_op.f('ix_booking_office_id'))
        batch_op.drop_index(batch_op.f('ix_booking_application_id'))

    op.drop_table('booking')
    op.drop_table('upload_row')
    op.drop_table('seat')
    op.drop_table('permit')
    with op.batch_alter_table('camera', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_camera_vehicle_id'))
        batch_op.drop_index(batch_op.f('ix_camera_terminal_id'))
        batch_op.drop_index(batch_op.f('ix_camera_site_id'))
        batch_op.drop_index(batch_op.f('ix_camera_room_id'))

    op.drop_table('camera')
    with op.batch_alter_table('application', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_application_case_id'))

    op.drop_table('application')
    with op.batch_alter_table('upload', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_upload_school_id'))
        batch_op.drop_index(batch_op.f('ix_upload_account_id'))

    op.drop_table('upload')
    op.drop_table('terminal')
    with op.batch_alter_table('subject_result', schema=None) as batch_op:
        batch_op.drop_index('uq_subject_result_pass', postgresql_where=sa.text("outcome = 'passed' AND voided_at IS NULL"))
        batch_op.drop_index('ix_subject_result_case_subject')

    op.drop_table('subject_result')
    with op.batch_alter_table('round', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_round_plan_id'))
        batch_op.drop_index(batch_op.f('ix_round_office_id'))

    op.drop_table('round')
    with op.batch_alter_table('role_grant', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_role_grant_site_id'))
        batch_op.drop_index(batch_op.f('ix_role_grant_school_id'))
        batch_op.drop_index(batch_op.f('ix_role_grant_office_id'))
        batch_op.drop_index(batch_op.f('ix_role_grant_account_id'))

    op.drop_table('role_grant')
    with op.batch_alter_table('pool', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_pool_session_id'))

    op.drop_table('pool')
    with op.batch_alter_table('notice', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_notice_person_id'))
        batch_op.drop_index(batch_op.f('ix_notice_account_id'))

    op.drop_table('notice')
    op.drop_table('exam_day')
    with op.batch_alter_table('duty', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_duty_site_id'))

    op.drop_table('duty')
    op.drop_table('vehicle')
    with op.batch_alter_table('support_need', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_support_need_person_id'))

    op.drop_table('support_need')
    op.drop_table('site_authorisation')
    with op.batch_alter_table('session', schema=None) as batch_op:
        batch_op.drop_index('ix_session_site_date')
        batch_op.drop_index(batch_op.f('ix_session_plan_id'))
        batch_op.drop_index(batch_op.f('ix_session_office_id'))

    op.drop_table('session')
    op.drop_table('room')
    op.drop_table('national_record')
    with op.batch_alter_table('mandate', schema=None) as batch_op:
        batch_op.drop_index('uq_mandate_live', postgresql_where=sa.text('revoked_at IS NULL'))
        batch_op.drop_index(batch_op.f('ix_mandate_school_id'))
        batch_op.drop_index(batch_op.f('ix_mandate_person_id'))

    op.drop_table('mandate')
    op.drop_table('lane')
    with op.batch_alter_table('case', schema=None) as batch_op:
        batch_op.drop_index('uq_case_live_class', postgresql_where=sa.text("state IN ('preregistered','confirmed','returned','accepted')"))
        batch_op.drop_index(batch_op.f('ix_case_school_id'))
        batch_op.drop_index(batch_op.f('ix_case_person_id'))
        batch_op.drop_index(batch_op.f('ix_case_office_id'))

    op.drop_table('case')
    with op.batch_alter_table('activation', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_activation_person_id'))

    op.drop_table('activation')
    with op.batch_alter_table('account', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_account_office_id'))

    op.drop_table('account')
    with op.batch_alter_table('site', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_site_office_id'))

    op.drop_table('site')
    with op.batch_alter_table('school', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_school_office_id'))

    op.drop_table('school')
    with op.batch_alter_table('plan', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_plan_office_id'))

    op.drop_table('plan')
    with op.batch_alter_table('person', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_person_office_id'))
        batch_op.drop_index('ix_person_name_prefix', postgresql_ops={'name': 'text_pattern_ops'})

    op.drop_table('person')
    with op.batch_alter_table('national_import', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_national_import_office_id'))

    op.drop_table('national_import')
    with op.batch_alter_table('vision_question', schema=None) as batch_op:
        batch_op.drop_index('ix_vision_question_asked', postgresql_where=sa.text("state = 'asked'"))

    op.drop_table('vision_question')
    with op.batch_alter_table('outbox_event', schema=None) as batch_op:
        batch_op.drop_index('ix_outbox_event_waiting', postgresql_where=sa.text('handled_at IS NULL'))

    op.drop_table('outbox_event')
    with op.batch_alter_table('office', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_office_parent_id'))

    op.drop_table('office')
    op.drop_table('ledger_position')
    op.drop_table('job_run')
    op.drop_table('idempotency_key')
    op.drop_table('demo_clock')
    op.drop_table('checkpoint')
    with op.batch_alter_table('audit_record', schema=None) as batch_op:
        batch_op.drop_index('ix_audit_record_unlinked', postgresql_where=sa.text('hash IS NULL'))
        batch_op.drop_index('ix_audit_record_subject')
        batch_op.drop_index(batch_op.f('ix_audit_record_for_person_id'))
        batch_op.drop_index(batch_op.f('ix_audit_record_account_id'))

    op.drop_table('audit_record')
