"""add the keys of ssh servers"""

import sqlalchemy as sa
from alembic import op

from app.columns import UtcDateTime

revision = '0003'
down_revision = '0002'


def upgrade() -> None:
    op.create_table('host_key',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), autoincrement=True, nullable=False),
    sa.Column('project_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('created', UtcDateTime(), nullable=False),
    sa.Column('host', sa.String(length=255), nullable=False),
    sa.Column('port', sa.Integer(), nullable=False),
    sa.Column('type', sa.String(length=64), nullable=False),
    sa.Column('key', sa.Text(), nullable=False),
    sa.ForeignKeyConstraint(['project_id'], ['project.id'], name=op.f('fk_host_key_project_id_project'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_host_key')),
    sa.UniqueConstraint('project_id', 'host', 'port', 'type', name=op.f('uq_host_key_project_id_host_port_type')),
    sqlite_autoincrement=True
    )
    with op.batch_alter_table('host_key', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_host_key_project_id'), ['project_id'], unique=False)


def downgrade() -> None:
    op.drop_table('host_key')
