"""the step of a stored forecast.

Revision ID: 0005
Revises: 0004
"""

import sqlalchemy as sa
from alembic import op


revision = '0005'
down_revision = '0004'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column('forecasts', sa.Column('step_days', sa.SmallInteger(), server_default='1', nullable=False))


def downgrade() -> None:
    op.drop_column('forecasts', 'step_days')
