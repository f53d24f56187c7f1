"""secret answers that schedules give"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import mysql

revision = '0037'
down_revision = '0036'


def upgrade() -> None:
    long_text = sa.Text().with_variant(mysql.LONGTEXT(), 'mysql', 'mariadb')
    op.add_column('schedule', sa.Column('secret', long_text, nullable=True))


def downgrade() -> None:
    with op.batch_alter_table('schedule', schema=None) as batch_op:
        batch_op.drop_column('secret')
