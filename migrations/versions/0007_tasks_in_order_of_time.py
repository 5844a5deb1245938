"""An index of tasks in the order of time: the list that operators open first sorted the whole ledger.

Revision ID: 0007
Revises: 0006
"""

from alembic import op

revision = '0007'
down_revision = '0006'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index('ix_tasks_created_at', 'tasks', ['created_at'], unique=False)


def downgrade() -> None:
    op.drop_index('ix_tasks_created_at', table_name='tasks')
