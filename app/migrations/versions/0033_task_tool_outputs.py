"""add outputs of what runs apply"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import mysql

revision = '0033'
down_revision = '0032'


def upgrade() -> None:
    op.create_table('task_tool_outputs',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), autoincrement=True, nullable=False),
    sa.Column('project_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('task_id', sa.BigInteger(), nullable=False),
    sa.Column('count', sa.Integer(), nullable=False),
    sa.Column('secret', sa.Text().with_variant(mysql.LONGTEXT(), 'mariadb', 'mysql'), nullable=True),
    sa.ForeignKeyConstraint(['project_id'], ['project.id'], name=op.f('fk_task_tool_outputs_project_id_project'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['task_id'], ['task.id'], name=op.f('fk_task_tool_outputs_task_id_task'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_task_tool_outputs')),
    sa.UniqueConstraint('task_id', name=op.f('uq_task_tool_outputs_task_id')),
    sqlite_autoincrement=True
    )
    with op.batch_alter_table('task_tool_outputs', schema=None, table_kwargs={'sqlite_autoincrement': True}) as batch_op:
        batch_op.create_index(batch_op.f('ix_task_tool_outputs_project_id'), ['project_id'], unique=False)


def downgrade() -> None:
    op.drop_table('task_tool_outputs')
