"""What Ghost and Substack export: for whom a text is, and where its site was."""

import pytest

from publisher.model.entry import Status
from publisher.posts.links import resolve
from tests.posts.make import html, links, parsed, post, rendered


def test_what_is_for_members_is_in_no_feed_and_no_mail_and_is_told() -> None:
    one = parsed("---\ntitle: x\n---\nFor all.\n\n<!--members-only-->\n\nFor *some*.")
    content, told = rendered(one)
    assert content.html == "<p>For all.</p>"
    assert content.excerpt == "For all."
    assert [(finding.id, finding.line) for finding in told] == [("members-only", 6)]


def test_a_mark_in_code_is_there_to_be_read() -> None:
    assert "After" in html("```\n<!--members-only-->\n```\n\nAfter `<!--members-only-->` it.")


@pytest.mark.parametrize(
    "front", ["audience: only_paid", "audience: founding", "visibility: paid", "visibility: members"]
)
def test_what_is_for_subscribers_alone_stays_out(front: str) -> None:
    assert post(front).metadata.status is Status.DRAFT
    assert post("audience: everyone").metadata.status is Status.PUBLISHED


def test_addresses_of_the_site_lead_there() -> None:
    made = html("![x](__GHOST_URL__/content/a.png) [y](__GHOST_URL__/y/) `__GHOST_URL__`")
    made = resolve(made, base_url="https://blog.example/post/", links=links(), path="a.md").html
    assert 'src="https://blog.example/content/a.png"' in made
    assert 'href="https://blog.example/y/"' in made
    assert "<code>__GHOST_URL__</code>" in made


def test_a_class_that_goes_leaves_nothing() -> None:
    assert html('<div class="row">x</div>\n\n`<div class="">`') == (
        '<div>x</div>\n<p><code>&lt;div class=""&gt;</code></p>'
    )


def test_a_template_that_nobody_filled_in_is_told_as_it_is_written() -> None:
    one = parsed("---\ntitle: x\ndate: {{date}}\n---\nText", "2020-01-01-a.md")
    assert [finding.message for finding in one.findings] == [
        "`date:` `{{date}}` is not a date; write it as 2020-12-31 or 2020-12-31 18:00:00 +0100"
    ]
