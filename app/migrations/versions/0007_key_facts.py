"""add what everybody may know of a key"""

import sqlalchemy as sa
from alembic import op

revision = '0007'
down_revision = '0006'


def upgrade() -> None:
    with op.batch_alter_table('access_key', schema=None) as batch_op:
        batch_op.add_column(sa.Column('key_kind', sa.String(length=32), nullable=True))
        batch_op.add_column(sa.Column('fingerprint', sa.String(length=128), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table('access_key', schema=None) as batch_op:
        batch_op.drop_column('fingerprint')
        batch_op.drop_column('key_kind')
