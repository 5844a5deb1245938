"""Classes of products; past forecasts of categories.

Revision ID: 0017
Revises: 0016
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = '0017'
down_revision = '0016'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column('products', sa.Column('demand_class', sa.String(length=12), nullable=True))
    op.add_column('products', sa.Column('abc', sa.String(length=1), nullable=True))
    op.add_column('products', sa.Column('xyz', sa.String(length=1), nullable=True))
    op.drop_column('product_accuracy', 'demand_class')
    op.create_table(
        'group_forecasts',
        sa.Column('data_hash', sa.String(length=64), nullable=False),
        sa.Column('place', sa.SmallInteger(), nullable=False),
        sa.Column('category', sa.String(length=200), nullable=True),
        sa.Column('products', sa.Integer(), nullable=False),
        sa.Column('step_days', sa.SmallInteger(), nullable=False),
        sa.Column('origins', postgresql.ARRAY(sa.Date()), nullable=False),
        sa.Column('forecasts', sa.LargeBinary(), nullable=False),
        sa.Column('actuals', sa.LargeBinary(), nullable=False),
        sa.Column('made_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
        sa.PrimaryKeyConstraint('data_hash', 'place', name=op.f('pk_group_forecasts')),
    )
    op.create_index('ix_shop_forecasts_data_hash', 'shop_forecasts', ['data_hash'])


def downgrade() -> None:
    op.drop_index('ix_shop_forecasts_data_hash', 'shop_forecasts')
    op.drop_table('group_forecasts')
    op.add_column('product_accuracy', sa.Column('demand_class', sa.String(length=20), nullable=True))
    for name in ('xyz', 'abc', 'demand_class'):
        op.drop_column('products', name)
