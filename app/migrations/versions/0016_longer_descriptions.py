"""a description of a template is as long on MySQL as its field allows"""

from alembic import op

from app.columns import LongText

revision = '0016'
down_revision = '0015'


def upgrade() -> None:
    if op.get_bind().dialect.name == 'mysql':
        op.alter_column('task_template', 'description', type_=LongText)


def downgrade() -> None:
    """The release before works with it, and what is longer would not go back."""
