"""The plan of what to order.

Revision ID: 0016
Revises: 0015
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = '0016'
down_revision = '0015'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('plan_lines',
        sa.Column('product_id', sa.BigInteger(), nullable=False),
        sa.Column('supplier_id', sa.BigInteger(), nullable=True),
        sa.Column('plan_date', sa.Date(), nullable=False),
        sa.Column('current_stock', sa.Double(), nullable=False),
        sa.Column('on_order', sa.Double(), nullable=False),
        sa.Column('on_order_in_time', sa.Double(), nullable=False),
        sa.Column('on_draft', sa.Double(), nullable=False),
        sa.Column('predicted_demand', sa.Double(), nullable=True),
        sa.Column('recommended', sa.Double(), nullable=False),
        sa.Column('urgency', sa.SmallInteger(), nullable=False),
        sa.Column('reorder_point', sa.Double(), nullable=True),
        sa.Column('safety_stock', sa.Double(), nullable=True),
        sa.Column('order_up_to', sa.Double(), nullable=True),
        sa.Column('days_of_cover', sa.Double(), nullable=True),
        sa.Column('stockout_date', sa.Date(), nullable=True),
        sa.Column('order_by', sa.Date(), nullable=True),
        sa.Column('arrives_on', sa.Date(), nullable=True),
        sa.Column('lasts_until', sa.Date(), nullable=True),
        sa.Column('service_level', sa.Double(), nullable=True),
        sa.Column('service_now', sa.Double(), nullable=True),
        sa.Column('service_with', sa.Double(), nullable=True),
        sa.Column('expected_cost', sa.Double(), nullable=True),
        sa.Column('expected_profit', sa.Double(), nullable=True),
        sa.Column('value', sa.Double(), nullable=True),
        sa.Column('pack_size', sa.Double(), nullable=False),
        sa.Column('minimum', sa.Double(), nullable=False),
        sa.Column('policy', sa.String(length=20), nullable=False),
        sa.Column('limited_by', sa.String(length=20), nullable=True),
        sa.Column('reason', sa.Text(), nullable=False),
        sa.Column('reason_key', sa.String(length=40), nullable=False),
        sa.Column('reason_values', postgresql.JSONB(), nullable=False),
        sa.Column('product_updated_at', sa.DateTime(timezone=True), nullable=False),
        sa.Column('forecast_made_at', sa.DateTime(timezone=True), nullable=True),
        sa.Column('changes', sa.Integer(), server_default='0', nullable=False),
        sa.Column('seen', sa.Integer(), server_default='0', nullable=False),
        sa.Column('made_at', sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint('urgency BETWEEN 0 AND 2', name=op.f('ck_plan_lines_urgency')),
        sa.ForeignKeyConstraint(['product_id'], ['products.id'], name=op.f('fk_plan_lines_product_id'), ondelete='CASCADE'),
        sa.ForeignKeyConstraint(['supplier_id'], ['suppliers.id'], name=op.f('fk_plan_lines_supplier_id'), ondelete='SET NULL'),
        sa.PrimaryKeyConstraint('product_id', name=op.f('pk_plan_lines'))
    )
    op.create_index(op.f('ix_plan_lines_supplier_id'), 'plan_lines', ['supplier_id'], unique=False)
    op.create_index('ix_plan_lines_to_order', 'plan_lines', ['product_id'], unique=False, postgresql_where=sa.text('recommended > 0'))
    op.create_index('ix_plan_lines_urgency', 'plan_lines', ['urgency', 'stockout_date', 'product_id'], unique=False)


def downgrade() -> None:
    op.drop_table('plan_lines')
