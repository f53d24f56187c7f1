"""index runs by status"""

from alembic import op

revision = '0012'
down_revision = '0011'


def upgrade() -> None:
    op.create_index('ix_task_project_id_status_id', 'task', ['project_id', 'status', 'id'])


def downgrade() -> None:
    op.drop_index('ix_task_project_id_status_id', 'task')
