"""the latest forecast of every product out of the forecast of the whole shop.

Revision ID: 0009
Revises: 0008
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = '0009'
down_revision = '0008'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        'shop_forecasts',
        sa.Column('product_id', sa.BigInteger(), nullable=False),
        sa.Column('start_date', sa.Date(), nullable=False),
        sa.Column('step_days', sa.SmallInteger(), nullable=False),
        sa.Column('origin', sa.Date(), nullable=False),
        sa.Column('mean', postgresql.ARRAY(sa.Double()), nullable=False),
        sa.Column('quantiles', postgresql.ARRAY(sa.REAL(), dimensions=2), nullable=False),
        sa.Column('totals', postgresql.ARRAY(sa.REAL(), dimensions=2), nullable=False),
        sa.Column('ceiling', sa.Double(), nullable=False),
        sa.Column('shares', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column('champion', sa.String(length=40), nullable=False),
        sa.Column('reason', sa.Text(), nullable=False),
        sa.Column('backtest', postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column('components', postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column('data_hash', sa.String(length=64), nullable=False),
        sa.Column('made_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
        sa.Column('task_id', sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(['product_id'], ['products.id'], name=op.f('fk_shop_forecasts_product_id'), ondelete='CASCADE'),
        sa.PrimaryKeyConstraint('product_id', name=op.f('pk_shop_forecasts')),
    )


def downgrade() -> None:
    op.drop_table('shop_forecasts')
