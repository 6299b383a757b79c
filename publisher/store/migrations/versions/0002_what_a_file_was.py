"""What a file was when it was last read, when a text was seen changed, what the last build left."""

import sqlalchemy as sa
from alembic import op
import publisher.store.types

revision = '0002'
down_revision = '0001'
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table('entry', schema=None) as batch_op:
        batch_op.add_column(sa.Column('changed_at', publisher.store.types.Instant(timezone=True), nullable=True))

    # It only remembers what need not be read again: the next collect reads every file once.
    op.drop_table('source')
    op.create_table('source',
    sa.Column('path', sa.Text(), nullable=False),
    sa.Column('signature', sa.Text(), nullable=False),
    sa.Column('kind', sa.String(length=16), nullable=False),
    sa.Column('due', publisher.store.types.Instant(timezone=True), nullable=True),
    sa.PrimaryKeyConstraint('path', name=op.f('pk_source'))
    )

    op.create_table('built',
    sa.Column('path', sa.Text(), nullable=False),
    sa.Column('signature', sa.Text(), nullable=False),
    sa.Column('edition', sa.String(length=64), nullable=False),
    sa.PrimaryKeyConstraint('path', name=op.f('pk_built'))
    )
