"""add the views of a project"""

import sqlalchemy as sa
from alembic import op

from app.columns import UtcDateTime

revision = '0009'
down_revision = '0008'


def upgrade() -> None:
    op.create_table('project_view',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), autoincrement=True, nullable=False),
    sa.Column('project_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('created', UtcDateTime(), nullable=False),
    sa.Column('title', sa.String(length=255), nullable=False),
    sa.Column('position', sa.Integer(), nullable=False),
    sa.Column('type', sa.String(length=16), nullable=False),
    sa.Column('hidden', sa.Boolean(), nullable=False),
    sa.Column('sort_column', sa.String(length=64), nullable=True),
    sa.Column('sort_reverse', sa.Boolean(), nullable=False),
    sa.ForeignKeyConstraint(['project_id'], ['project.id'], name=op.f('fk_project_view_project_id_project'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_project_view')),
    sqlite_autoincrement=True
    )
    with op.batch_alter_table('project_view', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_project_view_project_id'), ['project_id'], unique=False)
    with op.batch_alter_table('task_template', schema=None) as batch_op:
        batch_op.add_column(sa.Column('view_id', sa.BigInteger(), nullable=True))
        batch_op.create_index(batch_op.f('ix_task_template_view_id'), ['view_id'], unique=False)
        batch_op.create_foreign_key(batch_op.f('fk_task_template_view_id_project_view'), 'project_view', ['view_id'], ['id'], ondelete='SET NULL')


def downgrade() -> None:
    with op.batch_alter_table('task_template', schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f('fk_task_template_view_id_project_view'), type_='foreignkey')
        batch_op.drop_index(batch_op.f('ix_task_template_view_id'))
        batch_op.drop_column('view_id')
    op.drop_table('project_view')
