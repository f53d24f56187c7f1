"""compare names exactly on MySQL and MariaDB, as SQLite and PostgreSQL do"""

from alembic import op
from sqlalchemy.dialects.mysql.base import MySQLDialect

revision = '0015'
down_revision = '0014'

# All that had text by then; the rest is numbers, moments and bytes.
TABLES = (
    'access_key', 'api_token', 'environment', 'event', 'host_config', 'host_key', 'inventory',
    'lock', 'option', 'project', 'project_user', 'project_view', 'repository', 'session', 'task',
    'task_host', 'task_result', 'task_section', 'task_template', 'template_vault', 'user', 'worker',
)


def upgrade() -> None:
    """A server's own choice takes A for a and drops blanks at the end.

    Each step is a transaction of its own there; one that was interrupted can be run again.
    """
    dialect = op.get_bind().dialect
    if not isinstance(dialect, MySQLDialect):
        return
    exact = 'utf8mb4_nopad_bin' if dialect.is_mariadb else 'utf8mb4_0900_bin'
    op.execute(f'ALTER DATABASE CHARACTER SET utf8mb4 COLLATE {exact}')  # of later tables
    for table in TABLES:
        op.execute(f'ALTER TABLE `{table}` CONVERT TO CHARACTER SET utf8mb4 COLLATE {exact}')


def downgrade() -> None:
    """The release before works with it, and what differs by case only would not go back."""
