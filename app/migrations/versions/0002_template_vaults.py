"""add the vaults of templates"""

import sqlalchemy as sa
from alembic import op

revision = '0002'
down_revision = '0001'


def upgrade() -> None:
    op.create_table('template_vault',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), autoincrement=True, nullable=False),
    sa.Column('template_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('vault_key_id', sa.BigInteger(), nullable=True),
    sa.Column('name', sa.String(length=255), nullable=True),
    sa.Column('type', sa.String(length=16), nullable=False),
    sa.Column('script', sa.String(length=1024), nullable=True),
    sa.ForeignKeyConstraint(['template_id'], ['task_template.id'], name=op.f('fk_template_vault_template_id_task_template'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['vault_key_id'], ['access_key.id'], name=op.f('fk_template_vault_vault_key_id_access_key'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_template_vault')),
    sqlite_autoincrement=True
    )
    with op.batch_alter_table('template_vault', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_template_vault_template_id'), ['template_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_template_vault_vault_key_id'), ['vault_key_id'], unique=False)


def downgrade() -> None:
    op.drop_table('template_vault')
