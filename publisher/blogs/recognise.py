"""A folder -> the blog in it, whatever it was made with."""

from collections.abc import Callable, Sequence

from publisher.blogs.eleventy import read_eleventy
from publisher.blogs.hexo import read_hexo
from publisher.blogs.hugo import read_hugo
from publisher.blogs.jekyll import read_jekyll
from publisher.blogs.other import read_other
from publisher.blogs.pelican import read_pelican
from publisher.blogs.tree import Tree
from publisher.blogs.zola import read_zola
from publisher.model.blog import Blog, Generator

# The surest sign first: Hexo shares its file's name with Jekyll, Zola with Hugo.
_READERS: Sequence[Callable[[Tree], Blog | None]] = (
    read_pelican,
    read_eleventy,
    read_hexo,
    read_zola,
    read_hugo,
    read_jekyll,
)


def recognise(tree: Tree) -> Blog:
    """The blog; one of no generator that we know where nothing is recognised."""
    return next((blog for read in _READERS if (blog := read(tree)) is not None), None) or read_other(tree)


def recognise_below(tree: Tree, inside: Callable[[str], Tree]) -> tuple[str, Generator] | None:
    """A folder one level down that holds a blog, for who stands beside it."""
    for name in tree.folders(""):
        blog = next((blog for read in _READERS if (blog := read(inside(name))) is not None), None)
        if blog is not None:
            return name, blog.generator
    return None
