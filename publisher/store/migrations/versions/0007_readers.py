"""Readers who come, choose and leave: requests, proofs, mail that came back, and what is left of the erased."""

import sqlalchemy as sa
from alembic import op
import publisher.store.types

revision = '0007'
down_revision = '0006'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('api_token',
    sa.Column('id', publisher.store.types.Key, nullable=False),
    sa.Column('name', sa.String(length=64), nullable=False),
    sa.Column('digest', sa.String(length=64), nullable=False),
    sa.Column('scopes', sa.JSON(), nullable=False),
    sa.Column('created_at', publisher.store.types.Instant(timezone=True), nullable=False),
    sa.Column('used_at', publisher.store.types.Instant(timezone=True), nullable=True),
    sa.Column('revoked_at', publisher.store.types.Instant(timezone=True), nullable=True),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_api_token')),
    sa.UniqueConstraint('digest', name=op.f('uq_api_token_digest')),
    sa.UniqueConstraint('name', name=op.f('uq_api_token_name'))
    )
    op.create_table('asked_once',
    sa.Column('mark', sa.String(length=64), nullable=False),
    sa.Column('at', publisher.store.types.Instant(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('mark', name=op.f('pk_asked_once'))
    )
    op.create_table('mailbox_cursor',
    sa.Column('mailbox', sa.Text(), nullable=False),
    sa.Column('validity', sa.BigInteger(), nullable=False),
    sa.Column('uid', sa.BigInteger(), nullable=False),
    sa.PrimaryKeyConstraint('mailbox', name=op.f('pk_mailbox_cursor'))
    )
    op.create_table('sealed',
    sa.Column('id', publisher.store.types.Key, nullable=False),
    sa.Column('mark', sa.String(length=64), nullable=False),
    sa.Column('data', sa.Text(), nullable=False),
    sa.Column('until', publisher.store.types.Instant(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_sealed'))
    )
    with op.batch_alter_table('sealed', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_sealed_mark'), ['mark'], unique=False)

    op.create_table('wording',
    sa.Column('digest', sa.String(length=64), nullable=False),
    sa.Column('language', sa.String(length=35), nullable=False),
    sa.Column('text', sa.Text(), nullable=False),
    sa.Column('since', publisher.store.types.Instant(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('digest', name=op.f('pk_wording'))
    )
    op.create_table('incoming',
    sa.Column('id', publisher.store.types.Key, nullable=False),
    sa.Column('digest', sa.String(length=64), nullable=False),
    sa.Column('place', sa.Text(), nullable=False),
    sa.Column('at', publisher.store.types.Instant(timezone=True), nullable=False),
    sa.Column('kind', sa.String(length=16), nullable=False),
    sa.Column('subscriber_id', publisher.store.types.Key, nullable=True),
    sa.Column('issue_id', publisher.store.types.Key, nullable=True),
    sa.Column('newsletter', sa.String(length=64), nullable=True),
    sa.Column('status', sa.String(length=16), nullable=True),
    sa.Column('sender', sa.Text(), nullable=False),
    sa.Column('subject', sa.Text(), nullable=False),
    sa.Column('summary', sa.Text(), nullable=False),
    sa.Column('raw', sa.LargeBinary(), nullable=True),
    sa.Column('settled_at', publisher.store.types.Instant(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['subscriber_id'], ['subscriber.id'], name=op.f('fk_incoming_subscriber_id'), ondelete='SET NULL'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_incoming')),
    sa.UniqueConstraint('digest', name=op.f('uq_incoming_digest')),
    sqlite_autoincrement=True
    )
    with op.batch_alter_table('incoming', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_incoming_at'), ['at'], unique=False)
        batch_op.create_index(batch_op.f('ix_incoming_subscriber_id'), ['subscriber_id'], unique=False)

    op.create_table('request',
    sa.Column('id', publisher.store.types.Key, nullable=False),
    sa.Column('kind', sa.String(length=16), nullable=False),
    sa.Column('subscriber_id', publisher.store.types.Key, nullable=False),
    sa.Column('issue_id', publisher.store.types.Key, nullable=True),
    sa.Column('wishes', sa.JSON(), nullable=False),
    sa.Column('wording', sa.String(length=64), nullable=True),
    sa.Column('source', sa.Text(), nullable=False),
    sa.Column('origin', sa.String(length=64), nullable=True),
    sa.Column('at', publisher.store.types.Instant(timezone=True), nullable=False),
    sa.Column('until', publisher.store.types.Instant(timezone=True), nullable=False),
    sa.Column('used_at', publisher.store.types.Instant(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['subscriber_id'], ['subscriber.id'], name=op.f('fk_request_subscriber_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['wording'], ['wording.digest'], name=op.f('fk_request_wording')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_request')),
    sa.UniqueConstraint('issue_id', name=op.f('uq_request_issue_id')),
    sqlite_autoincrement=True
    )
    with op.batch_alter_table('request', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_request_at'), ['at'], unique=False)
        batch_op.create_index(batch_op.f('ix_request_subscriber_id'), ['subscriber_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_request_until'), ['until'], unique=False)

    op.create_table('moved',
    sa.Column('reader', publisher.store.types.Key, autoincrement=False, nullable=False),
    sa.Column('subscriber_id', publisher.store.types.Key, nullable=False),
    sa.ForeignKeyConstraint(['subscriber_id'], ['subscriber.id'], name=op.f('fk_moved_subscriber_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('reader', name=op.f('pk_moved'))
    )
    with op.batch_alter_table('moved', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_moved_subscriber_id'), ['subscriber_id'], unique=False)

    op.create_table('strike',
    sa.Column('subscriber_id', publisher.store.types.Key, nullable=False),
    sa.Column('issue_id', publisher.store.types.Key, autoincrement=False, nullable=False),
    sa.Column('at', publisher.store.types.Instant(timezone=True), nullable=False),
    sa.Column('status', sa.String(length=16), nullable=False),
    sa.ForeignKeyConstraint(['subscriber_id'], ['subscriber.id'], name=op.f('fk_strike_subscriber_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('subscriber_id', 'issue_id', name=op.f('pk_strike'))
    )
    op.create_table('undo',
    sa.Column('id', publisher.store.types.Key, nullable=False),
    sa.Column('subscriber_id', publisher.store.types.Key, nullable=False),
    sa.Column('before', sa.JSON(), nullable=False),
    sa.Column('at', publisher.store.types.Instant(timezone=True), nullable=False),
    sa.Column('until', publisher.store.types.Instant(timezone=True), nullable=False),
    sa.Column('used_at', publisher.store.types.Instant(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['subscriber_id'], ['subscriber.id'], name=op.f('fk_undo_subscriber_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_undo')),
    sqlite_autoincrement=True
    )
    with op.batch_alter_table('undo', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_undo_subscriber_id'), ['subscriber_id'], unique=False)

    op.create_table('folded',
    sa.Column('issue_id', publisher.store.types.Key, nullable=False),
    sa.Column('state', sa.String(length=16), nullable=False),
    sa.Column('reason', sa.String(length=32), nullable=False),
    sa.Column('count', sa.BigInteger(), nullable=False),
    sa.ForeignKeyConstraint(['issue_id'], ['issue.id'], name=op.f('fk_folded_issue_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('issue_id', 'state', 'reason', name=op.f('pk_folded'))
    )
    with op.batch_alter_table('consent_event', schema=None) as batch_op:
        batch_op.add_column(sa.Column('wording', sa.String(length=64), nullable=True))
        batch_op.add_column(sa.Column('source', sa.Text(), nullable=False, server_default=''))
        batch_op.add_column(sa.Column('origin', sa.String(length=64), nullable=True))
        batch_op.add_column(sa.Column('asked_at', publisher.store.types.Instant(timezone=True), nullable=True))
        batch_op.create_foreign_key(batch_op.f('fk_consent_event_wording'), 'wording', ['wording'], ['digest'])

    with op.batch_alter_table('subscription', schema=None) as batch_op:
        batch_op.add_column(sa.Column('paused_until', publisher.store.types.Instant(timezone=True), nullable=True))

    with op.batch_alter_table('issue', schema=None) as batch_op:
        batch_op.add_column(sa.Column('folded_at', publisher.store.types.Instant(timezone=True), nullable=True))

    op.create_index('ix_delivery_subscriber_id', 'delivery', ['subscriber_id'], unique=False)
