"""SQLite gives the id of a deleted template to no other one: the option was lost with a copy"""

from alembic import op

revision = '0021'
down_revision = '0020'


def upgrade() -> None:
    if op.get_bind().dialect.name == 'sqlite':
        with op.batch_alter_table('task_template', recreate='always', table_kwargs={'sqlite_autoincrement': True}):
            pass


def downgrade() -> None:
    pass
