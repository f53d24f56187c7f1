"""add retries, and which run repeats which"""

import sqlalchemy as sa
from alembic import op

revision = '0024'
down_revision = '0023'


def upgrade() -> None:
    with op.batch_alter_table(
        'task', schema=None, table_kwargs={'sqlite_autoincrement': True}
    ) as batch_op:
        batch_op.add_column(sa.Column('repeats_id', sa.BigInteger(), nullable=True))
        batch_op.add_column(sa.Column('retry_of_id', sa.BigInteger(), nullable=True))
        batch_op.add_column(sa.Column('try_number', sa.Integer(), server_default='1', nullable=False))
        batch_op.add_column(sa.Column('not_before', sa.BigInteger(), nullable=True))
        batch_op.create_index(batch_op.f('ix_task_repeats_id'), ['repeats_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_task_retry_of_id'), ['retry_of_id'], unique=False)
    with op.batch_alter_table(
        'task_template', schema=None, table_kwargs={'sqlite_autoincrement': True}
    ) as batch_op:
        batch_op.add_column(sa.Column('retries', sa.Integer(), server_default='0', nullable=False))
        batch_op.add_column(sa.Column('retry_pause', sa.Integer(), server_default='0', nullable=False))


def downgrade() -> None:
    with op.batch_alter_table(
        'task_template', schema=None, table_kwargs={'sqlite_autoincrement': True}
    ) as batch_op:
        batch_op.drop_column('retry_pause')
        batch_op.drop_column('retries')
    with op.batch_alter_table(
        'task', schema=None, table_kwargs={'sqlite_autoincrement': True}
    ) as batch_op:
        batch_op.drop_index(batch_op.f('ix_task_retry_of_id'))
        batch_op.drop_index(batch_op.f('ix_task_repeats_id'))
        batch_op.drop_column('not_before')
        batch_op.drop_column('try_number')
        batch_op.drop_column('retry_of_id')
        batch_op.drop_column('repeats_id')
