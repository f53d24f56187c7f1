"""add the commit that a run is to use"""

import sqlalchemy as sa
from alembic import op

revision = '0023'
down_revision = '0022'


def upgrade() -> None:
    with op.batch_alter_table(
        'task', schema=None, table_kwargs={'sqlite_autoincrement': True}
    ) as batch_op:
        batch_op.add_column(sa.Column('wanted_commit', sa.String(length=64), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table(
        'task', schema=None, table_kwargs={'sqlite_autoincrement': True}
    ) as batch_op:
        batch_op.drop_column('wanted_commit')
