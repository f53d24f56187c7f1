"""integrations: what requests from outside start"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import mysql

from app.columns import UtcDateTime

revision = '0019'
down_revision = '0018'


def upgrade() -> None:
    op.create_table('integration',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), autoincrement=True, nullable=False),
    sa.Column('project_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('created', UtcDateTime(), nullable=False),
    sa.Column('name', sa.String(length=255), nullable=False),
    sa.Column('template_id', sa.BigInteger(), nullable=False),
    sa.Column('auth_method', sa.String(length=32), nullable=False),
    sa.Column('auth_secret_id', sa.BigInteger(), nullable=True),
    sa.Column('auth_header', sa.String(length=255), nullable=False),
    sa.Column('searchable', sa.Boolean(), nullable=False),
    sa.Column('task_params', sa.JSON(none_as_null=True), nullable=True),
    sa.Column('when_waiting', sa.String(length=16), nullable=False),
    sa.Column('per_minute', sa.Integer(), nullable=False),
    sa.Column('lock_version', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['auth_secret_id'], ['access_key.id'], name=op.f('fk_integration_auth_secret_id_access_key'), ondelete='SET NULL'),
    sa.ForeignKeyConstraint(['project_id'], ['project.id'], name=op.f('fk_integration_project_id_project'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['template_id'], ['task_template.id'], name=op.f('fk_integration_template_id_task_template'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_integration')),
    sqlite_autoincrement=True
    )
    with op.batch_alter_table('integration', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_integration_auth_secret_id'), ['auth_secret_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_integration_project_id'), ['project_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_integration_template_id'), ['template_id'], unique=False)

    op.create_table('integration_alias',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), autoincrement=True, nullable=False),
    sa.Column('project_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('integration_id', sa.BigInteger(), nullable=True),
    sa.Column('alias', sa.String(length=64), nullable=False),
    sa.ForeignKeyConstraint(['integration_id'], ['integration.id'], name=op.f('fk_integration_alias_integration_id_integration'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['project_id'], ['project.id'], name=op.f('fk_integration_alias_project_id_project'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_integration_alias')),
    sa.UniqueConstraint('alias', name=op.f('uq_integration_alias_alias')),
    sqlite_autoincrement=True
    )
    with op.batch_alter_table('integration_alias', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_integration_alias_integration_id'), ['integration_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_integration_alias_project_id'), ['project_id'], unique=False)

    op.create_table('integration_extract_value',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), autoincrement=True, nullable=False),
    sa.Column('integration_id', sa.BigInteger(), nullable=False),
    sa.Column('name', sa.String(length=255), nullable=False),
    sa.Column('value_source', sa.String(length=16), nullable=False),
    sa.Column('body_data_type', sa.String(length=16), nullable=False),
    sa.Column('key', sa.String(length=1024), nullable=False),
    sa.Column('variable', sa.String(length=255), nullable=False),
    sa.Column('variable_type', sa.String(length=16), nullable=False),
    sa.ForeignKeyConstraint(['integration_id'], ['integration.id'], name=op.f('fk_integration_extract_value_integration_id_integration'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_integration_extract_value')),
    sqlite_autoincrement=True
    )
    with op.batch_alter_table('integration_extract_value', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_integration_extract_value_integration_id'), ['integration_id'], unique=False)

    op.create_table('integration_matcher',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), autoincrement=True, nullable=False),
    sa.Column('integration_id', sa.BigInteger(), nullable=False),
    sa.Column('name', sa.String(length=255), nullable=False),
    sa.Column('match_type', sa.String(length=16), nullable=False),
    sa.Column('method', sa.String(length=16), nullable=False),
    sa.Column('body_data_type', sa.String(length=16), nullable=False),
    sa.Column('key', sa.String(length=1024), nullable=False),
    sa.Column('value', sa.Text().with_variant(mysql.LONGTEXT(), 'mariadb').with_variant(mysql.LONGTEXT(), 'mysql'), nullable=False),
    sa.ForeignKeyConstraint(['integration_id'], ['integration.id'], name=op.f('fk_integration_matcher_integration_id_integration'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_integration_matcher')),
    sqlite_autoincrement=True
    )
    with op.batch_alter_table('integration_matcher', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_integration_matcher_integration_id'), ['integration_id'], unique=False)

    op.create_table('integration_delivery',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), autoincrement=True, nullable=False),
    sa.Column('project_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('integration_id', sa.BigInteger(), nullable=False),
    sa.Column('created', UtcDateTime(), nullable=False),
    sa.Column('method', sa.String(length=16), nullable=False),
    sa.Column('headers', sa.JSON(), nullable=False),
    sa.Column('query', sa.JSON(), nullable=False),
    sa.Column('body', sa.LargeBinary().with_variant(mysql.MEDIUMBLOB(), 'mariadb').with_variant(mysql.MEDIUMBLOB(), 'mysql'), nullable=False),
    sa.Column('body_length', sa.BigInteger(), nullable=False),
    sa.Column('verdict', sa.String(length=16), nullable=False),
    sa.Column('reason', sa.Text(), nullable=False),
    sa.Column('checks', sa.JSON(), nullable=False),
    sa.Column('found', sa.JSON(), nullable=False),
    sa.Column('sent_id', sa.String(length=255), nullable=True),
    sa.Column('replay_of', sa.BigInteger(), nullable=True),
    sa.Column('task_id', sa.BigInteger(), nullable=True),
    sa.ForeignKeyConstraint(['integration_id'], ['integration.id'], name=op.f('fk_integration_delivery_integration_id_integration'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['project_id'], ['project.id'], name=op.f('fk_integration_delivery_project_id_project'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['task_id'], ['task.id'], name=op.f('fk_integration_delivery_task_id_task'), ondelete='SET NULL'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_integration_delivery')),
    sa.UniqueConstraint('integration_id', 'sent_id', name=op.f('uq_integration_delivery_integration_id_sent_id')),
    sqlite_autoincrement=True
    )
    with op.batch_alter_table('integration_delivery', schema=None) as batch_op:
        batch_op.create_index('ix_integration_delivery_integration_id_id', ['integration_id', 'id'], unique=False)
        batch_op.create_index('ix_integration_delivery_limit', ['integration_id', 'verdict', 'created'], unique=False)
        batch_op.create_index(batch_op.f('ix_integration_delivery_project_id'), ['project_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_integration_delivery_task_id'), ['task_id'], unique=False)

    with op.batch_alter_table('task', schema=None, table_kwargs={'sqlite_autoincrement': True}) as batch_op:
        batch_op.add_column(sa.Column('integration_id', sa.BigInteger(), nullable=True))
        batch_op.create_index('ix_task_integration_id', ['integration_id'])
        batch_op.create_foreign_key('fk_task_integration_id_integration', 'integration', ['integration_id'], ['id'], ondelete='SET NULL')


def downgrade() -> None:
    op.drop_table('integration_delivery')
    op.drop_table('integration_matcher')
    op.drop_table('integration_extract_value')
    op.drop_table('integration_alias')
    with op.batch_alter_table('task', schema=None, table_kwargs={'sqlite_autoincrement': True}) as batch_op:
        batch_op.drop_constraint('fk_task_integration_id_integration', type_='foreignkey')
        batch_op.drop_index('ix_task_integration_id')
        batch_op.drop_column('integration_id')
    op.drop_table('integration')
