"""add the commit that a run is to use; find the deploys of a build"""

import sqlalchemy as sa
from alembic import op

revision = '0023'
down_revision = '0022'


def upgrade() -> None:
    with op.batch_alter_table(
        'task', schema=None, table_kwargs={'sqlite_autoincrement': True}
    ) as batch_op:
        batch_op.add_column(sa.Column('wanted_commit', sa.String(length=64), nullable=True))
        batch_op.create_index(batch_op.f('ix_task_build_task_id'), ['build_task_id'], unique=False)


def downgrade() -> None:
    if op.get_bind().dialect.name == 'mysql':  # its foreign key had an index of its own before
        op.create_index('fk_task_build_task_id_task', 'task', ['build_task_id'])
    with op.batch_alter_table(
        'task', schema=None, table_kwargs={'sqlite_autoincrement': True}
    ) as batch_op:
        batch_op.drop_index(batch_op.f('ix_task_build_task_id'))
        batch_op.drop_column('wanted_commit')
