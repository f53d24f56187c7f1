"""index events by object"""

from alembic import op

revision = '0014'
down_revision = '0013'


def upgrade() -> None:
    op.create_index('ix_event_object_id', 'event', ['object_id'])


def downgrade() -> None:
    op.drop_index('ix_event_object_id', 'event')
