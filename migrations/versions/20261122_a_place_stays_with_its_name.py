"""A booking keeps its person, subject and seat: no place can be renamed or passed on.

Revision: b1f2a7c4d903
Follows: f660449d1d45
"""

from alembic import op

revision = "b1f2a7c4d903"
down_revision = "f660449d1d45"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(
        """
        CREATE FUNCTION booking_keeps_its_name() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            RAISE EXCEPTION 'a booking cannot be renamed or passed on'
                USING ERRCODE = 'check_violation', CONSTRAINT = 'tr_booking_keeps_its_name';
        END $$
        """
    )
    op.execute(
        """
        CREATE TRIGGER tr_booking_keeps_its_name BEFORE UPDATE ON booking FOR EACH ROW
        WHEN ((OLD.case_id, OLD.person_number, OLD.subject, OLD.seat_id, OLD.session_id)
              IS DISTINCT FROM
              (NEW.case_id, NEW.person_number, NEW.subject, NEW.seat_id, NEW.session_id))
        EXECUTE FUNCTION booking_keeps_its_name()
        """
    )


def downgrade() -> None:
    op.execute("DROP TRIGGER tr_booking_keeps_its_name ON booking")
    op.execute("DROP FUNCTION booking_keeps_its_name()")
