"""Learned models of the shop and their forecasts.

Revision ID: 0014
Revises: 0013
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = '0014'
down_revision = '0013'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        'learned_models',
        sa.Column('id', sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column('model_type', sa.String(length=20), nullable=False),
        sa.Column('version', sa.Integer(), nullable=False),
        sa.Column('is_active', sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column('step_days', sa.SmallInteger(), nullable=False),
        sa.Column('products', sa.Integer(), nullable=False),
        sa.Column('training_rows', sa.Integer(), nullable=False),
        sa.Column('hyperparameters', postgresql.JSONB(), nullable=False),
        sa.Column('report', postgresql.JSONB(), nullable=False),
        sa.Column('gain', sa.Float(), nullable=True),
        sa.Column('checksum', sa.String(length=64), nullable=False),
        sa.Column('size_bytes', sa.BigInteger(), nullable=False),
        sa.Column('trained_at', sa.DateTime(timezone=True), nullable=False),
        sa.Column('task_id', sa.Uuid(), nullable=True),
        sa.Column('owner_id', sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(['owner_id'], ['users.id'], name=op.f('fk_learned_models_owner_id'), ondelete='SET NULL'),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_learned_models')),
    )
    op.create_index('uq_learned_models_model_type_version', 'learned_models', ['model_type', 'version'], unique=True)
    op.create_index(
        'uq_learned_models_active', 'learned_models', ['model_type'], unique=True, postgresql_where=sa.text('is_active')
    )
    op.create_index(
        'uq_learned_models_task_id',
        'learned_models',
        ['task_id'],
        unique=True,
        postgresql_where=sa.text('task_id IS NOT NULL'),
    )
    op.create_table(
        'learned_forecasts',
        sa.Column('product_id', sa.BigInteger(), nullable=False),
        sa.Column('model_type', sa.String(length=20), nullable=False),
        sa.Column('model_id', sa.BigInteger(), nullable=False),
        sa.Column('start_date', sa.Date(), nullable=False),
        sa.Column('step_days', sa.SmallInteger(), nullable=False),
        sa.Column('origin', sa.Date(), nullable=False),
        sa.Column('mean', postgresql.ARRAY(sa.Double()), nullable=False),
        sa.Column('quantiles', postgresql.ARRAY(sa.REAL(), dimensions=2), nullable=False),
        sa.Column('totals', postgresql.ARRAY(sa.REAL(), dimensions=2), nullable=False),
        sa.Column('ceiling', sa.Double(), nullable=False),
        sa.Column('shares', postgresql.JSONB(), nullable=False),
        sa.Column('champion', sa.String(length=40), nullable=False),
        sa.Column('reason', sa.Text(), nullable=False),
        sa.Column('backtest', postgresql.JSONB(), nullable=True),
        sa.Column('components', postgresql.JSONB(), nullable=True),
        sa.Column('data_hash', sa.String(length=64), nullable=False),
        sa.Column('made_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
        sa.Column('task_id', sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(
            ['product_id'], ['products.id'], name=op.f('fk_learned_forecasts_product_id'), ondelete='CASCADE'
        ),
        sa.ForeignKeyConstraint(
            ['model_id'], ['learned_models.id'], name=op.f('fk_learned_forecasts_model_id'), ondelete='CASCADE'
        ),
        sa.PrimaryKeyConstraint('product_id', 'model_type', name=op.f('pk_learned_forecasts')),
    )
    op.create_index(op.f('ix_learned_forecasts_model_id'), 'learned_forecasts', ['model_id'], unique=False)


def downgrade() -> None:
    op.drop_table('learned_forecasts')
    op.drop_table('learned_models')
