"""What a subscription wants to hear of, and how it fares.

Revision ID: 0004
Revises: 0003
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = '0004'
down_revision = '0003'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column('subscriptions', sa.Column('kinds', postgresql.JSONB(astext_type=sa.Text()), server_default='[]', nullable=False))
    op.add_column('subscriptions', sa.Column('description', sa.String(length=200), nullable=True))
    op.add_column('subscriptions', sa.Column('failing_since', sa.DateTime(timezone=True), nullable=True))
    op.add_column('subscriptions', sa.Column('stopped_at', sa.DateTime(timezone=True), nullable=True))
    op.add_column('subscriptions', sa.Column('stopped_because', sa.String(length=300), nullable=True))
    op.create_index('uq_subscriptions_email', 'subscriptions', ['owner_id'], unique=True, postgresql_where=sa.text("channel = 'email'"))


def downgrade() -> None:
    op.drop_index('uq_subscriptions_email', table_name='subscriptions', postgresql_where=sa.text("channel = 'email'"))
    op.drop_column('subscriptions', 'stopped_because')
    op.drop_column('subscriptions', 'stopped_at')
    op.drop_column('subscriptions', 'failing_since')
    op.drop_column('subscriptions', 'description')
    op.drop_column('subscriptions', 'kinds')
