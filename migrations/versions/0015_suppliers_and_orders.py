"""Suppliers, terms of ordering, orders and receipts, and files of the first two.

Revision ID: 0015
Revises: 0014
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = '0015'
down_revision = '0014'
branch_labels = None
depends_on = None

KINDS = "'sales', 'products', 'events', 'stock', 'promotions'"
NEW_KINDS = "'suppliers', 'replenishment'"


def upgrade() -> None:
    op.create_table('suppliers',
        sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column('name', sa.String(length=200), nullable=False),
        sa.Column('contact', sa.String(length=200), nullable=True),
        sa.Column('email', sa.String(length=254), nullable=True),
        sa.Column('phone', sa.String(length=60), nullable=True),
        sa.Column('note', sa.String(length=1000), nullable=True),
        sa.Column('lead_time_days', sa.Numeric(precision=16, scale=4, asdecimal=False), nullable=True),
        sa.Column('lead_time_sd_days', sa.Numeric(precision=16, scale=4, asdecimal=False), nullable=True),
        sa.Column('review_days', sa.SmallInteger(), nullable=True),
        sa.Column('order_days', postgresql.ARRAY(sa.SmallInteger()), nullable=True),
        sa.Column('ordering_cost', sa.Numeric(precision=16, scale=4, asdecimal=False), nullable=True),
        sa.Column('minimum_order_value', sa.Numeric(precision=16, scale=4, asdecimal=False), nullable=True),
        sa.Column('is_active', sa.Boolean(), server_default=sa.text('true'), nullable=False),
        sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
        sa.Column('updated_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
        sa.CheckConstraint("name <> ''", name=op.f('ck_suppliers_name_not_empty')),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_suppliers')),
        sa.UniqueConstraint('name', name=op.f('uq_suppliers_name'))
    )
    op.create_index('ix_suppliers_name_lower', 'suppliers', [sa.literal_column('lower(name)')], unique=False)
    op.create_table('replenishment_parameters',
        sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column('product_id', sa.BigInteger(), nullable=True),
        sa.Column('category', sa.String(length=200), nullable=True),
        sa.Column('supplier_id', sa.BigInteger(), nullable=True),
        sa.Column('lead_time_days', sa.Numeric(precision=16, scale=4, asdecimal=False), nullable=True),
        sa.Column('lead_time_sd_days', sa.Numeric(precision=16, scale=4, asdecimal=False), nullable=True),
        sa.Column('review_days', sa.SmallInteger(), nullable=True),
        sa.Column('service_level', sa.Numeric(precision=16, scale=4, asdecimal=False), nullable=True),
        sa.Column('service_by_costs', sa.Boolean(), nullable=True),
        sa.Column('policy', sa.String(length=20), nullable=True),
        sa.Column('ordering_cost', sa.Numeric(precision=16, scale=4, asdecimal=False), nullable=True),
        sa.Column('holding_rate', sa.Numeric(precision=16, scale=4, asdecimal=False), nullable=True),
        sa.Column('salvage_rate', sa.Numeric(precision=16, scale=4, asdecimal=False), nullable=True),
        sa.Column('min_order_quantity', sa.Numeric(precision=16, scale=4, asdecimal=False), nullable=True),
        sa.Column('pack_size', sa.Numeric(precision=16, scale=4, asdecimal=False), nullable=True),
        sa.Column('shelf_life_days', sa.Integer(), nullable=True),
        sa.Column('max_stock', sa.Numeric(precision=16, scale=4, asdecimal=False), nullable=True),
        sa.Column('updated_by', sa.BigInteger(), nullable=True),
        sa.Column('updated_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
        sa.CheckConstraint("policy IN ('auto', 'periodic', 'min_max', 'fixed_quantity', 'newsvendor')", name=op.f('ck_replenishment_parameters_policy')),
        sa.CheckConstraint('num_nonnulls(product_id, category) <= 1', name=op.f('ck_replenishment_parameters_one_scope')),
        sa.CheckConstraint('pack_size > 0', name=op.f('ck_replenishment_parameters_pack_size')),
        sa.CheckConstraint('service_level BETWEEN 0.5 AND 0.9999', name=op.f('ck_replenishment_parameters_service_level')),
        sa.ForeignKeyConstraint(['product_id'], ['products.id'], name=op.f('fk_replenishment_parameters_product_id'), ondelete='CASCADE'),
        sa.ForeignKeyConstraint(['supplier_id'], ['suppliers.id'], name=op.f('fk_replenishment_parameters_supplier_id'), ondelete='SET NULL'),
        sa.ForeignKeyConstraint(['updated_by'], ['users.id'], name=op.f('fk_replenishment_parameters_updated_by'), ondelete='SET NULL'),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_replenishment_parameters')),
        sa.UniqueConstraint('product_id', 'category', name=op.f('uq_replenishment_parameters_product_id_category'), postgresql_nulls_not_distinct=True)
    )
    op.create_index(op.f('ix_replenishment_parameters_supplier_id'), 'replenishment_parameters', ['supplier_id'], unique=False)
    op.create_table('purchase_orders',
        sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column('supplier_id', sa.BigInteger(), nullable=True),
        sa.Column('status', sa.String(length=20), server_default='draft', nullable=False),
        sa.Column('expected_date', sa.Date(), nullable=True),
        sa.Column('note', sa.String(length=1000), nullable=True),
        sa.Column('created_by', sa.BigInteger(), nullable=True),
        sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
        sa.Column('sent_at', sa.DateTime(timezone=True), nullable=True),
        sa.Column('received_at', sa.DateTime(timezone=True), nullable=True),
        sa.Column('cancelled_at', sa.DateTime(timezone=True), nullable=True),
        sa.Column('updated_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
        sa.CheckConstraint("status = 'draft' OR status = 'cancelled' OR sent_at IS NOT NULL", name=op.f('ck_purchase_orders_sent')),
        sa.CheckConstraint("status IN ('draft', 'sent', 'partly_received', 'received', 'cancelled')", name=op.f('ck_purchase_orders_status')),
        sa.ForeignKeyConstraint(['created_by'], ['users.id'], name=op.f('fk_purchase_orders_created_by'), ondelete='SET NULL'),
        sa.ForeignKeyConstraint(['supplier_id'], ['suppliers.id'], name=op.f('fk_purchase_orders_supplier_id')),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_purchase_orders'))
    )
    op.create_index('ix_purchase_orders_created_at_id', 'purchase_orders', ['created_at', 'id'], unique=False)
    op.create_index('ix_purchase_orders_open', 'purchase_orders', ['status'], unique=False, postgresql_where=sa.text("status IN ('draft', 'sent', 'partly_received')"))
    op.create_index(op.f('ix_purchase_orders_supplier_id'), 'purchase_orders', ['supplier_id'], unique=False)
    op.create_table('purchase_order_lines',
        sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column('order_id', sa.BigInteger(), nullable=False),
        sa.Column('product_id', sa.BigInteger(), nullable=False),
        sa.Column('quantity', sa.Numeric(precision=16, scale=4, asdecimal=False), nullable=False),
        sa.Column('received', sa.Numeric(precision=16, scale=4, asdecimal=False), server_default='0', nullable=False),
        sa.Column('proposed', sa.Numeric(precision=16, scale=4, asdecimal=False), nullable=True),
        sa.Column('override_reason', sa.String(length=500), nullable=True),
        sa.Column('decided_by', sa.BigInteger(), nullable=True),
        sa.Column('unit_cost', sa.Numeric(precision=16, scale=4, asdecimal=False), nullable=True),
        sa.CheckConstraint('quantity > 0 OR (quantity = 0 AND proposed IS NOT NULL)', name=op.f('ck_purchase_order_lines_quantity')),
        sa.CheckConstraint('received BETWEEN 0 AND quantity', name=op.f('ck_purchase_order_lines_received')),
        sa.ForeignKeyConstraint(['decided_by'], ['users.id'], name=op.f('fk_purchase_order_lines_decided_by'), ondelete='SET NULL'),
        sa.ForeignKeyConstraint(['order_id'], ['purchase_orders.id'], name=op.f('fk_purchase_order_lines_order_id'), ondelete='CASCADE'),
        sa.ForeignKeyConstraint(['product_id'], ['products.id'], name=op.f('fk_purchase_order_lines_product_id')),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_purchase_order_lines')),
        sa.UniqueConstraint('order_id', 'product_id', name=op.f('uq_purchase_order_lines_order_id_product_id'))
    )
    op.create_index(op.f('ix_purchase_order_lines_product_id'), 'purchase_order_lines', ['product_id'], unique=False)
    op.create_table('purchase_receipts',
        sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column('line_id', sa.BigInteger(), nullable=False),
        sa.Column('quantity', sa.Numeric(precision=16, scale=4, asdecimal=False), nullable=False),
        sa.Column('received_by', sa.BigInteger(), nullable=True),
        sa.Column('received_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
        sa.CheckConstraint('quantity > 0', name=op.f('ck_purchase_receipts_quantity')),
        sa.ForeignKeyConstraint(['line_id'], ['purchase_order_lines.id'], name=op.f('fk_purchase_receipts_line_id'), ondelete='CASCADE'),
        sa.ForeignKeyConstraint(['received_by'], ['users.id'], name=op.f('fk_purchase_receipts_received_by'), ondelete='SET NULL'),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_purchase_receipts'))
    )
    op.create_index(op.f('ix_purchase_receipts_line_id'), 'purchase_receipts', ['line_id'], unique=False)
    _allow_kinds(f'{KINDS}, {NEW_KINDS}')


def downgrade() -> None:
    op.execute(f'DELETE FROM imports WHERE kind IN ({NEW_KINDS})')
    _allow_kinds(KINDS)
    op.drop_table('purchase_receipts')
    op.drop_table('purchase_order_lines')
    op.drop_table('purchase_orders')
    op.drop_table('replenishment_parameters')
    op.drop_table('suppliers')


def _allow_kinds(kinds: str) -> None:
    op.drop_constraint(op.f('ck_imports_kind'), 'imports', type_='check')
    op.create_check_constraint(op.f('ck_imports_kind'), 'imports', f'kind IN ({kinds})')
