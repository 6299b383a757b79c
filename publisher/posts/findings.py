"""A finding's id -> how much it matters, what it means, what mends it; docs/FINDINGS.md says the same in a page."""

from collections.abc import Mapping
from dataclasses import dataclass

from publisher.errors import PostError
from publisher.model.finding import Finding, Severity


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a finding says to the owner."""

    severity: Severity
    meaning: str
    mend: str


_E, _W, _N = Severity.ERROR, Severity.WARNING, Severity.NOTE

FINDINGS: Mapping[str, Meaning] = {
    # the file
    "empty": Meaning(_E, "The file has no text.", "Write the post, or delete the file."),
    "too-large": Meaning(_E, "The file is larger than a post may be.", "Split it, or move it out of the folder."),
    "nul-bytes": Meaning(
        _W, "The file has NUL bytes, as after a broken copy; they were left out.", "Save the file again in an editor."
    ),
    "encoding": Meaning(
        _W, "Bytes that are not UTF-8 were read as Windows-1252, or the file as UTF-16.", "Save the file as UTF-8."
    ),
    "mojibake": Meaning(
        _W,
        "The text was once read in a wrong encoding and saved so (‚Äî instead of —).",
        "Run `publisher check --fix-encoding FILE`; it keeps a backup.",
    ),
    "control-characters": Meaning(
        _W, "Characters that no XML document may hold were left out.", "Delete them in an editor that shows them."
    ),
    "doubtful-characters": Meaning(
        _N, "Replacement or C1 control characters: letters were lost earlier.", "Look at the line and mend the word."
    ),
    "unreadable": Meaning(_E, "The file cannot be read.", "Look at its permissions."),
    "changed-meanwhile": Meaning(_E, "The file changed while it was being read.", "Run the command again."),
    "part-of-a-post": Meaning(
        _N,
        "A file beside or below a post's `index.md`, which Hugo and Zola take for a part of that post; not read.",
        "Nothing, if that is what you mean; else move it out of that folder.",
    ),
    "ending-unknown": Meaning(
        _W,
        "A file that looks like a post, with an ending that is not read here.",
        "Write it in Markdown or HTML, and give it such an ending.",
    ),
    # the front matter
    "frontmatter-missing": Meaning(
        _W, "The file has no front matter, or what looks like it is none.", "Put it between two lines `---`."
    ),
    "frontmatter-unclosed": Meaning(
        _E, "The front matter is opened and never closed.", "Add a line with `---` (TOML: `+++`) after its last key."
    ),
    "frontmatter-broken": Meaning(
        _E, "The front matter cannot be read as YAML, TOML or JSON.", "Mend the line that is named."
    ),
    "frontmatter-too-large": Meaning(
        _E, "The front matter is larger or deeper than any that is needed.", "Move data into the text."
    ),
    "frontmatter-not-yaml": Meaning(
        _W, "The front matter is not valid YAML; it was read line by line.", "Put values with `: ` into quotes."
    ),
    "frontmatter-duplicate-key": Meaning(_W, "A key stands twice; the last one counts.", "Delete one of them."),
    # title, dates, addresses
    "no-title": Meaning(
        _N, "The post has no title; its first heading or first words stand in.", "Add `title:` to the front matter."
    ),
    "not-a-post": Meaning(
        _N,
        "The file has no front matter and no date: a page, such as a README. Or its generator makes no post of it: "
        "Jekyll of what has no date in its name, or begins with `_`.",
        "Nothing, unless it is a post; then give it front matter, or the name that its generator wants.",
    ),
    "no-date": Meaning(_E, "The post has no date anywhere.", "Add `date: 2020-12-31` to the front matter."),
    "date-impossible": Meaning(
        _W, "A date that does not exist or cannot be read.", "Write it as 2020-12-31 or 2020-12-31 18:00:00 +0100."
    ),
    "date-ambiguous": Meaning(
        _W, "A date such as 03/04/2020 was read with the month first.", "Write it as 2020-03-04."
    ),
    "date-rough": Meaning(
        _N, "A date without a day, or without a month, was read as the first.", "Write it as 2020-03-04."
    ),
    "protected": Meaning(
        _W,
        "The post has a password, so it is kept out of feeds and mails.",
        "Take the password out, if everybody may read it.",
    ),
    "url-unusable": Meaning(
        _W, "An address in the front matter cannot be used and was left out.", "Write a full http(s) address or a path."
    ),
    "permalink-unknown": Meaning(
        _W, "A permalink has a placeholder that is not known; it was left out.", "See docs/POSTS.md for the list."
    ),
    "language-unknown": Meaning(
        _N, "A language code that no reader understands was left out.", "Write a BCP 47 code such as `de` or `pt-BR`."
    ),
    "value-unusable": Meaning(
        _W, "A value of the front matter has a form that means nothing here.", "See docs/POSTS.md."
    ),
    # the text
    "shortcode-unknown": Meaning(
        _W,
        "A tag of another generator that is not known here; never shown raw.",
        "Replace it by Markdown, or set `posts.unknown_shortcodes`.",
    ),
    "link-unresolved": Meaning(
        _W, "A link to a post or file that is not there; its text was kept.", "Mend the link's target."
    ),
    "link-broken": Meaning(
        _W, "An address that no browser would open was left out; its text was kept.", "Mend the address."
    ),
    "image-elsewhere": Meaning(
        _N,
        "A picture or sound comes from another host, which sees who opens the mail, and may take it away.",
        "Put it on your own site.",
    ),
    "image-embedded": Meaning(
        _W, "A picture written into the text itself (data:) was left out.", "Save the picture as a file and link it."
    ),
    "too-complex": Meaning(
        _W, "The text is nested too deeply; it was shown as plain text or flattened.", "Simplify lists and quotes."
    ),
    "members-only": Meaning(
        _N,
        "The text below `<!--members-only-->` is for some readers alone; it is in no feed and no mail.",
        "Take the mark out, if everybody may read all of it.",
    ),
    "given-up": Meaning(
        _E,
        "Rendering the text took longer than `posts.render_timeout`, or too much memory; the post is left out.",
        "Look for long runs of one sign and very deep lists.",
    ),
    "not-rendered": Meaning(
        _E,
        "Rendering the text failed by a fault of publisher; the post is left out.",
        "Please report it with the post; until then, change what is odd in it.",
    ),
    # two posts
    "duplicate-url": Meaning(_E, "Two posts have the same address; one is left out.", "Give one another slug or date."),
    "duplicate-id": Meaning(_E, "Two posts have the same id; one is left out.", "Delete `id:` from the copy."),
    # the feeds, as they were built
    "feed-missing": Meaning(_E, "A file that the last build wrote is gone.", "Run `publisher build`."),
    "feed-malformed": Meaning(
        _E,
        "A feed that is no XML or JSON as every reader can read it.",
        "Run `publisher build`; if it stays, it is our fault: please report it with the file.",
    ),
    "feed-grammar": Meaning(
        _E,
        "A feed breaks its specification: RFC 4287, RSS 2.0, JSON Feed 1.1 or OPML 2.0.",
        "Mend what the message names; where it is nothing of yours, please report it with the file.",
    ),
    "feed-id": Meaning(
        _E,
        "An entry has no id, or two, or shares its own; readers show it twice, or never.",
        "Give the post an `id:` of its own, then run `publisher build`.",
    ),
    "feed-date": Meaning(
        _E,
        "A date that readers cannot read, or that contradicts another.",
        "Mend the date in the post, then run `publisher build`.",
    ),
    "feed-address": Meaning(
        _E,
        "An address in a feed that is not absolute or not valid, or a feed that is served elsewhere than it says.",
        "Mend the post or the setting that is named, then run `publisher build`.",
    ),
    "feed-content": Meaning(
        _E,
        "The HTML of an entry does harm, or has addresses that lead nowhere in a reader.",
        "Mend the post, then run `publisher build`.",
    ),
    "feed-archive": Meaning(
        _E,
        "The pages of a feed's archive do not lead to each other, or a deleted entry is not gone (RFC 5005, RFC 6721).",
        "Run `publisher build`; if it stays, please report it.",
    ),
    "feed-differs": Meaning(
        _E,
        "Two feeds contradict each other about an entry, or a list names a feed that is not there.",
        "Run `publisher build`; if it stays, please report it.",
    ),
    "feed-doubtful": Meaning(
        _W,
        "Something in a feed that readers take, and not all of them well.",
        "Read the message, and docs/FEEDS.md for what its rule is for.",
    ),
    # the mails, as they would be sent
    "mail-lines": Meaning(
        _E,
        "The bytes of a message are not what every mail server takes as they are.",
        "Please report it with the message, if it is one of ours.",
    ),
    "mail-header": Meaning(
        _E,
        "A header that mail programs misread, or for which servers refuse the message.",
        "Mend the setting or the post that it comes from.",
    ),
    "mail-leaving": Meaning(
        _E,
        "A reader could not leave the newsletter, or not by one click.",
        "Set `web.url` to an https address, and keep the link in your templates.",
    ),
    "mail-mime": Meaning(
        _E,
        "The parts of a message are not such as every mail program can read.",
        "Please report it with the message, if it is one of ours.",
    ),
    "mail-characters": Meaning(
        _E, "A control character, for which Gmail cuts the mail off.", "Take it out of the post or the template."
    ),
    "mail-text": Meaning(
        _E, "The plain text is missing, or is no mail by itself.", "Mend your template of it, `mail/*.txt`."
    ),
    "mail-html": Meaning(
        _E,
        "HTML that mail programs drop, or that readers who see little cannot use.",
        "Mend your template, or the post.",
    ),
    "mail-link": Meaning(
        _E, "A link that leads nowhere from a mail, or says nothing.", "Mend the link in the post or the template."
    ),
    "mail-picture": Meaning(
        _E,
        "A picture that mail programs do not show, or that has no words.",
        "Mend the picture in the post or the template.",
    ),
    "mail-size": Meaning(
        _E,
        "The mail is so large that Gmail cuts its end off, or drops its styles.",
        "Shorten your template, or the post.",
    ),
    "mail-privacy": Meaning(
        _E,
        "Something tells who opened the mail, or carries the reader's address.",
        "Take it out of the post or the template.",
    ),
    "mail-signature": Meaning(
        _E,
        "A DKIM signature that does not cover what it should, or is too weak.",
        "See the settings of whatever signs your mail.",
    ),
    "mail-doubtful": Meaning(
        _W,
        "Something in a mail that most programs take, and not all of them well.",
        "Read the message, and docs/MAIL.md for what its rule is for.",
    ),
    # the settings
    "setting-wrong": Meaning(
        _E, "A setting that cannot be used; no command runs with it.", "Write what the message says."
    ),
    "kept-back": Meaning(
        _W,
        "The blog's own settings, or the page of a folder, keep posts back that are published here.",
        "Write what the message says into `[posts.defaults]`, or exclude the folder.",
    ),
    "schedule-doubtful": Meaning(
        _W, "A time of day that may come twice, or not at all, when the clocks change.", "Write 04:00 or later."
    ),
    "postal-address-missing": Meaning(
        _N, "The mails show no postal address, which many countries' laws ask for.", "Set `owner.postal_address`."
    ),
    "signup-closed": Meaning(
        _N,
        "People cannot sign up: what they agree to has to name who asks, and where it says what becomes of their data.",
        "Set `owner.postal_address` and `owner.privacy_url`.",
    ),
    "leaving-unread": Meaning(
        _W,
        "Whoever leaves by mail is read by nobody but you.",
        "Set `mailbox.url` to the mailbox of the newsletters' addresses, or `web.url`, and run `publisher serve`.",
    ),
    "sender-too-long": Meaning(
        _W,
        "A sender's address has no room for the token by which a bounce tells whose it is.",
        "Take one with 13 letters or fewer before the @, or set `smtp.bounces` to `plain`.",
    ),
    "private-in-git": Meaning(
        _E,
        "A file that nobody else may see lies in a Git work tree that does not ignore it.",
        "Add it to .gitignore; if it was committed, take it out of the history, and a secret for known.",
    ),
    "private-served": Meaning(
        _E,
        "A file that nobody else may see lies in the folder that is put on the web.",
        "Move it, or name another folder.",
    ),
    "theme-faint": Meaning(
        _W, "Colours of mails so near to each other that many cannot read the words.", "Take another for one of them."
    ),
    "untranslated": Meaning(
        _N,
        "A language whose fixed words nobody has translated; they are in English.",
        "Add a catalog: docs/TRANSLATING.md.",
    ),
    # feeds
    "alias-unknown": Meaning(
        _E, "An old address of a feed is to stand for a feed that is not there.", "Name one that is, or take it out."
    ),
    "alias-taken": Meaning(_E, "An old address of a feed is the address of another file of ours.", "Take it out."),
    "redirects-foreign": Meaning(
        _W, "The file of redirects is not ours, so it was left alone.", "Add the lines of the message to it."
    ),
    # the templates
    "template-broken": Meaning(
        _E, "A template that cannot be rendered: a typo, or a name that is not there.", "Mend the line that is named."
    ),
    "template-styles": Meaning(
        _E,
        "A template's style sheet says what mail programs drop or cannot be put on elements.",
        "Leave it out; the head of mail/base.css and of mail/client.css tell what each may say.",
    ),
    "template-unused": Meaning(
        _W, "A file among your templates that nothing uses.", "Give it the name of one of ours, or delete it."
    ),
}


def found(finding: str, path: str, message: str, line: int | None = None) -> Finding:
    """A finding of this table. Raises KeyError for an id that is not in it."""
    return Finding(id=finding, path=path, message=message, line=line, severity=FINDINGS[finding].severity)


def unreadable(finding: str, path: str, message: str, line: int | None = None) -> PostError:
    """The error for a file that cannot be a post; its finding is of this table."""
    assert finding in FINDINGS, finding
    return PostError(path, line, message, finding=finding)
