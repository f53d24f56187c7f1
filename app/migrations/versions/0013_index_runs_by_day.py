"""index runs by day"""

from alembic import op

revision = '0013'
down_revision = '0012'


def upgrade() -> None:
    op.create_index('ix_task_project_id_created', 'task', ['project_id', 'created', 'status'])


def downgrade() -> None:
    op.drop_index('ix_task_project_id_created', 'task')
