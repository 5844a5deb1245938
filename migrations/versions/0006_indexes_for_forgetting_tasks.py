"""Indexes of what refers to tasks: without them, every task that is forgotten reads these tables whole.

Revision ID: 0006
Revises: 0005
"""

import sqlalchemy as sa
from alembic import op

revision = '0006'
down_revision = '0005'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index('ix_tasks_retry_of', 'tasks', ['retry_of'], unique=False, postgresql_where=sa.text('retry_of IS NOT NULL'))
    op.create_index(op.f('ix_schedules_last_task_id'), 'schedules', ['last_task_id'], unique=False)
    op.create_index(op.f('ix_imports_task_id'), 'imports', ['task_id'], unique=False)


def downgrade() -> None:
    op.drop_index(op.f('ix_imports_task_id'), table_name='imports')
    op.drop_index(op.f('ix_schedules_last_task_id'), table_name='schedules')
    op.drop_index('ix_tasks_retry_of', table_name='tasks', postgresql_where=sa.text('retry_of IS NOT NULL'))
