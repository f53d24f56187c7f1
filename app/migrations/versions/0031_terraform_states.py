"""keep states of Terraform"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import mysql

from app.columns import UtcDateTime

revision = '0031'
down_revision = '0030'

ID = sa.BigInteger().with_variant(sa.Integer(), 'sqlite')
LONG = sa.Text().with_variant(mysql.LONGTEXT(), 'mariadb', 'mysql')


def common(table: str) -> list:
    return [
        sa.Column('id', ID, autoincrement=True, nullable=False),
        sa.Column('project_id', ID, nullable=False),
        sa.Column('inventory_id', sa.BigInteger(), nullable=False),
        sa.Column('created', UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(['project_id'], ['project.id'], name=op.f(f'fk_{table}_project_id_project'), ondelete='CASCADE'),
        sa.ForeignKeyConstraint(['inventory_id'], ['inventory.id'], name=op.f(f'fk_{table}_inventory_id_inventory'), ondelete='CASCADE'),
        sa.PrimaryKeyConstraint('id', name=op.f(f'pk_{table}')),
    ]


def upgrade() -> None:
    op.create_table('terraform_state',
    *common('terraform_state'),
    sa.Column('serial', sa.BigInteger(), nullable=False),
    sa.Column('lineage', sa.String(length=255), nullable=False),
    sa.Column('size', sa.Integer(), nullable=False),
    sa.Column('sha256', sa.String(length=64), nullable=False),
    sa.Column('resources', sa.Integer(), nullable=True),
    sa.Column('secret', LONG, nullable=True),
    sa.Column('is_gone', sa.Boolean(), nullable=False),
    sa.Column('task_id', sa.BigInteger(), nullable=True),
    sa.Column('user_id', sa.BigInteger(), nullable=True),
    sa.Column('alias', sa.String(length=64), nullable=False),
    sa.Column('restored_id', sa.BigInteger(), nullable=True),
    sa.ForeignKeyConstraint(['task_id'], ['task.id'], name=op.f('fk_terraform_state_task_id_task'), ondelete='SET NULL'),
    sa.ForeignKeyConstraint(['user_id'], ['user.id'], name=op.f('fk_terraform_state_user_id_user'), ondelete='SET NULL'),
    sqlite_autoincrement=True
    )
    op.create_table('terraform_lock',
    *common('terraform_lock'),
    sa.Column('lock_id', sa.String(length=255), nullable=False),
    sa.Column('operation', sa.String(length=255), nullable=False),
    sa.Column('who', sa.String(length=255), nullable=False),
    sa.Column('info', LONG, nullable=False),
    sa.Column('task_id', sa.BigInteger(), nullable=True),
    sa.Column('alias', sa.String(length=64), nullable=False),
    sa.ForeignKeyConstraint(['task_id'], ['task.id'], name=op.f('fk_terraform_lock_task_id_task'), ondelete='SET NULL'),
    sa.UniqueConstraint('inventory_id', name=op.f('uq_terraform_lock_inventory_id')),
    sqlite_autoincrement=True
    )
    op.create_table('terraform_alias',
    *common('terraform_alias'),
    sa.Column('auth_key_id', sa.BigInteger(), nullable=False),
    sa.Column('alias', sa.String(length=64), nullable=False),
    sa.ForeignKeyConstraint(['auth_key_id'], ['access_key.id'], name=op.f('fk_terraform_alias_auth_key_id_access_key')),
    sa.UniqueConstraint('alias', name=op.f('uq_terraform_alias_alias')),
    sqlite_autoincrement=True
    )
    for table, columns in (
        ('terraform_state', ('project_id', 'task_id', 'user_id')),
        ('terraform_lock', ('project_id', 'task_id')),
        ('terraform_alias', ('project_id', 'inventory_id', 'auth_key_id')),
    ):
        for column in columns:
            op.create_index(op.f(f'ix_{table}_{column}'), table, [column], unique=False)
    op.create_index('ix_terraform_state_inventory_id_id', 'terraform_state', ['inventory_id', 'id'], unique=False)


def downgrade() -> None:
    op.drop_table('terraform_alias')
    op.drop_table('terraform_lock')
    op.drop_table('terraform_state')
