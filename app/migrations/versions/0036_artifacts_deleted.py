"""say of a run that its artifacts made room for others"""

import sqlalchemy as sa
from alembic import op

from app.columns import UtcDateTime

revision = '0036'
down_revision = '0035'


def upgrade() -> None:
    op.add_column('task', sa.Column('artifacts_deleted_at', UtcDateTime(), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table(
        'task', schema=None, table_kwargs={'sqlite_autoincrement': True}
    ) as batch_op:
        batch_op.drop_column('artifacts_deleted_at')
