"""How much of each limit on sending is used up."""

import sqlalchemy as sa
from alembic import op
import publisher.store.types

revision = '0005'
down_revision = '0004'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('rate',
    sa.Column('name', sa.Text(), nullable=False),
    sa.Column('state', sa.JSON(), nullable=False),
    sa.Column('at', publisher.store.types.Instant(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('name', name=op.f('pk_rate'))
    )
    with op.batch_alter_table('delivery', schema=None) as batch_op:
        batch_op.add_column(sa.Column('tried', publisher.store.types.Instant(timezone=True), nullable=True))
    # What was tried before this column was there: its time counts from the last change, so nobody's is cut short.
    op.execute("update delivery set tried = at where state = 'deferred'")
