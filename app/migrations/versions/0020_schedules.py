"""add schedules, and when they were due"""

import sqlalchemy as sa
from alembic import op

from app.columns import UtcDateTime

revision = '0020'
down_revision = '0019'


def upgrade() -> None:
    op.create_table('schedule',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), autoincrement=True, nullable=False),
    sa.Column('project_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('template_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('created', UtcDateTime(), nullable=False),
    sa.Column('name', sa.String(length=255), nullable=False),
    sa.Column('type', sa.String(length=16), nullable=False),
    sa.Column('cron_format', sa.String(length=255), nullable=False),
    sa.Column('timezone', sa.String(length=64), nullable=False),
    sa.Column('run_at', UtcDateTime(), nullable=True),
    sa.Column('delete_after_run', sa.Boolean(), nullable=False),
    sa.Column('active', sa.Boolean(), nullable=False),
    sa.Column('missed', sa.String(length=16), nullable=False),
    sa.Column('task_params', sa.JSON(none_as_null=True), nullable=True),
    sa.Column('repository_id', sa.BigInteger(), nullable=True),
    sa.Column('last_commit_hash', sa.String(length=64), nullable=True),
    sa.Column('next_at', UtcDateTime(), nullable=True),
    sa.Column('lock_version', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['project_id'], ['project.id'], name=op.f('fk_schedule_project_id_project'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['template_id'], ['task_template.id'], name=op.f('fk_schedule_template_id_task_template'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['repository_id'], ['repository.id'], name=op.f('fk_schedule_repository_id_repository')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_schedule')),
    sqlite_autoincrement=True
    )
    with op.batch_alter_table('schedule', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_schedule_project_id'), ['project_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_schedule_template_id'), ['template_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_schedule_repository_id'), ['repository_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_schedule_next_at'), ['next_at'], unique=False)
    op.create_table('schedule_fire',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), autoincrement=True, nullable=False),
    sa.Column('schedule_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('fire_time', UtcDateTime(), nullable=False),
    sa.Column('created', UtcDateTime(), nullable=False),
    sa.Column('task_id', sa.BigInteger(), nullable=True),
    sa.Column('commit_hash', sa.String(length=64), nullable=True),
    sa.Column('reason', sa.Text(), nullable=True),
    sa.ForeignKeyConstraint(['schedule_id'], ['schedule.id'], name=op.f('fk_schedule_fire_schedule_id_schedule'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['task_id'], ['task.id'], name=op.f('fk_schedule_fire_task_id_task'), ondelete='SET NULL'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_schedule_fire')),
    sa.UniqueConstraint('schedule_id', 'commit_hash', name=op.f('uq_schedule_fire_schedule_id_commit_hash')),
    sa.UniqueConstraint('schedule_id', 'fire_time', name=op.f('uq_schedule_fire_schedule_id_fire_time')),
    sqlite_autoincrement=True
    )
    with op.batch_alter_table('schedule_fire', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_schedule_fire_task_id'), ['task_id'], unique=False)
    op.add_column('task', sa.Column('schedule_id', sa.BigInteger(), nullable=True))
    op.create_index(op.f('ix_task_schedule_id'), 'task', ['schedule_id'], unique=False)


def downgrade() -> None:
    op.drop_index(op.f('ix_task_schedule_id'), table_name='task')
    op.drop_column('task', 'schedule_id')
    op.drop_table('schedule_fire')
    op.drop_table('schedule')
