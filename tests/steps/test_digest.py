"""A digest as its readers get it: how many posts of it are whole, and how many are titles."""

from email.message import EmailMessage
from pathlib import Path

from tests.owning import MONDAY, an_owned_site


def test_above_the_maximum_of_posts_the_rest_are_titles(tmp_path: Path) -> None:
    with an_owned_site(tmp_path, settings="maximum = 1") as site:
        site.tick(MONDAY)
        (mail,) = site.caught.parsed("ann@example.net")
        assert isinstance(mail, EmailMessage)
        body = mail.get_body(("plain",))
        assert body is not None
        whole, titles = body.get_content().split("MORE POSTS")
        assert str(mail["Subject"]).endswith("and 1 more")
        assert [words for words in ("They grow", "More on") if words in whole] == ["More on"], "the newest"
        assert "Frost ferns" in titles
        assert "They grow" not in titles
