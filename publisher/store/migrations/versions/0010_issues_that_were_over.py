"""Issues that are over are done: one that was resumed after its last batch stayed `ready`, with nothing left to do."""

from alembic import op

revision = '0010'
down_revision = '0009'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(
        """
        update issue set state = 'done'
        where state = 'ready' and not exists (select 1 from batch where batch.issue_id = issue.id and not batch.done)
        """
    )
