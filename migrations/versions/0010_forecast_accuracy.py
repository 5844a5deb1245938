"""What was forecast, and how good it turned out to be.

Revision ID: 0010
Revises: 0009
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = '0010'
down_revision = '0009'
branch_labels = None
depends_on = None

NUMBERS = postgresql.ARRAY(postgresql.REAL())
FIGURES = ('wape', 'bias', 'mase', 'pinball', 'coverage80', 'coverage95', 'wape_ahead', 'bias_ahead', 'tracking_signal', 'cumulative_signal')


def upgrade() -> None:
    op.create_table(
        'past_forecasts',
        sa.Column('product_id', sa.BigInteger(), nullable=False),
        sa.Column('origin', sa.Date(), nullable=False),
        sa.Column('step_days', sa.SmallInteger(), nullable=False),
        sa.Column('engine', sa.String(length=40), nullable=False),
        *(sa.Column(name, NUMBERS, nullable=False) for name in ('mean', 'q025', 'q100', 'q500', 'q900', 'q975')),
        sa.Column('made_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
        sa.ForeignKeyConstraint(['product_id'], ['products.id'], name=op.f('fk_past_forecasts_product_id'), ondelete='CASCADE'),
        sa.PrimaryKeyConstraint('product_id', 'origin', name=op.f('pk_past_forecasts')),
    )
    op.create_index('ix_past_forecasts_made_at', 'past_forecasts', ['made_at'], unique=False)
    op.create_table(
        'product_accuracy',
        sa.Column('product_id', sa.BigInteger(), nullable=False),
        sa.Column('since', sa.Date(), nullable=False),
        sa.Column('as_of', sa.Date(), nullable=False),
        sa.Column('step_days', sa.SmallInteger(), nullable=False),
        sa.Column('engine', sa.String(length=40), nullable=False),
        sa.Column('demand_class', sa.String(length=20), nullable=True),
        sa.Column('periods', sa.Integer(), nullable=False),
        *(sa.Column(name, sa.Double(), nullable=False) for name in ('units', 'error', 'absolute_error')),
        *(sa.Column(name, sa.Double(), nullable=True) for name in FIGURES),
        sa.Column('biased', sa.Boolean(), server_default=sa.text('false'), nullable=False),
        sa.Column('drift', sa.Double(), nullable=True),
        sa.Column('drifted', sa.Boolean(), server_default=sa.text('false'), nullable=False),
        sa.Column('drift_since', sa.Date(), nullable=True),
        sa.Column('note', sa.Text(), nullable=True),
        sa.Column('acted_as_of', sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(['product_id'], ['products.id'], name=op.f('fk_product_accuracy_product_id'), ondelete='CASCADE'),
        sa.PrimaryKeyConstraint('product_id', name=op.f('pk_product_accuracy')),
    )
    op.create_table(
        'shop_accuracy',
        sa.Column('date', sa.Date(), nullable=False),
        sa.Column('step_days', sa.SmallInteger(), nullable=False),
        sa.Column('products', sa.Integer(), nullable=False),
        sa.Column('units', sa.Double(), nullable=False),
        *(sa.Column(name, sa.Double(), nullable=True) for name in ('wape', 'bias', 'coverage80', 'coverage95')),
        sa.PrimaryKeyConstraint('date', name=op.f('pk_shop_accuracy')),
    )


def downgrade() -> None:
    op.drop_table('shop_accuracy')
    op.drop_table('product_accuracy')
    op.drop_index('ix_past_forecasts_made_at', table_name='past_forecasts')
    op.drop_table('past_forecasts')
