"""Planned promotions, and files of them.

Revision ID: 0008
Revises: 0007
"""

import sqlalchemy as sa
from alembic import op

revision = '0008'
down_revision = '0007'
branch_labels = None
depends_on = None

KINDS = "'sales', 'products', 'events', 'stock'"


def upgrade() -> None:
    op.create_table('planned_promotions',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.Column('product_id', sa.BigInteger(), nullable=True),
    sa.Column('category', sa.String(length=200), nullable=True),
    sa.Column('date_from', sa.Date(), nullable=False),
    sa.Column('date_to', sa.Date(), nullable=False),
    sa.Column('name', sa.String(length=200), server_default='Promotion', nullable=False),
    sa.Column('source', sa.String(length=10), nullable=False),
    sa.Column('created_by', sa.BigInteger(), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.CheckConstraint('num_nonnulls(product_id, category) = 1', name=op.f('ck_planned_promotions_one_target')),
    sa.CheckConstraint('date_to >= date_from', name=op.f('ck_planned_promotions_in_order')),
    sa.CheckConstraint("source IN ('api', 'import')", name=op.f('ck_planned_promotions_source')),
    sa.ForeignKeyConstraint(['created_by'], ['users.id'], name=op.f('fk_planned_promotions_created_by'), ondelete='SET NULL'),
    sa.ForeignKeyConstraint(['product_id'], ['products.id'], name=op.f('fk_planned_promotions_product_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_planned_promotions'))
    )
    op.create_index('ix_planned_promotions_date_from_id', 'planned_promotions', ['date_from', 'id'], unique=False)
    op.create_index('uq_planned_promotions_of_category', 'planned_promotions', ['category', 'date_from', 'date_to', 'name'], unique=True, postgresql_where=sa.text('category IS NOT NULL'))
    op.create_index('uq_planned_promotions_of_product', 'planned_promotions', ['product_id', 'date_from', 'date_to', 'name'], unique=True, postgresql_where=sa.text('product_id IS NOT NULL'))
    _allow_kinds(f"{KINDS}, 'promotions'")


def downgrade() -> None:
    op.execute("DELETE FROM imports WHERE kind = 'promotions'")
    _allow_kinds(KINDS)
    op.drop_table('planned_promotions')


def _allow_kinds(kinds: str) -> None:
    op.drop_constraint(op.f('ck_imports_kind'), 'imports', type_='check')
    op.create_check_constraint(op.f('ck_imports_kind'), 'imports', f'kind IN ({kinds})')
