"""add options"""

import sqlalchemy as sa
from alembic import op

from app.columns import LongText

revision = '0010'
down_revision = '0009'


def upgrade() -> None:
    op.create_table('option',
    sa.Column('key', sa.String(length=255), nullable=False),
    sa.Column('value', LongText, nullable=False),
    sa.PrimaryKeyConstraint('key', name=op.f('pk_option'))
    )


def downgrade() -> None:
    op.drop_table('option')
