"""add the keys of single hosts"""

import sqlalchemy as sa
from alembic import op

from app.columns import UtcDateTime

revision = '0004'
down_revision = '0003'


def upgrade() -> None:
    op.create_table('host_config',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), autoincrement=True, nullable=False),
    sa.Column('project_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('created', UtcDateTime(), nullable=False),
    sa.Column('type', sa.String(length=16), nullable=False),
    sa.Column('host', sa.String(length=1024), nullable=False),
    sa.Column('ssh_key_id', sa.BigInteger(), nullable=False),
    sa.Column('lock_version', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['project_id'], ['project.id'], name=op.f('fk_host_config_project_id_project'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['ssh_key_id'], ['access_key.id'], name=op.f('fk_host_config_ssh_key_id_access_key')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_host_config')),
    sqlite_autoincrement=True
    )
    with op.batch_alter_table('host_config', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_host_config_project_id'), ['project_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_host_config_ssh_key_id'), ['ssh_key_id'], unique=False)


def downgrade() -> None:
    op.drop_table('host_config')
