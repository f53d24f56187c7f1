"""add the files that runs leave behind"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import mysql

revision = '0025'
down_revision = '0024'


def upgrade() -> None:
    op.create_table('task_artifact',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), autoincrement=True, nullable=False),
    sa.Column('task_id', sa.BigInteger(), nullable=False),
    sa.Column('name', sa.Text(), nullable=False),
    sa.Column('size', sa.BigInteger(), nullable=False),
    sa.Column('sha256', sa.String(length=64), nullable=False),
    sa.ForeignKeyConstraint(['task_id'], ['task.id'], name=op.f('fk_task_artifact_task_id_task'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_task_artifact')),
    sqlite_autoincrement=True
    )
    with op.batch_alter_table('task_artifact', schema=None, table_kwargs={'sqlite_autoincrement': True}) as batch_op:
        batch_op.create_index(batch_op.f('ix_task_artifact_task_id'), ['task_id'], unique=False)
    op.create_table('task_artifact_piece',
    sa.Column('artifact_id', sa.BigInteger(), autoincrement=False, nullable=False),
    sa.Column('seq', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('data', sa.LargeBinary().with_variant(mysql.MEDIUMBLOB(), 'mysql', 'mariadb'), nullable=False),
    sa.ForeignKeyConstraint(['artifact_id'], ['task_artifact.id'], name=op.f('fk_task_artifact_piece_artifact_id_task_artifact'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('artifact_id', 'seq', name=op.f('pk_task_artifact_piece'))
    )


def downgrade() -> None:
    op.drop_table('task_artifact_piece')
    op.drop_table('task_artifact')
