"""The tables and keys of config.toml: their kinds, their defaults, and what each is for."""

from collections.abc import Mapping
from datetime import date
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, SecretStr

from publisher.config.database import DatabaseUrl
from publisher.config.kinds import (
    Clock,
    Domain,
    Duration,
    FilePath,
    FrequencyName,
    From,
    Language,
    Line,
    Link,
    MailAddress,
    Moment,
    Networks,
    Patience,
    Url,
    Wait,
    Zone,
    listed,
)
from publisher.config.limits import Day, DomainRates, Rates
from publisher.config.mailbox import MailboxUrl
from publisher.config.patterns import FeedPath, NamedPath, OutputPath
from publisher.config.schedules import Frequency
from publisher.config.themes import ThemeValues, check_inliner
from publisher.config.transport import SmtpUrl, known_provider
from publisher.model.issue import OURS

Patterns = Annotated[tuple[Line, ...], BeforeValidator(listed)]
Count = Annotated[int, Field(ge=0)]
Some = Annotated[int, Field(ge=1)]
Format = Literal["atom", "rss", "json"]


class Table(BaseModel):
    """A table of the file: nothing in it that we do not know, and nothing changes once it is read."""

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        strict=True,  # "50" is not a number, 1 is not true
        validate_default=True,
    )


def key(example: object, about: str, **more: Any) -> Any:
    """A required key; *example* is shown when it is missing or wrong."""
    return Field(description=about, examples=[example], **more)


def option(default: object, about: str, example: object = None, **more: Any) -> Any:
    """A key with a default; *example* where the default is none."""
    return Field(default, description=about, examples=[] if example is None else [example], **more)


def table() -> Any:
    """A table that may be left out. Validated even then: its paths depend on where the file is."""
    return Field({})


class Site(Table):
    """The site that feeds and newsletters speak for."""

    title: Line = key("Field Notes", "What the site is called: the title of the main feed, and in every mail.")
    url: Url = key("https://blog.example.org/", "Where people read the site. Links in posts are resolved against it.")
    language: Language = option("en", "The language of the posts (BCP 47): dates and fixed words follow it.")
    timezone: Zone = option("UTC", "The zone of dates that have none (IANA name).", "Europe/Berlin")
    description: str = option("", "One or two sentences on what the site is about; readers show it.", "What we saw.")
    author: Line | None = option(None, "Who writes, where a post names nobody.", "Ada Lovelace")
    email: MailAddress | None = option(
        None,
        "The author's address. Feeds show it only with `feeds.emails`.",
        "ada@example.org",
    )
    rights: Line | None = option(None, "The licence or copyright line of feeds and entries.", "CC BY 4.0")
    icon: Line | None = option(None, "A square picture, absolute or from the site's root.", "/icon.png")
    logo: Line | None = option(None, "A picture twice as wide as high.", "/logo.png")


class Posts(Table):
    """Where posts are, and how they are read."""

    folder: FilePath = option("posts", "The folder of Markdown files, with all folders in it.")
    include: Patterns = option(
        (),
        "Only files in one of these folders of it, or of one of these names. Empty: all of them.",
        ["blog", "news/**"],
    )
    exclude: Patterns = option((), "And none of these.", ["README.md", "drafts"])
    permalink: Line = option(
        "/:year/:month/:day/:title/", "The address of a post that names none itself; as in Jekyll."
    )
    translated: Line | None = option(
        None,
        "The address of a post in another language than the site's, in which `:permalink` is what it would be in the"
        " site's. Unset: as all others.",
        "/:lang/:permalink",
    )
    permalinks: Mapping[str, Line] = option(
        {}, "Patterns of single folders, by folder.", {"news": "/news/:year/:slug/"}
    )
    defaults: Mapping[Line, Mapping[str, Any]] = option(
        {},
        "What posts in a folder say in their front matter where they say nothing themselves, by patterns as in"
        " `posts.exclude`; `**` is all posts, and the longer pattern counts.",
        {"/wip": {"draft": True}, "/bikes": {"categories": ["bikes"]}},
    )
    generator: Literal["none", "jekyll", "hugo", "zola", "pelican", "eleventy", "hexo"] = option(
        "none", "What the blog is made with: the words of addresses, keys and dates mean another thing to each."
    )
    languages: Annotated[tuple[Language, ...], BeforeValidator(listed)] = option(
        (),
        "Languages of which a post may be a translation (`post.fr.md`). Empty: any; with `hugo` and `zola` none.",
        ["en", "fr"],
    )
    markdown: Literal["extra", "commonmark"] = option(
        "extra", "The Markdown that the posts are written in: `extra` (Jekyll, Pelican) or `commonmark` (Hugo, Zola)."
    )
    unknown_shortcodes: Literal["drop", "code"] = option(
        "drop", "What becomes of another tool's shortcodes: left out, or shown as code."
    )
    date_time: Clock = option("00:00", "The time of day, in the site's zone, of a post dated with a day only.")
    ids: Literal["tag", "permalink", "jekyll", "pelican"] = option(
        "tag",
        "How a new post's id is made: `tag` (ours), or as the blog's generator made them, so that no reader of its"
        " old feed sees a post twice: `permalink` (Hugo, Zola, Eleventy), `jekyll`, `pelican`.",
    )
    updates: Literal["author", "content"] = option(
        "author",
        "What makes an update, which newsletters repeat: `author`, only `updated:` in the post;"
        " `content`, a change of its words as well.",
    )
    settle: Wait = option(
        "2s",
        "`publisher run` looks at what was saved when nothing was saved for so long: not at half a post or a pull.",
    )
    render_timeout: Patience = option("10s", "A post that takes longer to become HTML is given up, and told.")


class Output(Table):
    """Where feeds are written."""

    folder: FilePath = option("public", "The folder that feeds are written into; other files in it are left alone.")
    url: Url | None = option(None, "Where that folder is served. Unset: `site.url`.", "https://blog.example.org/")
    compress: bool = option(default=True, about="`x.gz` and `x.br` beside each file, for web servers to hand out.")


class Feeds(Table):
    """Which feeds there are, and what is in them."""

    limit: Some = option(
        50, "At most so many entries in a feed, with archives at least half as many; 3,000 make some readers drop it."
    )
    max_bytes: Annotated[int, Field(ge=10_000)] = option(
        2_000_000, "At most so many bytes in a feed: the oldest entries leave first."
    )
    full: bool = option(default=True, about="Whole posts in the feeds; false: their summaries.")
    summaries: Patterns = option(
        (),
        "Feeds that carry summaries in any case, by key: `feed`, `category/food`, `tag/*`.",
        ["category/news", "tag/*"],
    )
    categories: bool = option(default=True, about="A feed for each category, beside the main one.")
    tags: bool = option(default=False, about="A feed for each tag.")
    authors: bool = option(default=False, about="A feed for each author.")
    languages: bool = option(default=False, about="A feed for each language.")
    archives: bool = option(
        default=True, about="Older entries on pages of their own, which readers can walk to the first post (RFC 5005)."
    )
    formats: Annotated[tuple[Format, ...], Field(strict=False, min_length=1)] = option(
        ("atom", "rss", "json"), "The formats to write."
    )
    emails: bool = option(default=False, about="Authors' addresses in the feeds, for everybody to read.")
    path: FeedPath = option("{name}.{ext}", "The file of a feed, in `output.folder`; the main feed's name is `feed`.")
    category_path: NamedPath = option("categories/{name}.{ext}", "The file of a category's feed.")
    tag_path: NamedPath = option("tags/{name}.{ext}", "The file of a tag's feed.")
    author_path: NamedPath = option("authors/{name}.{ext}", "The file of an author's feed.")
    language_path: NamedPath = option("languages/{name}.{ext}", "The file of a language's feed.")
    category_page: Line | None = option(
        None, "The page of a category on the site. Unset: its feed links to the site itself.", "/categories/{name}/"
    )
    tag_page: Line | None = option(None, "The same for tags.", "/tags/{name}/")
    author_page: Line | None = option(None, "The same for authors.", "/authors/{name}/")
    language_page: Line | None = option(None, "The same for languages.", "/{name}/")
    aliases: Mapping[OutputPath, OutputPath] = option(
        {},
        "Old addresses of feeds: the file that stands at each now. It is written there as well, and is a redirect where"
        " the server knows them.",
        {"index.xml": "feed.rss"},
    )
    ended: Annotated[tuple[OutputPath, ...], BeforeValidator(listed)] = option(
        (), "Files of feeds that are no more: `publisher serve` says so.", ["podcast.rss"]
    )
    ids: Mapping[str, Line] = option(
        {},
        "The ids of feeds that had others before, by key; `publisher feeds adopt` tells them.",
        {"feed": "https://old.example.org/feed.xml"},
    )
    tombstones: Duration = option("90d", "How long Atom feeds say of a post that was taken back that it is gone.")
    hubs: Annotated[tuple[Link, ...], BeforeValidator(listed)] = option(
        (), "WebSub hubs that are told of every change, and tell readers.", ["https://hub.example.org/"]
    )
    page: bool = option(default=True, about="`feeds.html`, a page for people that lists all feeds.")
    signup: Line | None = option(
        None, "The page where readers subscribe to newsletters; `feeds.html` links to it.", "/newsletter/"
    )
    opml: bool = option(default=True, about="`feeds.opml`, a list of all feeds that readers import.")


class Announce(Table):
    """When newsletters may carry a new post."""

    after: Wait = option("30m", "How long a new post waits before it is announced: time to see and mend a typo.")
    since: Moment | None = option(
        None,
        "The first collect announces posts from this date on; unset, it announces none. Later it says nothing.",
        date(2026, 11, 1),
    )
    check_url: bool = option(
        default=False,
        about="A post is announced only once its page is there (it answers 200): for sites that are built and uploaded"
        " by another program. By hand nothing is checked.",
    )
    max_age: Duration = option("14d", "A post dated longer ago than this when it is first seen is held for your word.")


class Guard(Table):
    """How much may change at once before it waits for your word."""

    new: Count = option(10, "More new posts at once than this are held, if they also exceed `times_busiest`.")
    updated: Count = option(10, "More updated posts at once than this are held, if they also exceed `times_busiest`.")
    times_busiest: Annotated[float, Field(ge=0)] = option(
        3.0, "So many times the number of the busiest day of the last 90 is still usual."
    )
    removed: Count = option(5, "A removal of more posts than this is held, if it is also")
    removed_share: Annotated[float, Field(ge=0, le=1)] = option(0.10, "more than this share of all posts.")


class Database(Table):
    """Where posts, readers and deliveries are remembered."""

    url: DatabaseUrl = option(
        "sqlite:///publisher.db",
        "SQLite in a file, or PostgreSQL. No password here: PUBLISHER_DATABASE_URL, or a ~/.pgpass file.",
        "postgresql+psycopg://publisher@localhost/publisher",
    )


class WarmupTable(Table):
    """The first weeks of a sender that receivers do not know yet: so many mails on the first day, more each day."""

    start: Day = key(date(2026, 12, 1), "The first day, in the zone of the site.")
    first: Some = option(200, "How many mails leave on it.")
    growth: Annotated[float, Field(ge=1, le=10)] = option(
        1.5, "How many times as many on each day that follows, whether anything was sent on it or not."
    )
    until: Some | None = option(None, "A day that would have so many ends the warm-up. Unset: it grows on.", 50_000)


class Smtp(Table):
    """How mail leaves."""

    url: SmtpUrl = option(
        "maildir:outbox",
        "`smtp://user@host:587` (STARTTLS is required, but on this machine), `smtps://user@host` (TLS from the start),"
        " or `maildir:FOLDER`, which files the messages instead. No password here.",
        "smtp://user@smtp.example.org:587",
    )
    password: SecretStr | None = Field(None, exclude=True)  # no key of the file: the loader puts it here
    password_file: FilePath | None = option(
        None,
        "A file with the password in it, closed to others (chmod 600). Or set PUBLISHER_SMTP_PASSWORD.",
        "smtp.password",
    )
    provider: Annotated[str, AfterValidator(known_provider)] = option(
        "auto",
        "Who relays: `own`, `ses`, `postmark`, `mailgun`, `brevo`, `fastmail`, `gmail`, `migadu`, or by the host.",
    )
    bounces: Literal["auto", "verp", "plain"] = option(
        "auto",
        "The envelope's sender: `verp` is news+TOKEN@example.org, so that a bounce tells whose it is, `plain` that"
        " in `from`. `auto`: `verp` where the relay leaves it alone and `mailbox.url` says where bounces come to.",
    )
    connections: Annotated[int, Field(ge=1, le=100)] = option(4, "At most so many connections at once.")
    rate: Rates | None = option(
        None,
        "How many mails leave at most: a number and `s`, `min`, `h` or `day`, or a list of such, which all hold."
        " Unset: what the relay is known to take. `[]`: as many as it takes.",
        ["14/s", "50000/day"],
    )
    limits: DomainRates = option(
        {},
        'The same for domains of recipients, each for itself and not those below it; `"*"` is each other one.',
        {"gmail.com": "20/s", "*": "5/s"},
    )
    warmup: WarmupTable | None = option(
        None,
        "A plan for the first weeks of a new sender; what a day does not take waits for the next.",
        {"start": date(2026, 12, 1), "first": 200, "growth": 1.5},
    )
    timeout: Patience = option("60s", "How long to wait for each answer; the one to a whole message gets ten minutes.")
    ca_file: FilePath | None = option(
        None, "Certificates (PEM) to trust besides the system's, for a server of your own.", "ca.pem"
    )


class Mailbox(Table):
    """Where mail to the newsletters' addresses is read: what `publisher doctor --send-test` looks for comes there."""

    url: MailboxUrl | None = option(
        None,
        "`imaps://user@host` (TLS from the start), `imap://user@host` (STARTTLS is required, but on this machine), with"
        " `/Folder` after it for another than INBOX, or `maildir:FOLDER`. No password here.",
        "imaps://news%40example.org@imap.example.org",
    )
    password: SecretStr | None = Field(None, exclude=True)  # as that of smtp
    password_file: FilePath | None = option(
        None,
        "A file with the password in it, closed to others (chmod 600). Or set PUBLISHER_MAILBOX_PASSWORD.",
        "mailbox.password",
    )
    ca_file: FilePath | None = option(None, "Certificates (PEM) to trust besides the system's.", "ca.pem")


class Webhooks(Table):
    """What relays tell of bounces and complaints over the web, at `web.url`: they post it to pages of ours."""

    ses_topic: Line | None = option(
        None,
        "Amazon SES: the ARN of the SNS topic that posts to `hooks/ses`. Its signatures are checked.",
        "arn:aws:sns:eu-central-1:123456789012:bounces",
    )
    password: SecretStr | None = Field(None, exclude=True)  # as that of smtp
    password_file: FilePath | None = option(
        None,
        "Postmark: a file with the password that it sends to `hooks/postmark` (HTTP Basic), closed to others"
        " (chmod 600). Or set PUBLISHER_WEBHOOKS_PASSWORD.",
        "webhooks.password",
    )


class Delivery(Table):
    """What happens when sending is interrupted, or put off by the server."""

    on_doubt: Literal["resend", "hold"] = option(
        "resend",
        "A message whose answer was lost in a crash: send it again (a few readers may see two), or hold it for you.",
    )
    retry_for: Duration = option("72h", "How long a message that the server puts off is tried again.")
    drain_timeout: Patience = option("60s", "How long `run` waits for open answers when told to stop.")
    lease: Patience = option("60s", "After this a silent sender is taken for dead and its work taken over.")


class Web(Table):
    """What `publisher serve` answers: the pages that readers of newsletters need, and the feeds."""

    url: Url | None = option(
        None,
        "Where `publisher serve` is reached from outside. Unset: readers come, choose and leave by mail.",
        "https://news.example.org/",
    )
    host: Line = option("127.0.0.1", "The address that `publisher serve` listens on.")
    port: Annotated[int, Field(ge=1, le=65535)] = option(8080, "Its port.")
    proxies: Networks = option(
        (),
        "Proxies before it, by address or network: only what these say is believed of where a visitor is"
        " (`X-Forwarded-For`).",
        ["127.0.0.1", "10.0.0.0/8"],
    )
    feed_max_age: Duration = option("15m", "How long readers, and caches on the way to them, may keep a feed unasked.")


class Signup(Table):
    """How people come. Open with `web.url` or `mailbox.url`, `owner.postal_address` and `owner.privacy_url`."""

    per_hour: Annotated[int, Field(ge=3, le=100_000)] = option(
        60, "At most so many mails an hour ask whether somebody wants a newsletter; what is more waits its turn."
    )
    per_visitor: Some = option(
        5, "More sign-ups an hour than this from one place are asked once more; four times as many are refused."
    )
    cool_down: Duration = option("15m", "No second such mail to one address within this; and no more than 3 a day.")
    refuse: Annotated[tuple[Domain, ...], BeforeValidator(listed)] = option(
        (), "Domains whose addresses are not taken, besides those of known throw-away mailboxes.", ["spam.example"]
    )
    keep_origin: bool = option(
        default=False, about="Keep a keyed hash of the visitor's network with each consent, as part of its proof."
    )


class Mail(Table):
    """How mails look."""

    templates: FilePath = option(
        "templates", "Your own templates: a file here is taken instead of ours of the same name."
    )
    theme: ThemeValues = option(
        {},
        "Colours (`page`, `paper`, `text`, `heading`, `muted`, `link`, `on_link`, `code`, `line`, `accent`) and"
        " typefaces (`font`, `small_font`).",
        {"link": "#7a1f3d", "font": "Verdana, sans-serif"},
    )
    dark_theme: ThemeValues = option({}, "The same colours, where the reader's screen is dark.", {"link": "#f0a8c0"})
    logo: Line | None = option(
        None,
        "A picture above everything, absolute or from the site's root; its words are the newsletter's title.",
        "/images/mail.png",
    )
    logo_width: Annotated[int, Field(ge=16, le=544)] = option(160, "How wide the logo is, in pixels.")
    width: Annotated[int, Field(ge=480, le=640)] = option(600, "How wide a mail is where there is room, in pixels.")
    inliner: Annotated[Literal["premailer", "css-inline"], AfterValidator(check_inliner)] = option(
        "premailer", "What puts the style sheet on the elements; `css-inline` is an extra to install."
    )


class Owner(Table):
    """The person who runs the site."""

    email: MailAddress | None = option(
        None, "Gets reports, what is held or in doubt, and the tests of `publisher preview`.", "ada@example.org"
    )
    postal_address: Line | None = option(
        None, "Shown at the foot of every mail; many countries' laws ask for it.", "1 Field Lane, 12345 Example"
    )
    privacy_url: Link | None = option(
        None, "Your privacy page, linked at the foot of every mail.", "https://blog.example.org/privacy/"
    )


class NewsletterTable(Table):
    """What people subscribe to. As many as you like; NAME is its name in commands."""

    title: Line = key("Field Notes Weekly", "What readers see in the subject and the sender.")
    from_: From = key("Field Notes <news@example.org>", "The sender: a name and an address.", alias="from")
    reply_to: MailAddress | None = option(None, "Where answers go. Unset: to the sender.", "ada@example.org")
    timezone: Zone | None = option(None, "The zone of its schedules. Unset: `site.timezone`.", "Europe/Berlin")
    language: Language | None = option(None, "The language of its fixed words. Unset: `site.language`.", "en")
    languages: Annotated[tuple[Language, ...], BeforeValidator(listed)] = option(
        (), "Languages of its fixed words that a reader may have instead.", ["en", "fr"]
    )
    frequencies: Annotated[Mapping[FrequencyName, Frequency], Field(min_length=1)] = key(
        {"weekly": "mondays 09:00"},
        "The choices of the reader, each with its schedule: `at once`, `07:30`, `mondays 09:00`,"
        " `mondays and thursdays 09:00`, `weekdays 08:00`, `1st 09:00`, `last day 09:00`,"
        " or a cron line, `0 9 * * mon`. The first is the default."
        f" Name them as you like, but not as issues of our own are named: {', '.join(sorted(OURS))}.",
    )
    categories: Annotated[tuple[Line, ...], BeforeValidator(listed)] = option(
        (), "Only entries in one of these categories. Empty: every entry.", ["travel"]
    )
    minimum: Some = option(1, "With fewer new entries than this, the digest waits for the next time.")
    maximum: Some = option(20, "More entries than this are listed by title only.")
    catch_up: Duration | None = option(
        None,
        "A digest missed while nothing ran is sent this late at most. Unset: half the time to the next one.",
        "36h",
    )
    approve: Literal["first", "always", "never"] = option(
        "first",
        "Whether an issue that is due waits, and you get it first: `first`, until one of the newsletter went out;"
        " `always`; `never`. `publisher issues approve` lets it go; one by hand is approved by that.",
    )
    archive: bool = option(
        default=True,
        about="A page of each issue in `output.folder`, with nothing of a reader in it; a list of them, with feeds.",
    )
    public: bool = option(default=True, about="Anybody may ask for it; false: only you add its readers.")
    welcome: bool = option(default=False, about="A mail to readers who have just confirmed.")
    welcome_latest: Literal["titles", "issue", "nothing"] = option(
        "titles",
        "What that mail has to read: `titles` of the latest posts; the last `issue`, as far as it is of the reader's"
        " topics; or `nothing`.",
    )
    notes: FilePath = option(
        "notes", "The folder whose `next.md` heads the next digest, once; it is renamed to the digest's name then."
    )


class Retention(Table):
    """How long data about readers is kept; once a day what is older goes."""

    deliveries: Duration = option("365d", "Who got which issue; after that it is a count, and names nobody.")
    consent_proof: Duration = option(
        "1095d", "The proof of consent of somebody who was erased, sealed: it opens with their address alone."
    )
    unconfirmed: Duration = option("30d", "Sign-ups that nobody confirmed, and people of whom nothing else is left.")
    received: Duration = option("90d", "What bounces and answers said, from whom, and mail that was not understood.")


class Secrets(Table):
    """What must not get into anybody's hands."""

    file: FilePath = option(
        "publisher.secret",
        "The key behind the links in mails. Made at first use. Keep it, and keep it out of Git.",
    )
