"""add what a look at an inventory has found"""

import sqlalchemy as sa
from alembic import op

from app.columns import UtcDateTime

revision = '0008'
down_revision = '0007'


def upgrade() -> None:
    with op.batch_alter_table('inventory', schema=None) as batch_op:
        batch_op.add_column(sa.Column('checked', UtcDateTime(), nullable=True))
        batch_op.add_column(sa.Column('host_count', sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column('group_count', sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column('flaw', sa.Text(), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table('inventory', schema=None) as batch_op:
        batch_op.drop_column('flaw')
        batch_op.drop_column('group_count')
        batch_op.drop_column('host_count')
        batch_op.drop_column('checked')
