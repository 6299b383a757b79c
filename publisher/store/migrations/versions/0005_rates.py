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
