"""Models that pipelines fitted.

Revision ID: 0012
Revises: 0011
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = '0012'
down_revision = '0011'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        'pipeline_models',
        sa.Column('id', sa.Uuid(), nullable=False),
        sa.Column('owner_id', sa.BigInteger(), nullable=True),
        sa.Column('name', sa.String(length=200), nullable=False),
        sa.Column('version', sa.Integer(), nullable=False),
        sa.Column('digest', sa.String(length=64), nullable=False),
        sa.Column('node_id', sa.String(length=100), nullable=False),
        sa.Column('node_type', sa.String(length=100), nullable=False),
        sa.Column('task', sa.String(length=20), nullable=False),
        sa.Column('target', sa.String(), nullable=True),
        *(sa.Column(name, postgresql.JSONB(), nullable=False) for name in ('columns', 'features', 'metrics')),
        sa.Column('sha256', sa.String(length=64), nullable=False),
        sa.Column('size_bytes', sa.BigInteger(), nullable=False),
        sa.Column('task_id', sa.Uuid(), nullable=True),
        sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
        sa.ForeignKeyConstraint(['owner_id'], ['users.id'], name=op.f('fk_pipeline_models_owner_id'), ondelete='SET NULL'),
        sa.ForeignKeyConstraint(['task_id'], ['tasks.id'], name=op.f('fk_pipeline_models_task_id'), ondelete='SET NULL'),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_pipeline_models')),
    )
    op.create_index('uq_pipeline_models_owner_id_name_version', 'pipeline_models', ['owner_id', 'name', 'version'], unique=True)
    op.create_index(op.f('ix_pipeline_models_task_id'), 'pipeline_models', ['task_id'], unique=False)


def downgrade() -> None:
    op.drop_table('pipeline_models')
