"""add custom roles, their holders, and the templates they are attached to"""

import sqlalchemy as sa
from alembic import op

revision = '0018'
down_revision = '0017'

BIG_ID = sa.BigInteger().with_variant(sa.Integer(), 'sqlite')


def upgrade() -> None:
    op.create_table('custom_role',
    sa.Column('id', BIG_ID, autoincrement=True, nullable=False),
    sa.Column('project_id', BIG_ID, nullable=True),
    sa.Column('scope', sa.BigInteger(), nullable=False),
    sa.Column('slug', sa.String(length=64), nullable=False),
    sa.Column('name', sa.String(length=255), nullable=False),
    sa.Column('permissions', sa.Integer(), nullable=False),
    sa.Column('lock_version', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['project_id'], ['project.id'], name=op.f('fk_custom_role_project_id_project'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_custom_role')),
    sa.UniqueConstraint('scope', 'slug', name=op.f('uq_custom_role_scope_slug')),
    sqlite_autoincrement=True
    )
    with op.batch_alter_table('custom_role', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_custom_role_project_id'), ['project_id'], unique=False)
    op.create_table('project_user_role',
    sa.Column('project_user_id', BIG_ID, nullable=False),
    sa.Column('role_id', BIG_ID, nullable=False),
    sa.ForeignKeyConstraint(['project_user_id'], ['project_user.id'], name=op.f('fk_project_user_role_project_user_id_project_user'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['role_id'], ['custom_role.id'], name=op.f('fk_project_user_role_role_id_custom_role'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('project_user_id', 'role_id', name=op.f('pk_project_user_role'))
    )
    with op.batch_alter_table('project_user_role', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_project_user_role_role_id'), ['role_id'], unique=False)
    op.create_table('template_role',
    sa.Column('id', BIG_ID, autoincrement=True, nullable=False),
    sa.Column('template_id', sa.BigInteger(), nullable=False),
    sa.Column('role_id', sa.BigInteger(), nullable=False),
    sa.Column('permissions', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['role_id'], ['custom_role.id'], name=op.f('fk_template_role_role_id_custom_role'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['template_id'], ['task_template.id'], name=op.f('fk_template_role_template_id_task_template'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_template_role')),
    sa.UniqueConstraint('template_id', 'role_id', name=op.f('uq_template_role_template_id_role_id')),
    sqlite_autoincrement=True
    )
    with op.batch_alter_table('template_role', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_template_role_role_id'), ['role_id'], unique=False)


def downgrade() -> None:
    op.drop_table('template_role')
    op.drop_table('project_user_role')
    op.drop_table('custom_role')
