"""a row to lock while a role gets its slug"""

import sqlalchemy as sa
from alembic import op

revision = '0029'
down_revision = '0028'

LOCK = sa.table('lock', sa.column('name'))


def upgrade() -> None:
    op.bulk_insert(LOCK, [{'name': 'roles'}])


def downgrade() -> None:
    op.execute(LOCK.delete().where(LOCK.c.name == 'roles'))
