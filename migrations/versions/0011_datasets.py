"""Datasets of analysts.

Revision ID: 0011
Revises: 0010
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = '0011'
down_revision = '0010'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        'datasets',
        sa.Column('id', sa.Uuid(), nullable=False),
        sa.Column('owner_id', sa.BigInteger(), nullable=True),
        sa.Column('name', sa.String(length=200), nullable=False),
        sa.Column('filename', sa.String(length=300), nullable=False),
        sa.Column('format', sa.String(length=10), nullable=False),
        sa.Column('sha256', sa.String(length=64), nullable=False),
        sa.Column('uploaded_bytes', sa.BigInteger(), nullable=False),
        sa.Column('size_bytes', sa.BigInteger(), nullable=False),
        sa.Column('status', sa.String(length=10), server_default='waiting', nullable=False),
        sa.Column('rows', sa.BigInteger(), nullable=True),
        *(sa.Column(name, postgresql.JSONB(), nullable=True) for name in ('columns', 'error', 'profile')),
        sa.Column('task_id', sa.Uuid(), nullable=True),
        sa.Column('profile_task_id', sa.Uuid(), nullable=True),
        sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
        sa.Column('finished_at', sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("status IN ('waiting', 'ready', 'failed')", name=op.f('ck_datasets_status')),
        sa.ForeignKeyConstraint(['owner_id'], ['users.id'], name=op.f('fk_datasets_owner_id'), ondelete='SET NULL'),
        sa.ForeignKeyConstraint(['task_id'], ['tasks.id'], name=op.f('fk_datasets_task_id'), ondelete='SET NULL'),
        sa.ForeignKeyConstraint(['profile_task_id'], ['tasks.id'], name=op.f('fk_datasets_profile_task_id'), ondelete='SET NULL'),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_datasets')),
    )
    op.create_index('ix_datasets_owner_id_created_at', 'datasets', ['owner_id', 'created_at'], unique=False)
    op.create_index(op.f('ix_datasets_task_id'), 'datasets', ['task_id'], unique=False)
    op.create_index(op.f('ix_datasets_profile_task_id'), 'datasets', ['profile_task_id'], unique=False)


def downgrade() -> None:
    op.drop_table('datasets')
