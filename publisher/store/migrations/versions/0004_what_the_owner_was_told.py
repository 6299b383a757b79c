"""Mails to one person, and what the owner was told."""

import sqlalchemy as sa
from alembic import op
import publisher.store.types

revision = '0004'
down_revision = '0003'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('told',
    sa.Column('key', sa.Text(), nullable=False),
    sa.Column('digest', sa.String(length=64), nullable=False),
    sa.Column('at', publisher.store.types.Instant(timezone=True), nullable=False),
    sa.Column('issue_id', publisher.store.types.Key, nullable=True),
    sa.PrimaryKeyConstraint('key', name=op.f('pk_told'))
    )
    op.create_table('outage',
    sa.Column('what', sa.String(length=32), nullable=False),
    sa.Column('since', publisher.store.types.Instant(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('what', name=op.f('pk_outage'))
    )
    op.add_column('issue', sa.Column('about', publisher.store.types.Key, nullable=True))
    op.add_column('issue', sa.Column('released_at', publisher.store.types.Instant(timezone=True), nullable=True))
