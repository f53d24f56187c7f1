"""a run may have a time limit of its own"""

import sqlalchemy as sa
from alembic import op

revision = '0026'
down_revision = '0025'


def upgrade() -> None:
    op.add_column('task', sa.Column('max_duration', sa.Integer(), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table(
        'task', schema=None, table_kwargs={'sqlite_autoincrement': True}
    ) as batch_op:
        batch_op.drop_column('max_duration')
