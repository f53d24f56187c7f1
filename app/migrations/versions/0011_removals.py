"""add removals"""

import sqlalchemy as sa
from alembic import op

from app.columns import UtcDateTime

revision = '0011'
down_revision = '0010'


def upgrade() -> None:
    op.create_table('removal',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), autoincrement=True, nullable=False),
    sa.Column('project_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('template_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('user_id', sa.BigInteger(), nullable=True),
    sa.Column('created', UtcDateTime(), nullable=False),
    sa.ForeignKeyConstraint(['project_id'], ['project.id'], name=op.f('fk_removal_project_id_project'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['template_id'], ['task_template.id'], name=op.f('fk_removal_template_id_task_template'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['user_id'], ['user.id'], name=op.f('fk_removal_user_id_user'), ondelete='SET NULL'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_removal')),
    sqlite_autoincrement=True
    )
    with op.batch_alter_table('removal', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_removal_project_id'), ['project_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_removal_template_id'), ['template_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_removal_user_id'), ['user_id'], unique=False)


def downgrade() -> None:
    op.drop_table('removal')
