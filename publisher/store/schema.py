"""The tables. What is true of posts, readers, issues and deliveries is here and nowhere else."""

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    Float,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from publisher.store.types import Instant, Key

metadata = MetaData(
    naming_convention={  # batch mode of Alembic needs every constraint's name
        "ix": "ix_%(column_0_label)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

counter = Table(
    "counter",
    metadata,
    Column("name", String(32), primary_key=True),  # announced, collect, generation
    Column("value", BigInteger, nullable=False),
)
"""Numbers that only grow. `announced` stays locked from the draw to the commit: so a cut has no holes."""

# --- posts ---------------------------------------------------------------------------------------

entry = Table(
    "entry",
    metadata,
    Column("id", Key, primary_key=True),
    Column("iri", Text, nullable=False, unique=True),
    Column("path", Text, nullable=False, index=True),
    Column("digest", String(64), nullable=False),
    Column("body_digest", String(64), nullable=False),
    Column("metadata", JSON, nullable=False),
    Column("published", Instant, nullable=False, index=True),
    Column("revision", Integer, nullable=False, default=1),
    Column("first_seen", Instant, nullable=False),
    Column("changed_at", Instant),  # posts.updates = "content": when its text was last seen changed
    Column("removed_at", Instant),
    # baseline, waiting, held, announced, returned: whether newsletters may carry the current revision
    Column("announce", String(16), nullable=False),
    Column("announce_reason", Text, nullable=False, default=""),
    sqlite_autoincrement=True,
)

source = Table(
    "source",
    metadata,
    Column("path", Text, primary_key=True),
    Column("signature", Text, nullable=False),  # size, mtime, inode: says where to look, never what changed
    Column("kind", String(16), nullable=False),  # entry, draft, future, expired, page
    Column("due", Instant),  # when the clock alone makes it another kind
)
"""Files as they were last read, so that an unchanged one need not be read again."""

content = Table(
    "content",
    metadata,
    Column("key", String(64), primary_key=True),
    Column("html", Text, nullable=False),
    Column("excerpt", Text, nullable=False),
    Column("minutes", Integer, nullable=False),
)

built = Table(
    "built",
    metadata,
    Column("path", Text, primary_key=True),
    Column("signature", Text, nullable=False),  # of what it was made (a digest), and how it was left: size, time
    Column("edition", String(64), nullable=False),  # the same in all rows
)
"""The files of the last build, as it left them: where nothing changed, the next has nothing to do."""

feed_digest = Table(
    "feed_digest",
    metadata,
    Column("address", Text, primary_key=True),
    Column("digest", String(64), nullable=False),
)
"""What each feed document said when it was last made. Files cannot tell: their folder may be new, as in CI."""

ping = Table(
    "ping",
    metadata,
    Column("feed", Text, primary_key=True),
    Column("hub", Text, primary_key=True),
    Column("digest", String(64), nullable=False),
    Column("since", Instant, nullable=False),
    Column("due", Instant, nullable=False, index=True),  # whoever moves it has claimed the row
    Column("shown_at", Instant),
    Column("attempts", Integer, nullable=False),
    Column("answer", Text, nullable=False),
)
"""Hubs that wait to be told of a feed (WebSub); a row is gone once its hub knows."""

announcement = Table(
    "announcement",
    metadata,
    Column("no", BigInteger, primary_key=True, autoincrement=False),
    Column("entry_id", ForeignKey("entry.id"), nullable=False, index=True),
    Column("revision", Integer, nullable=False),
    Column("is_update", Boolean, nullable=False),
    Column("at", Instant, nullable=False),
)

# --- readers -------------------------------------------------------------------------------------

subscriber = Table(
    "subscriber",
    metadata,
    Column("id", Key, primary_key=True),
    Column("address", Text, nullable=False),
    Column("key", Text, nullable=False, unique=True),
    Column("name", Text, nullable=False, default=""),
    Column("language", String(35)),
    Column("created_at", Instant, nullable=False),
    sqlite_autoincrement=True,  # an id is never given twice, so no old link or ledger row finds somebody else
)

subscription = Table(
    "subscription",
    metadata,
    Column("id", Key, primary_key=True),
    Column("subscriber_id", ForeignKey("subscriber.id", ondelete="CASCADE"), nullable=False),
    Column("newsletter", String(64), nullable=False),
    Column("state", String(16), nullable=False),
    Column("frequency", String(64), nullable=False),
    Column("topics", JSON, nullable=False),
    Column("covered", BigInteger, nullable=False),
    Column("consented_at", Instant),
    Column("paused_until", Instant),  # of a pause; none: until the reader says so
    Column("note", Text, nullable=False, default=""),
    UniqueConstraint("newsletter", "subscriber_id"),
    Index("ix_subscription_subscriber_id", "subscriber_id"),
)

wording = Table(
    "wording",
    metadata,
    Column("digest", String(64), primary_key=True),
    Column("language", String(35), nullable=False),
    Column("text", Text, nullable=False),
    Column("since", Instant, nullable=False),
)
"""What sign-up pages said: a consent is to words, and words change."""

consent_event = Table(
    "consent_event",
    metadata,
    Column("id", Key, primary_key=True),
    Column("subscriber_id", ForeignKey("subscriber.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("newsletter", String(64), nullable=False),
    Column("event", String(16), nullable=False),
    Column("at", Instant, nullable=False),
    Column("note", Text, nullable=False, default=""),
    Column("wording", ForeignKey("wording.digest")),  # what the page said to which they agreed
    Column("source", Text, nullable=False, default=""),  # form, a page's address, api:NAME, import:FILE, mail, owner
    Column("origin", String(64)),  # the hash of an IP address, where that is kept at all
    Column("asked_at", Instant),  # when the form was sent; `at` is when it was confirmed
)
"""How each consent came and went: the proof."""

request = Table(
    "request",
    metadata,
    Column("id", Key, primary_key=True),
    Column("kind", String(16), nullable=False),  # subscribe, manage, address, reconfirm, changed, export
    Column("subscriber_id", ForeignKey("subscriber.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("issue_id", Key, unique=True),  # the mail whose link answers it: its token names that number
    Column("wishes", JSON, nullable=False),  # what happens when it is answered
    Column("wording", ForeignKey("wording.digest")),
    Column("source", Text, nullable=False, default=""),
    Column("origin", String(64)),
    Column("at", Instant, nullable=False, index=True),
    Column("until", Instant, nullable=False, index=True),  # the link works until then
    Column("used_at", Instant),
    sqlite_autoincrement=True,
)
"""What somebody asked for with an address, and nobody has confirmed: nothing follows from it but one mail."""

asked_once = Table(
    "asked_once",
    metadata,
    Column("mark", String(64), primary_key=True),  # a keyed hash of newsletter and address
    Column("at", Instant, nullable=False),
)
"""Who was asked whether they still want a newsletter. It outlives them, so that nobody is asked twice by any list."""

undo = Table(
    "undo",
    metadata,
    Column("id", Key, primary_key=True),
    Column("subscriber_id", ForeignKey("subscriber.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("before", JSON, nullable=False),  # the subscriptions that were changed, as they were
    Column("at", Instant, nullable=False),
    Column("until", Instant, nullable=False),
    Column("used_at", Instant),
    sqlite_autoincrement=True,
)
"""What a link in a mail took away, to be given back to whoever holds the page that said so."""

moved = Table(
    "moved",
    metadata,
    Column("reader", Key, primary_key=True, autoincrement=False),
    Column("subscriber_id", ForeignKey("subscriber.id", ondelete="CASCADE"), nullable=False, index=True),
)
"""Two readers who have become one, since one moved to the other's address: links of the one are the other's now."""

strike = Table(
    "strike",
    metadata,
    Column("subscriber_id", ForeignKey("subscriber.id", ondelete="CASCADE"), primary_key=True),
    Column("issue_id", Key, primary_key=True, autoincrement=False),
    Column("at", Instant, nullable=False),
    Column("status", String(16), nullable=False),
)
"""Soft bounces: three issues over thirty days end the mail, one that arrives wipes them out."""

incoming = Table(
    "incoming",
    metadata,
    Column("id", Key, primary_key=True),
    Column("digest", String(64), nullable=False, unique=True),  # whoever inserts it acts; read twice is once
    Column("place", Text, nullable=False),  # where it lies, or "stdin"
    Column("at", Instant, nullable=False, index=True),
    Column("kind", String(16), nullable=False),
    Column("subscriber_id", ForeignKey("subscriber.id", ondelete="SET NULL"), index=True),
    Column("issue_id", Key),
    Column("newsletter", String(64)),
    Column("status", String(16)),
    Column("sender", Text, nullable=False, default=""),
    Column("subject", Text, nullable=False, default=""),
    Column("summary", Text, nullable=False, default=""),  # what was made of it, in a sentence
    Column("raw", LargeBinary),  # what nobody else keeps, and nothing understood
    Column("settled_at", Instant),  # the owner dealt with it
    sqlite_autoincrement=True,
)
"""Mail that came to us, and what it was taken for."""

mailbox_cursor = Table(
    "mailbox_cursor",
    metadata,
    Column("mailbox", Text, primary_key=True),
    Column("validity", BigInteger, nullable=False),  # UIDVALIDITY (RFC 9051 2.3.1.1)
    Column("uid", BigInteger, nullable=False),  # all up to it were read
)
"""How far a mailbox on a server was read."""

sealed = Table(
    "sealed",
    metadata,
    Column("id", Key, primary_key=True),
    Column("mark", String(64), nullable=False, index=True),  # a keyed hash of the address
    Column("data", Text, nullable=False),  # opens with the address alone
    Column("until", Instant, nullable=False),
)
"""Proof of consent of people who were erased: nobody is found in it without asking for that very address."""

api_token = Table(
    "api_token",
    metadata,
    Column("id", Key, primary_key=True),
    Column("name", String(64), nullable=False, unique=True),
    Column("digest", String(64), nullable=False, unique=True),
    Column("scopes", JSON, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("used_at", Instant),
    Column("revoked_at", Instant),
)
"""Programs that may act for the owner, each as far as its scopes go."""

suppression = Table(
    "suppression",
    metadata,
    Column("key", Text, primary_key=True),  # Address.key; "#" and a keyed hash of it where the person was erased
    Column("reason", String(16), nullable=False),
    Column("at", Instant, nullable=False),
    Column("note", Text, nullable=False, default=""),
)

# --- issues --------------------------------------------------------------------------------------

newsletter = Table(
    "newsletter",
    metadata,
    Column("name", String(64), primary_key=True),
    Column("manual", BigInteger, nullable=False, default=0),  # the last manual/N
)
"""One row a newsletter: whoever composes holds its lock, so two composers cannot take one post."""

frequency = Table(
    "frequency",
    metadata,
    Column("newsletter", String(64), primary_key=True),
    Column("name", String(64), primary_key=True),
    Column("schedule", Text, nullable=False),  # as written, with its zone
    Column("effective_from", Instant, nullable=False),  # no period before it is ever due
)

issue = Table(
    "issue",
    metadata,
    Column("id", Key, primary_key=True),
    Column("newsletter", String(64), nullable=False),
    Column("occasion", Text, nullable=False),
    Column("kind", String(16), nullable=False),
    Column("frequencies", JSON, nullable=False),  # whose readers it is for; [] is all
    Column("repeat", Boolean, nullable=False, default=False),  # --again: also to those who have it
    Column("entry_id", ForeignKey("entry.id")),  # of a single post
    Column("state", String(16), nullable=False, index=True),
    Column("cut", BigInteger, nullable=False),
    Column("cursor", BigInteger, nullable=False, default=0),  # subscribers up to this id are planned
    Column("note_html", Text),  # the author's words at its head, rendered
    Column("note_digest", String(64)),
    Column("token_key", String(32), nullable=False),
    Column("composed_at", Instant, nullable=False),
    Column("reason", Text, nullable=False, default=""),
    Column("dropped", Boolean, nullable=False, default=False),  # its posts come with no other, whatever becomes of it
    Column("about", Key),  # of a notice: the issue that it shows
    Column("released_at", Instant),  # when it was last let go on; time runs out from there
    Column("folded_at", Instant),  # since then its deliveries become counts: who got it is not known any more
    UniqueConstraint("newsletter", "occasion"),
    sqlite_autoincrement=True,
)

told = Table(
    "told",
    metadata,
    Column("key", Text, primary_key=True),
    Column("digest", String(64), nullable=False),  # of what was said: something else is told again
    Column("at", Instant, nullable=False),
    Column("issue_id", Key),  # the notice that says it
)
"""What the owner was told, so that each thing is told once."""

outage = Table(
    "outage",
    metadata,
    Column("what", String(32), primary_key=True),
    Column("since", Instant, nullable=False),
)
"""What has not answered since when; a row is gone once it did."""

period = Table(
    "period",
    metadata,
    Column("newsletter", String(64), primary_key=True),
    Column("frequency", String(64), primary_key=True),
    Column("period", String(32), primary_key=True),
    Column("due_at", Instant, nullable=False),
    Column("state", String(16), nullable=False),  # composed, empty, skipped
    Column("issue_id", ForeignKey("issue.id")),
)
"""A due time that was dealt with: whoever inserts the row composes; firing twice is harmless."""

card = Table(
    "card",
    metadata,
    Column("id", Key, primary_key=True),
    Column("issue_id", ForeignKey("issue.id", ondelete="CASCADE"), nullable=False),
    Column("entry_id", ForeignKey("entry.id"), nullable=False, index=True),
    Column("revision", Integer, nullable=False),
    Column("no", BigInteger, nullable=False),
    Column("rendered", Text, nullable=False),  # JSON that the press reads
    UniqueConstraint("issue_id", "entry_id", "revision"),
)

variant = Table(
    "variant",
    metadata,
    Column("id", Key, primary_key=True),
    Column("issue_id", ForeignKey("issue.id", ondelete="CASCADE"), nullable=False),
    Column("key", String(64), nullable=False),  # names language and cards
    Column("first_no", BigInteger, nullable=False),  # the lowest number in it
    Column("subject", Text, nullable=False),
    Column("preheader", Text, nullable=False),
    Column("html", Text, nullable=False),
    Column("text", Text, nullable=False),
    UniqueConstraint("issue_id", "key"),
)

variant_card = Table(
    "variant_card",
    metadata,
    Column("variant_id", ForeignKey("variant.id", ondelete="CASCADE"), primary_key=True),
    Column("position", Integer, primary_key=True),
    Column("card_id", ForeignKey("card.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("section", String(16), nullable=False),
)

# --- deliveries ----------------------------------------------------------------------------------

batch = Table(
    "batch",
    metadata,
    Column("issue_id", ForeignKey("issue.id", ondelete="CASCADE"), primary_key=True),
    Column("k", Integer, primary_key=True),
    Column("epoch", Integer, nullable=False, default=0),  # fencing token: +1 at every take-over
    Column("lease_until", Float),  # by the database's clock, seconds since 1970
    Column("due", Instant, nullable=False),
    Column("done", Boolean, nullable=False, default=False),
    Column("since", Instant),  # tried since then; none: since the issue was composed. It gives up some days later
)

delivery = Table(
    "delivery",
    metadata,
    Column("issue_id", Key, primary_key=True, autoincrement=False),
    Column("subscriber_id", Key, primary_key=True, autoincrement=False),
    Column("batch", Integer, nullable=False),
    Column("variant_id", ForeignKey("variant.id"), nullable=False),
    Column("state", String(16), nullable=False),
    Column("attempts", Integer, nullable=False, default=0),
    Column("doubts", Integer, nullable=False, default=0),
    Column("epoch", Integer, nullable=False, default=0),  # of the batch when it was claimed
    Column("due", Instant, nullable=False),
    Column("tried", Instant),  # when it was first put off: how long it is tried counts from here
    Column("code", Integer),  # of the last reply
    Column("reason", String(32)),  # of skipped and failed: left, paused, suppressed, cancelled, expired
    Column("at", Instant),  # of the last change
    Column("stamp", Instant),  # Date of the last attempt
    ForeignKeyConstraint(["issue_id", "batch"], ["batch.issue_id", "batch.k"], ondelete="CASCADE"),
    ForeignKeyConstraint(["subscriber_id"], ["subscriber.id"], ondelete="CASCADE"),
    Index("ix_delivery_batch", "issue_id", "batch"),
    Index("ix_delivery_subscriber_id", "subscriber_id"),  # or erasing one person would read all of it
    # Of the few that ever were in doubt. Not of a state: PostgreSQL would write each change of it into an index.
    # There it is partial too: see the migration, and below.
    Index("ix_delivery_doubts", "issue_id", sqlite_where=text("doubts > 0")),
    # Its pages have free room on PostgreSQL: states change with every message, and HOT keeps an update within its page.
    # The migration says so (fillfactor 60); here it would load that dialect wherever a table is named.
    sqlite_with_rowid=False,
)

folded = Table(
    "folded",
    metadata,
    Column("issue_id", ForeignKey("issue.id", ondelete="CASCADE"), primary_key=True),
    Column("state", String(16), primary_key=True),
    Column("reason", String(32), primary_key=True),  # "" where there is none
    Column("count", BigInteger, nullable=False),
)
"""Deliveries that name nobody any more: of people who were erased, and of issues of long ago."""

reply = Table(
    "reply",
    metadata,
    Column("id", Key, primary_key=True),
    Column("issue_id", Key, nullable=False),
    Column("subscriber_id", Key, nullable=False),
    Column("at", Instant, nullable=False),
    Column("code", Integer, nullable=False),
    Column("enhanced", String(16)),
    Column("stage", String(16), nullable=False),
    Column("text", Text, nullable=False),
    ForeignKeyConstraint(
        ["issue_id", "subscriber_id"], ["delivery.issue_id", "delivery.subscriber_id"], ondelete="CASCADE"
    ),
    Index("ix_reply_delivery", "issue_id", "subscriber_id"),
)
"""What servers said when they did not say yes."""

rate = Table(
    "rate",
    metadata,
    Column("name", Text, primary_key=True),  # server/day, gmail.com/s, server/warmup, gmail.com/backoff, clock
    Column("state", JSON, nullable=False),  # a list of numbers, which only delivery.throttle reads
    Column("at", Instant, nullable=False),
)
"""How much of each limit on sending is used up, and which servers asked for less: a restart forgets neither."""
