"""K1: a blog is recognised by its own configuration, in the forms that real ones have; nothing of it is ever run."""
# ruff: noqa: E501  # configurations are shown as people write them

from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from publisher.blogs.recognise import recognise, recognise_below
from publisher.model.blog import Generator

POST = "---\ntitle: x\ndate: 2020-01-01\n---\nText."
PAGE = "---\ntitle: About\n---\nText."


class Files:
    """A tree of files in memory."""

    def __init__(self, files: Mapping[str, str]) -> None:
        self._files = files

    def text(self, path: str) -> str | None:
        return self._files.get(path.removeprefix("./"))

    def files(self, folder: str) -> Sequence[str]:
        return sorted(name for name in self._below(folder) if "/" not in name)

    def folders(self, folder: str) -> Sequence[str]:
        found = {name.partition("/")[0] for name in self._below(folder) if "/" in name}
        return sorted(name for name in found if not name.startswith("."))

    def _below(self, folder: str) -> list[str]:
        start = "" if folder in {"", "."} else f"{folder}/"
        return [path.removeprefix(start) for path in self._files if path.startswith(start)]


def settings(files: Mapping[str, str]) -> tuple[Generator, dict[str, Any]]:
    blog = recognise(Files(files))
    return blog.generator, {key: guess.value for key, guess in blog.settings.items()}


JEKYLL = {"_posts/2020-01-01-x.md": POST}
HUGO = {"content/posts/x.md": POST, "content/about.md": PAGE}
CASES = {
    "jekyll-now": (
        JEKYLL | {"_config.yml": 'name: Tom Gerke\nurl: https://gerket.github.io/\nbaseurl: ""\npermalink: /:title/\n'},
        "jekyll",
        {
            "site.title": "Tom Gerke", "site.url": "https://gerket.github.io/", "posts.permalink": "/:title/",
            "posts.folder": "_posts", "posts.markdown": "extra", "posts.ids": "jekyll",
        },
    ),
    "a Jekyll site below a folder, with its own feed": (
        JEKYLL
        | {
            "_config.yml": "title: T\nurl: 'https://a.example.dev'  # your host\nbaseurl: /blog\nauthor: {name: Ada, email: a@b.dev}\n"
            "timezone: Europe/Berlin\nlang: de_DE\nmarkdown: CommonMark\nfuture: true\n",
            "feed.xml": "<entry><id>{{ site.url }}{{ post.url }}</id></entry>",
        },
        "jekyll",
        {
            "site.url": "https://a.example.dev/blog/", "site.author": "Ada", "site.email": "a@b.dev",
            "site.timezone": "Europe/Berlin", "site.language": "de-DE", "posts.markdown": "commonmark",
            "posts.permalink": "date", "posts.ids": "permalink",
        },
    ),
    "chirpy, which sets addresses by defaults": (
        JEKYLL
        | {
            "_config.yml": "theme: jekyll-theme-chirpy\ntitle: C\nurl: https://c.dev\nsocial: {name: Cy}\ndefaults:\n"
            "  - scope: {path: '', type: posts}\n    values: {layout: post, permalink: /posts/:title/}\n"
        },
        "jekyll",
        {"posts.permalink": "/posts/:title/", "site.author": "Cy", "posts.ids": "permalink"},
    ),
    "Jekyll's defaults, of all posts and of folders": (
        {
            "_config.yml": "title: T\nurl: https://j.dev\nauthor: Site\npermalink: /site/:title/\ncollections: {posts: {permalink: /c/:title/}}\n"
            "defaults:\n  - {scope: {path: '', type: posts}, values: {permalink: /d/:title/, author: Ada}}\n"
            "  - {scope: {path: tech}, values: {permalink: /t/:title/}}\n  - {scope: {path: about}, values: {layout: page}}\n",
            "_posts/2020-01-01-x.md": POST, "tech/_posts/2020-01-01-y.md": POST,
        },
        "jekyll",
        {"posts.permalink": "/d/:title/", "posts.permalinks": {"tech": "/t/:title/"}, "site.author": "Ada"},
    ),
    "Jekyll's defaults of a folder in _posts": (
        JEKYLL | {"_config.yml": "title: T\ndefaults: [{scope: {path: _posts/sub, type: posts}, values: {permalink: /s/:title/}}]\n"},
        "jekyll",
        {"posts.folder": "_posts", "posts.permalinks": {"sub": "/s/:title/"}, "posts.permalink": "date"},
    ),
    "Jekyll's defaults that are no addresses, and what it does not read": (
        JEKYLL
        | {
            "_config.yml": "title: T\nlang: en\nexclude: [README.md, _posts/old, vendor]\ndefaults:\n"
            "  - {scope: {path: _posts/private}, values: {published: false, layout: post}}\n"
            "  - {scope: {path: '_posts/*/bikes', type: posts}, values: {categories: [bikes], permalink: /b/:title/}}\n"
            "  - {scope: {path: _posts}, values: {image: /x.png, comments: true, author: Ada}}\n"
            "  - {scope: {path: about}, values: {lang: fr}}\n  - {scope: {path: '', type: pages}, values: {lang: it}}\n",
        },
        "jekyll",
        {
            "posts.defaults": {
                "/private": {"published": False}, "/*/bikes": {"categories": ["bikes"], "permalink": "/b/:title/"},
                "**": {"image": "/x.png"},
            },
            "posts.exclude": ("/old",), "site.author": "Ada", "site.language": "en",
        },
    ),
    "Jekyll's defaults of folders, in Octopress and beside each other": (
        {
            "_config.yml": "title: T\nsource: source\ndefaults:\n  - {scope: {path: _posts/de}, values: {lang: de}}\n"
            "  - {scope: {path: ''}, values: {lang: fr}}\n",
            "source/_posts/2020-01-01-x.md": POST,
        },
        "jekyll",
        {"posts.defaults": {"/de": {"lang": "de"}, "**": {"lang": "fr"}}, "site.language": "fr"},
    ),
    "a collection's permalink goes before the site's, anchors and all": (
        JEKYLL
        | {
            "_config.yml": "title: T\npermalink: pretty\ncollections:\n  posts: {output: true, permalink: /p/:title/}\n"
            "x: &x {a: 1}\ny: {<<: *x}\nz: !ruby/object:Foo {a: b}\n",
            "CNAME": "words.dev\n",
        },
        "jekyll",
        {"posts.permalink": "/p/:title/", "site.url": "https://words.dev/"},
    ),
    "Jekyll with posts in several folders, and the address of its repository": (
        {
            "_config.yml": "title: T\nurl: ''\n", "blog/_posts/2020-01-01-x.md": POST, "news/_posts/2020-01-01-x.md": POST,
            ".git/config": '[remote "origin"]\n\turl = git@github.com:Ada/words.git\n',
        },
        "jekyll",
        {"posts.folder": ".", "posts.include": ("_posts",), "site.url": "https://ada.github.io/words/"},
    ),
    "Jekyll with a collection of its own, and no _posts": (
        {
            "_config.yml": "title: T\nurl: https://j.dev\ncollections_dir: all\ncollections: {team: {output: false}, articles: {output: true}}\n",
            "all/_articles/x.md": POST, "all/_team/ada.md": PAGE,
        },
        "jekyll",
        {"posts.folder": "all/_articles", "posts.permalink": "/articles/:path:output_ext"},
    ),
    "Jekyll with a collection that says where it is": (
        {"_config.yml": "title: T\ncollections: {notes: {permalink: /:collection/:name/}}\n", "_notes/x.md": POST},
        "jekyll",
        {"posts.folder": "_notes", "posts.permalink": "/notes/:name/"},
    ),
    "Octopress": (
        {
            "_config.yml": "url: http://oct.dev\ntitle: O\nroot: /\nsource: source\nauthor: Your Name\npermalink: /blog/:year/:title/",
            "source/_posts/2012-01-01-x.markdown": POST,
        },
        "jekyll",
        {"posts.folder": "source/_posts", "site.url": "http://oct.dev/", "posts.permalink": "/blog/:year/:title/"},
    ),
    "Hexo": (
        {
            "_config.yml": "title: H\nurl: http://h.dev/sub\nroot: /sub/\npermalink: posts/:abbrlink.html\nlanguage: [zh-CN, en]\n"
            "timezone: ''\nsource_dir: source\nnew_post_name: :title.md\n",
            "source/_posts/hello.md": POST,
        },
        "hexo",
        {
            "site.url": "http://h.dev/sub/", "posts.permalink": "/posts/:abbrlink.html", "site.language": "zh-CN",
            "posts.folder": "source/_posts", "posts.markdown": "commonmark",
        },
    ),
    "Hexo with dated names": (
        {"_config.yml": "url: http://yoursite.com\nnew_post_name: :year-:month-:day-:title.md\nsource_dir: src\n"},
        "hexo",
        {"posts.permalink": "/:year/:month/:day/:slugorundated/", "posts.folder": "src/_posts"},
    ),
    "Hexo with a folder for each month": (
        {"_config.yml": "new_post_name: :year/:month/:title.md\npermalink: p/:title/\n"},
        "hexo",
        {"posts.permalink": "/p/:stem/"},
    ),
    "Hugo in TOML, its keys in any case": (
        HUGO
        | {
            "config.toml": 'BaseURL = "https://h.dev"\nLanguageCode = "en-us"\ntitle = "H"\n[Params]\nauthor = "Ada"\n'
            '[permalinks]\n    posts = "/:year/:slug"\n'
        },
        "hugo",
        {
            "site.url": "https://h.dev/", "site.author": "Ada", "posts.folder": "content", "posts.include": ("posts",),
            "posts.permalink": "/:year/:slug/", "posts.markdown": "commonmark", "posts.ids": "permalink",
        },
    ),
    "Hugo in YAML, with pages of their own, an author for each language": (
        HUGO
        | {
            "hugo.yaml": "baseURL: https://h.dev/\ndefaultContentLanguage: cn\ntimeZone: Asia/Shanghai\nuglyURLs: true\n"
            "permalinks:\n  page:\n    posts: /:slug/\nparams:\n  author: {en: Yihui, cn: 谢益辉}\n"
        },
        "hugo",
        {"posts.permalink": "/:slug.html", "site.timezone": "Asia/Shanghai", "site.author": "谢益辉"},
    ),
    "Hugo in many files, a folder for each language": (
        {
            "config/_default/hugo.toml": 'baseURL = "https://h.dev/"\n[permalinks]\npost = "/:year/:month/:day/:slug/"\n'
            "[uglyURLs]\npost = true\n",
            "config/_default/languages.en.toml": 'contentDir = "content/en"\nlocale = "en-US"\n[params]\ntitle = "L"\n',
            "config/_default/languages.fr.toml": 'contentDir = "content/fr"\n',
            "content/en/post/x.md": POST,
            "content/fr/post/x.md": POST,
        },
        "hugo",
        {
            "posts.folder": "content/en", "posts.include": ("post",), "site.title": "L", "site.language": "en-US",
            "posts.permalink": "/:year/:month/:day/:slug.html",
        },
    ),
    "Hugo with dates in the names of files": (
        HUGO | {"hugo.toml": 'baseURL = "https://h.dev/"\n[frontmatter]\ndate = [":filename", ":default"]\n[permalinks]\nposts = "/:year/:slug/"\n'},
        "hugo",
        {"posts.permalink": "/:year/:slugorundated/"},
    ),
    "Hugo with dates in the names of files, and no pattern": (
        HUGO | {"hugo.yaml": "baseURL: https://h.dev/\nfrontmatter: {date: [date, ':fileName']}\n"},
        "hugo",
        {"posts.permalink": "/:undatedpath/"},
    ),
    "Hugo with translations beside the posts": (
        {
            "hugo.toml": 'baseURL = "https://h.dev/"\ndefaultContentLanguage = "en"\ndefaultContentLanguageInSubdir = true\n'
            "[languages.en]\n[languages.de]\n[params]\nmainSections = ['blog']\n",
            "content/blog/x.md": POST, "content/blog/x.de.md": POST, "content/posts/y.md": POST,
        },
        "hugo",
        {
            "posts.exclude": ("*.de.*",), "posts.include": ("blog",), "posts.permalink": "/en/:path/",
            "posts.languages": ("en", "de"), "posts.translated": "/:lang/:path/",
        },
    ),
    "Hugo with folders that are kept back, by their pages and by the site": (
        HUGO
        | {
            "hugo.yaml": "baseURL: https://h.dev/\ncascade:\n  - {_target: {path: /posts/old/**}, draft: true}\n"
            "  - {target: {kind: section}, draft: true}\n  - {target: {environment: development}, draft: true}\n"
            "  - {target: {path: '{/a,/b}/**'}, draft: true}\n",
            "content/posts/wip/_index.md": "---\ntitle: WIP\ncascade:\n  draft: true\n  layout: x\n  build: {list: never}\n---\n",
            "content/posts/wip/x.md": POST,
            "content/posts/de/_index.md": '+++\n[[cascade]]\nhidden = true\n[cascade.target]\nkind = "page"\n+++\n',
        },
        "hugo",
        {
            "posts.defaults": {
                "/posts/old/**": {"draft": True}, "/posts/wip": {"draft": True, "build": {"list": "never"}},
                "/posts/de": {"hidden": True},
            },
        },
    ),
    "Zola with a folder that is a draft": (
        {
            "config.toml": 'base_url = "https://z.dev"\n', "content/blog/x.md": POST,
            "content/blog/wip/_index.md": "+++\ndraft = true\n+++\n", "content/blog/_index.md": "+++\ntitle = 'x'\n+++\n",
        },
        "zola",
        {"posts.defaults": {"/blog/wip": {"draft": True}}},
    ),
    "Pelican with posts that are drafts unless they say otherwise": (
        {
            "pelicanconf.py": "SITEURL = 'https://p.dev'\nDEFAULT_METADATA = dict(status='draft')\n"
            "EXTRA_PATH_METADATA = {'extra/robots.txt': {'path': 'robots.txt'}, 'essays': {'Status': 'published', 'lang': 'fr'}}\n"
        },
        "pelican",
        {"posts.defaults": {"**": {"status": "draft"}, "/essays": {"status": "published", "lang": "fr"}}},
    ),
    "Hugo with two sections that differ": (
        {
            "hugo.toml": 'baseURL = "https://h.dev/"\n[permalinks]\nposts = "/p/:slug/"\n',
            "content/posts/x.md": POST, "content/news/y.md": POST,
        },
        "hugo",
        {"posts.include": ("news", "posts"), "posts.permalink": "/:path/", "posts.permalinks": {"posts": "/p/:slug/"}},
    ),
    "Zola": (
        {
            "config.toml": 'base_url = "https://z.dev"\ntitle = "~/z"\nauthor = "Zoe"\ndefault_language = "es"\n'
            "[languages.en]\ntitle = 'x'\n",
            "content/blog/x.md": "+++\ntitle = 'x'\ndate = 2020-01-01\n+++\nText.",
        },
        "zola",
        {
            "site.url": "https://z.dev/", "site.author": "Zoe", "site.language": "es", "posts.include": ("blog",),
            "posts.permalink": "/:sections/:slug/", "posts.exclude": ("*.en.*",), "posts.languages": ("es", "en"),
            "posts.translated": "/:lang/:permalink",
        },
    ),
    "Pelican, its address in publishconf": (
        {
            "pelicanconf.py": "import os\nAUTHOR = u'TWiR'\nSITENAME = 'P'\nSITEURL = ''\nPATH = 'content'\n"
            "ARTICLE_URL = PAGE_URL = '{slug}/'\nTIMEZONE = 'Europe/Rome'\nDEFAULT_LANG = 'it'\nARTICLE_PATHS= ['blog']\n",
            "publishconf.py": "from pelicanconf import *\nSITEURL = 'https://p.dev'\n",
            "content/blog/x.md": "Title: x\nDate: 2020-01-01\n\nText.",
        },
        "pelican",
        {
            "site.url": "https://p.dev/", "site.author": "TWiR", "posts.permalink": "{slug}/", "posts.folder": "content",
            "posts.include": ("blog",), "site.language": "it", "site.timezone": "Europe/Rome", "posts.ids": "pelican",
            "posts.translated": "{slug}-{lang}.html",
        },
    ),
    "Pelican with slugs by the names of files": (
        {"pelicanconf.py": "SITEURL = 'https://p.dev'\nSLUGIFY_SOURCE = 'basename'\nARTICLE_URL = 'p/{slug}/'\n"},
        "pelican",
        {"posts.permalink": "p/:slugorfilename/", "posts.translated": ":slugorfilename-{lang}.html"},
    ),
    "Pelican with dates and slugs in the names of files": (
        {"pelicanconf.py": "SITEURL = 'https://p.dev'\nFILENAME_METADATA = r'(?P<date>\\d{4}-\\d{2}-\\d{2})_(?P<slug>.+)(\\..*)?'\n"},
        "pelican",
        {"posts.permalink": ":slugorundated.html"},
    ),
    "Pelican that asks the environment, and runs what must not be run": (
        {
            "pelicanconf.py": "import os, sys\nos.unlink('pelicanconf.py')\nSITEURL = os.environ.get('SITEURL', 'https://p.dev')\n"
            "raise SystemExit\nSITENAME = 'A' + 'B'\nif True:\n    SITENAME = 'C'\nTIMEZONE = compute()\n"
        },
        "pelican",
        {"site.url": "https://p.dev/", "site.title": "AB", "posts.permalink": "{slug}.html"},
    ),
    "Eleventy's base blog": (
        {
            "eleventy.config.js": "module.exports = function(c) { return { pathPrefix: process.env.P || '/',\n dir: { input: \"src\" } } }",
            "src/_data/metadata.js": 'module.exports = {\n title: "E \\"blog\\"",\n // url: "https://old.dev",\n url: "https://e.dev/",\n'
            ' language: "fr",\n author: {\n name: "Eve",\n url: "https://e.dev/about/" } }',
            "src/posts/x.md": POST,
            "src/posts/posts.json": '{"layout": "post", "permalink": "/blog/{{ page.fileSlug }}/"}',
        },
        "eleventy",
        {
            "site.title": 'E "blog"', "site.url": "https://e.dev/", "site.author": "Eve", "site.language": "fr",
            "posts.folder": "src", "posts.include": ("/posts",), "posts.permalink": "/blog/{{ page.fileSlug }}/",
        },
    ),
    "Eleventy by calls, its data in JSON": (
        {
            ".eleventy.js": 'export default (c) => { c.setInputDirectory("site"); }',
            "site/_data/site.json": '{"title": "E", "url": "https://e.dev", "author": {"name": "Eve", "email": "e@e.dev"}}',
            "site/content/blog/x.md": POST,
        },
        "eleventy",
        {"posts.folder": "site", "posts.include": ("/content/blog",), "posts.permalink": "/:path/", "site.email": "e@e.dev"},
    ),
    "Astro": (
        {"astro.config.mjs": "export default { site: 'https://a.dev' }", "src/content/blog/x.md": POST},
        "none",
        {"site.url": "https://a.dev/", "posts.folder": "src/content/blog"},
    ),
    "Gatsby": (
        {
            "gatsby-config.js": "module.exports = { siteMetadata: {\n title: 'O',\n author: 'Dan',\n siteUrl: 'https://o.dev' } }",
            "content/blog/x/index.md": POST,
        },
        "none",
        {"site.url": "https://o.dev/", "site.title": "O", "site.author": "Dan", "posts.folder": "content/blog"},
    ),
    "Nikola": (
        {
            "conf.py": 'BLOG_AUTHOR = "B" # (translatable)\nBLOG_TITLE = "@Blog(\\"B\\")"\nSITE_URL = "https://n.dev/"\nDEFAULT_LANG = "fr"',
            "posts/x.md": ".. title: x\n.. date: 2020-01-01\n\nText.",
        },
        "none",
        {"site.title": '@Blog("B")', "site.url": "https://n.dev/", "site.language": "fr", "posts.folder": "posts"},
    ),
    "a vault of Obsidian, its notes in folders": (
        {".obsidian/app.json": "{}", "My note.md": PAGE, "Templates/Daily.md": POST, "journal/x.md": POST},
        "none",
        {
            "posts.folder": ".", "posts.include": None,
            "posts.exclude": ("/public", "/Templates", "Templates", "templates", "README.md"),
        },
    ),
    "posts in this very folder and below, beside what is none": (
        {"2020-01-01-x.md": "Text.", "2021/y.md": POST, "node_modules/z/y.md": POST},
        "none",
        {"posts.folder": ".", "posts.include": None, "posts.exclude": ("/public", "/node_modules", "README.md")},
    ),
    "nothing at all": ({}, "none", {"posts.folder": "posts"}),
    "a folder of posts": ({"2020-01-01-x.md": "Text."}, "none", {"posts.folder": ".", "posts.include": ("/*.md", "/*.markdown")}),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_a_blog_is_recognised(case: str) -> None:
    files, generator, expected = CASES[case]
    assert isinstance(files, dict)
    assert isinstance(expected, dict)
    made, values = settings(files)
    assert made == generator
    assert {key: values.get(key) for key in expected} == expected


@pytest.mark.parametrize(
    "placeholder",
    ["http://yoursite.com", "https://example.com/", "http://localhost:8000", "{{ env }}", "/", "", "none"],
)
def test_a_placeholder_is_no_address(placeholder: str) -> None:
    assert "site.url" not in settings(JEKYLL | {"_config.yml": f"url: '{placeholder}'\ntitle: T"})[1]


@pytest.mark.parametrize(
    "text", ["", "- a\n- b", "a: [", "\x00", "title: &a [*a]", "a: " + "[" * 5000, '{"a": ' * 5000, "title: {x: y}"]
)
@pytest.mark.parametrize(
    "name", ["_config.yml", "hugo.toml", "config.toml", "pelicanconf.py", ".eleventy.js", "config.json"]
)
def test_a_configuration_that_cannot_be_read_stops_nothing(name: str, text: str) -> None:
    assert recognise(Files({name: text, "_posts/2020-01-01-x.md": POST})).generator in Generator


def test_what_is_not_carried_over_is_told() -> None:
    remarks = recognise(
        Files({"pelicanconf.py": "PATH_METADATA = '(?P<category>.*)/.*'\nFILENAME_METADATA = '(?P<title>.*)'\n"})
    ).remarks
    assert any("PATH_METADATA" in remark for remark in remarks)
    assert any("FILENAME_METADATA" in remark for remark in remarks)


@pytest.mark.parametrize(
    ("files", "word"),
    [
        ({"pelicanconf.py": "DEFAULT_METADATA = made()\n"}, "DEFAULT_METADATA"),
        ({"pelicanconf.py": "DEFAULT_METADATA = {'category': 'x'}\n"}, "the category"),
        (
            {"hugo.yaml": "baseURL: https://h.dev/\ncascade: {target: {path: '{/a,/b}/**'}, draft: true}\n"},
            "{/a,/b}/**",
        ),
        ({"_config.yml": "defaults: [{scope: {path: '*/x'}, values: {published: false}}]\n", **JEKYLL}, "*/x"),
    ],
)
def test_what_is_said_of_folders_and_not_carried_over_is_told(files: Mapping[str, str], word: str) -> None:
    assert any(word in remark and "not carried over" in remark for remark in recognise(Files(files)).remarks)


def test_what_translations_want_beyond_that_is_told() -> None:
    config = "baseURL: https://h.dev/\ndefaultContentLanguageInSubdir: true\npermalinks: {posts: '/:slug/'}\n"
    files = {"hugo.yaml": f"{config}languages: {{en: {{}}, xx: {{}}}}\n", **HUGO, "content/news/x.md": POST}
    [remark] = [one for one in recognise(Files(files)).remarks if "left out" in one]
    assert "and set posts.translated" in remark
    assert "xx is no language that we know" in remark
    assert settings(files)[1]["posts.languages"] == ("en",)


def test_pelican_is_told_to_copy_feeds_and_to_read_none_of_them() -> None:
    conf = "SITEURL = 'https://p.dev'\nSTATIC_PATHS = ['images', 'feeds']\n"
    [remark] = [one for one in recognise(Files({"pelicanconf.py": conf})).remarks if "copies the feeds" in one]
    assert "add 'feeds' to ARTICLE_EXCLUDES, PAGE_EXCLUDES in pelicanconf.py" in remark
    conf += "ARTICLE_EXCLUDES = PAGE_EXCLUDES = ['feeds']\n"
    assert not [one for one in recognise(Files({"pelicanconf.py": conf})).remarks if "copies the feeds" in one]


def test_the_categories_of_hexo_that_are_mapped_are_told_where_addresses_have_them() -> None:
    config = "source_dir: source\ncategory_map: {编程: prog}\npermalink: "
    told = [
        any("category_map" in remark for remark in recognise(Files({"_config.yml": config + pattern})).remarks)
        for pattern in (":category/:title/", ":year/:title/")
    ]
    assert told == [True, False]


def test_an_address_below_an_example_is_a_guess_and_any_other_goes_before_it() -> None:
    config = {"_config.yml": "url: https://blog.example.org\nbaseurl: /b\ntitle: T"}
    guess = recognise(Files(JEKYLL | config)).settings["site.url"]
    assert (guess.value, guess.sure) == ("https://blog.example.org/b/", False)
    assert settings(JEKYLL | config | {"CNAME": "words.dev\n"})[1]["site.url"] == "https://words.dev/"


def test_a_blog_one_folder_down_is_pointed_at() -> None:
    files = {"site/_config.yml": "title: T", "site/_posts/2020-01-01-x.md": POST, "README.md": ""}
    assert recognise(Files(files)).generator is Generator.NONE

    def inside(name: str) -> Files:
        return Files(
            {path.removeprefix(f"{name}/"): text for path, text in files.items() if path.startswith(f"{name}/")}
        )

    assert recognise_below(Files(files), inside) == ("site", Generator.JEKYLL)
