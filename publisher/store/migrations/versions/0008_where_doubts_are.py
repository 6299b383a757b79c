"""Messages that were in doubt are found without a look at every row."""

import sqlalchemy as sa
from alembic import op

revision = '0008'
down_revision = '0007'
branch_labels = None
depends_on = None


def upgrade() -> None:
    some = sa.text('doubts > 0')
    op.create_index('ix_delivery_doubts', 'delivery', ['issue_id'], sqlite_where=some, postgresql_where=some)
