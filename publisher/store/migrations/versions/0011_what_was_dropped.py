"""Whether an issue's posts were dropped: it was known by why it is cancelled, and forgotten when it was sent once more."""

import sqlalchemy as sa
from alembic import op

revision = '0011'
down_revision = '0010'
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table('issue', schema=None) as batch_op:
        batch_op.add_column(sa.Column('dropped', sa.Boolean(), nullable=False, server_default=sa.false()))
    # Those that forgot it have readers yet who were skipped for it
    op.execute("""
        update issue set dropped = true
        where reason = 'cancelled by hand, its posts dropped'
        or id in (select issue_id from delivery where reason = 'dropped')
    """)
