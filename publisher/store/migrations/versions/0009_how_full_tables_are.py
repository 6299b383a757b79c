"""SQLite is told how full the deliveries' table gets: it guessed that an issue has ten readers, and read all of them.

With that guess it found a batch among the rows of its issue, each time, and a list of a hundred thousand took its
square. The figures are of a long list, on purpose: what they lead to is right for a short one too, and plans do not
change with the list. (SQLite, "The ANALYZE command", 4.3: an application may write them.)
"""

import sqlalchemy as sa
from alembic import op

revision = '0009'
down_revision = '0008'
branch_labels = None
depends_on = None

_FULL = {  # rows; and of these as many as are alike in the first column of the index, in the first two
    'delivery': '10000000 100000 1',  # its primary key: the issue, the reader
    'ix_delivery_batch': '10000000 100000 500',
    'ix_delivery_subscriber_id': '10000000 100',
    'ix_delivery_doubts': '1000 10',
}


def upgrade() -> None:
    if op.get_bind().dialect.name != 'sqlite':
        return  # PostgreSQL counts for itself
    op.execute('analyze sqlite_schema')  # makes the table of figures, and counts nothing
    op.execute("delete from sqlite_stat1 where tbl = 'delivery'")
    op.bulk_insert(
        sa.table('sqlite_stat1', sa.column('tbl'), sa.column('idx'), sa.column('stat')),
        [{'tbl': 'delivery', 'idx': index, 'stat': figures} for index, figures in _FULL.items()],
    )
    op.execute('analyze sqlite_schema')  # they are read where a database is opened, or here
