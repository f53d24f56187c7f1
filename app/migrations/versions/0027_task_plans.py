"""add plans that wait for approval"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import mysql

from app.columns import UtcDateTime

revision = '0027'
down_revision = '0026'


def upgrade() -> None:
    op.create_table('task_plan',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), autoincrement=True, nullable=False),
    sa.Column('project_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('task_id', sa.BigInteger(), nullable=False),
    sa.Column('created', UtcDateTime(), nullable=False),
    sa.Column('sha256', sa.String(length=64), nullable=False),
    sa.Column('secret', sa.Text().with_variant(mysql.LONGTEXT(), 'mariadb', 'mysql'), nullable=True),
    sa.Column('expires', UtcDateTime(), nullable=True),
    sa.Column('decided', UtcDateTime(), nullable=True),
    sa.Column('user_id', sa.BigInteger(), nullable=True),
    sa.ForeignKeyConstraint(['project_id'], ['project.id'], name=op.f('fk_task_plan_project_id_project'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['task_id'], ['task.id'], name=op.f('fk_task_plan_task_id_task'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['user_id'], ['user.id'], name=op.f('fk_task_plan_user_id_user'), ondelete='SET NULL'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_task_plan')),
    sa.UniqueConstraint('task_id', name=op.f('uq_task_plan_task_id')),
    sqlite_autoincrement=True
    )
    with op.batch_alter_table('task_plan', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_task_plan_project_id'), ['project_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_task_plan_user_id'), ['user_id'], unique=False)


def downgrade() -> None:
    op.drop_table('task_plan')
