"""Since when a batch is tried: one that is sent once more has its time anew."""

import sqlalchemy as sa
from alembic import op
import publisher.store.types

revision = '0006'
down_revision = '0005'
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table('batch', schema=None) as batch_op:
        batch_op.add_column(sa.Column('since', publisher.store.types.Instant(timezone=True), nullable=True))
