"""The tags that many blogs share, by what is to be done with them. Names are made alike by `plain_name`."""

from enum import Enum, auto


class Way(Enum):
    """What becomes of a tag."""

    RAW = auto()  # its text as it is written
    DROP = auto()  # with all that it holds: for the author, for the browser, for a robot
    SILENT = auto()  # alone, it shows nothing that a feed could: a table of contents, an icon
    CODE = auto()  # a block of code
    MATH = auto()  # a formula
    INNER = auto()  # what it holds; around it was only layout
    BOX = auto()  # a quote under a title: notes, warnings, what a click would open
    QUOTE = auto()  # a quote, and who said it
    LINK = auto()  # words that lead somewhere
    WORDS = auto()  # words in a line of text
    POST = auto()  # the address of another post
    FILE = auto()  # the address of a file
    POST_LINK = auto()  # a link to another post
    FILE_LINK = auto()
    VALUE = auto()  # a name for some words
    CHOICE = auto()  # one of several parts
    LOOP = auto()  # made of data that is not there
    FRONT = auto()  # a value of the front matter
    TEASER = auto()  # what stands above is the excerpt


def _all(way: Way, names: str) -> dict[str, Way]:
    return dict.fromkeys(names.split(), way)


WAYS = {
    **_all(Way.RAW, "raw verbatim rawhtml raw_html safe"),
    **_all(Way.DROP, "comment rem todo script style stylesheet javascript js css schema"),
    **_all(
        Way.SILENT,
        "toc tableofcontents table_of_contents ads ad adsense adsbygoogle icon icons fa fas fab far fontawesome "
        "iconify clear clearfix clearboth spacer vspace hspace pagebreak newpage nbsp social share sharebuttons "
        "share_buttons disqus comments google_analytics analytics seo feed_meta debug break continue increment "
        "decrement cycle layout extends block import from last_updated recent_posts related_posts",
    ),
    **_all(Way.CODE, "highlight codeblock code sourcecode syntaxhighlight prism terminal console cmd command output"),
    **_all(
        Way.CODE, "mermaid plantuml uml graphviz dot diagram sequence flowchart d2 ditaa echarts vega wavedrom goat"
    ),
    **_all(Way.MATH, "math katex mathjax latex tex equation"),
    **_all(
        Way.INNER,
        "center left right align div span section columns column col cols row grid container wrapper wrap group "
        "steps step tabs tab tabitem tabpane tabbed tabgroup codetabs cards timeline lead content "
        "small large big rtl ltr bidi markdown md markdownify fragment slide full_width fullwidth wide narrow "
        "method sample panels accordion accordions card_group call filter nomarkdown",
    ),
    **_all(
        Way.BOX,
        "note notes notice alert alerts admonition callout callouts hint tip tips info information warning warn "
        "danger caution important attention error success question faq example seealso see_also remark message box "
        "aside sidenote marginnote sidebar panel infobox bubble chat details detail spoiler collapse collapsed "
        " collapsible expand expandable fold folded folding accordion_item toggle dropdown pageinfo tldr "
        "update edit definition theorem lemma proof disclaimer banner abstract bug failure",
    ),
    **_all(Way.QUOTE, "quote blockquote pullquote cq centerquote epigraph citation poem verse"),
    **_all(
        Way.LINK,
        "button btn cta link a url href anchor ahref external ext external_link extlink extern linkcard link_card "
        "linkto bookmark card link_button button_link download attachment pdf",
    ),
    **_all(
        Way.WORDS,
        "kbd key keys abbr badge label tag pill chip color colour text mark marker hl sup sub del ins u underline s "
        "strike strikethrough em strong b i bold italic ruby term glossary tooltip nobr nowrap sc cite i18n",
    ),
    **_all(Way.POST, "post_url post_path ref relref url_for_post"),
    **_all(Way.FILE, "asset_path asset get_url get_file_url resize_image static baseurl_for asset_url site_url"),
    **_all(Way.POST_LINK, "post_link reflink postlink internal_link page_link crosspost"),
    **_all(Way.FILE_LINK, "asset_link"),
    **_all(Way.VALUE, "assign set capture let"),
    **_all(Way.FRONT, "param"),
    **_all(Way.CHOICE, "if unless ifequal ifnotequal case ifversion switch"),
    **_all(Way.LOOP, "for tablerow each foreach while macro"),
    **_all(Way.TEASER, "more readmore read_more excerpt teaser_end end_teaser summary_end"),
}

_OPAQUE = frozenset({Way.RAW, Way.DROP, Way.CODE, Way.MATH})


def way_of(name: str) -> Way | None:
    """What becomes of the tag with that plain name; None for what is embedded, and for what nobody knows."""
    return WAYS.get(name) or (Way.CODE if "code" in name and "codes" not in name else None)


def is_opaque(name: str) -> bool:
    """Whether no tag within a tag of that name is one."""
    return way_of(plain_name(name)) in _OPAQUE


BRANCHES = frozenset({"else", "elsif", "elif", "elseif", "when"})

# Names that mean a tag in square brackets even without a `name="value"`.
SQUARE = frozenset({
    "highlight", "codeblock", "code", "sourcecode", "syntaxhighlight", "twitter", "tweet", "caption", "youtube",
    "vimeo", "gallery", "embed", "audio", "video", "gist", "instagram", "playlist", "soundcloud", "wpvideo", "latex",
})  # fmt: skip


def plain_name(name: str) -> str:
    """`Alert-Box`, `alert_box`, `shortcodes/alert-box.html` and `shortcodes::alert_box` are one name."""
    last = name.lower().replace("::", "/").rstrip("/").rpartition("/")[2]
    return last.partition(".")[0].replace("-", "_")
