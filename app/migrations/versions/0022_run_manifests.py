"""add what each run was made of"""

import sqlalchemy as sa
from alembic import op

revision = '0022'
down_revision = '0021'


def upgrade() -> None:
    op.create_table('task_manifest',
    sa.Column('task_id', sa.BigInteger(), autoincrement=False, nullable=False),
    sa.Column('facts', sa.JSON(), nullable=False),
    sa.ForeignKeyConstraint(['task_id'], ['task.id'], name=op.f('fk_task_manifest_task_id_task'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('task_id', name=op.f('pk_task_manifest'))
    )


def downgrade() -> None:
    op.drop_table('task_manifest')
