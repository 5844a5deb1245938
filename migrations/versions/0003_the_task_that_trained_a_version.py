"""the task that trained a version.

Revision ID: 0003
Revises: 0002
"""

import sqlalchemy as sa
from alembic import op


revision = '0003'
down_revision = '0002'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column('artifacts', sa.Column('task_id', sa.Uuid(), nullable=True))
    op.create_index('uq_artifacts_task_id_product_id', 'artifacts', ['task_id', 'product_id'], unique=True, postgresql_where=sa.text('task_id IS NOT NULL'))


def downgrade() -> None:
    op.drop_index('uq_artifacts_task_id_product_id', table_name='artifacts', postgresql_where=sa.text('task_id IS NOT NULL'))
    op.drop_column('artifacts', 'task_id')
