"""Tags of Jekyll, Hugo, Zola, Pelican, Eleventy, Hexo and WordPress in a text -> Markdown that needs none of them."""

from publisher.posts.tags.expand import expand

__all__ = ["expand"]
