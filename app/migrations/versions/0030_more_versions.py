"""count the changes of rules, views and attached roles"""

import sqlalchemy as sa
from alembic import op

revision = '0030'
down_revision = '0029'

TABLES = ('integration_matcher', 'integration_extract_value', 'project_view', 'template_role')


def upgrade() -> None:
    for table in TABLES:
        op.add_column(
            table, sa.Column('lock_version', sa.Integer(), server_default='0', nullable=False)
        )


def downgrade() -> None:
    for table in reversed(TABLES):
        with op.batch_alter_table(
            table, schema=None, table_kwargs={'sqlite_autoincrement': True}
        ) as batch_op:
            batch_op.drop_column('lock_version')
