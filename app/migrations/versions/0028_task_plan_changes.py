"""add what plans change"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import mysql

revision = '0028'
down_revision = '0027'


def upgrade() -> None:
    op.add_column('task_plan', sa.Column('line', sa.BigInteger(), nullable=True))
    op.add_column('task_plan', sa.Column('counts', sa.JSON(), nullable=True))
    op.create_table('task_plan_change',
    sa.Column('task_id', sa.BigInteger(), autoincrement=False, nullable=False),
    sa.Column('seq', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('kind', sa.String(length=16), nullable=False),
    sa.Column('action', sa.String(length=16), nullable=False),
    sa.Column('address', sa.Text(), nullable=False),
    sa.Column('type', sa.Text(), nullable=False),
    sa.Column('module', sa.Text(), nullable=False),
    sa.Column('reason', sa.String(length=64), nullable=False),
    sa.Column('forced_by', sa.Text(), nullable=False),
    sa.Column('moved_from', sa.Text(), nullable=False),
    sa.Column('is_imported', sa.Boolean(), nullable=False),
    sa.Column('attributes', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['task_id'], ['task.id'], name=op.f('fk_task_plan_change_task_id_task'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('task_id', 'seq', name=op.f('pk_task_plan_change'))
    )
    op.create_table('task_plan_piece',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), autoincrement=True, nullable=False),
    sa.Column('project_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('task_id', sa.BigInteger(), nullable=False),
    sa.Column('seq', sa.Integer(), nullable=False),
    sa.Column('secret', sa.Text().with_variant(mysql.LONGTEXT(), 'mariadb', 'mysql'), nullable=True),
    sa.ForeignKeyConstraint(['project_id'], ['project.id'], name=op.f('fk_task_plan_piece_project_id_project'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['task_id'], ['task.id'], name=op.f('fk_task_plan_piece_task_id_task'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_task_plan_piece')),
    sa.UniqueConstraint('task_id', 'seq', name=op.f('uq_task_plan_piece_task_id_seq')),
    sqlite_autoincrement=True
    )
    with op.batch_alter_table('task_plan_piece', schema=None, table_kwargs={'sqlite_autoincrement': True}) as batch_op:
        batch_op.create_index(batch_op.f('ix_task_plan_piece_project_id'), ['project_id'], unique=False)


def downgrade() -> None:
    op.drop_table('task_plan_piece')
    op.drop_table('task_plan_change')
    with op.batch_alter_table(
        'task_plan', schema=None, table_kwargs={'sqlite_autoincrement': True}
    ) as batch_op:
        batch_op.drop_column('counts')
        batch_op.drop_column('line')
