"""What each feed document said, and the hubs that wait to be told that one changed."""

import sqlalchemy as sa
from alembic import op
import publisher.store.types

revision = '0003'
down_revision = '0002'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('feed_digest',
    sa.Column('address', sa.Text(), nullable=False),
    sa.Column('digest', sa.String(length=64), nullable=False),
    sa.PrimaryKeyConstraint('address', name=op.f('pk_feed_digest'))
    )
    op.create_table('ping',
    sa.Column('feed', sa.Text(), nullable=False),
    sa.Column('hub', sa.Text(), nullable=False),
    sa.Column('digest', sa.String(length=64), nullable=False),
    sa.Column('since', publisher.store.types.Instant(timezone=True), nullable=False),
    sa.Column('due', publisher.store.types.Instant(timezone=True), nullable=False),
    sa.Column('shown_at', publisher.store.types.Instant(timezone=True), nullable=True),
    sa.Column('attempts', sa.Integer(), nullable=False),
    sa.Column('answer', sa.Text(), nullable=False),
    sa.PrimaryKeyConstraint('feed', 'hub', name=op.f('pk_ping'))
    )
    with op.batch_alter_table('ping', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_ping_due'), ['due'], unique=False)
