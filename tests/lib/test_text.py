"""Text from outside is made fit to keep."""

import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from torg.lib.text import clean_html, clean_line, clean_text, slug_from

any_text = st.text(st.characters(exclude_categories=[]), max_size=80)
markup = st.lists(
    st.sampled_from(
        [
            "<b>",
            "</b>",
            "<",
            ">",
            "&",
            "&#x338;",
            "&lt;",
            "\u0338",
            "<p",
            "<table>",
            "<pre>\n",
            '"',
            "a",
            "\n",
        ]
    )
).map("".join)


@pytest.mark.parametrize(
    ("given_text", "wanted"),
    [
        ("plain words", "plain words"),
        ("  a\u00a0b\u2028c\t\r\nd \u3000e  ", "a b c d e"),
        ("zero\u200bwidth\ufeff", "zerowidth"),
        ("nul\x00 bell\x07 \x85next", "nul bell next"),
        ("Cafe\u0301", "Café"),
        ("e\u200b\u0301", "é"),
        ("family 👨\u200d👩\u200d👧 and flag 🏴\U000e0067\U000e0062\U000e007f",) * 2,
        ("lone \ud83d surrogate", "lone surrogate"),
        ("turned \u202eround", "turned round"),
        ("نمی\u200cشد",) * 2,
    ],
)
def test_a_line_is_cleaned(given_text: str, wanted: str) -> None:
    assert clean_line(given_text) == wanted


def test_text_keeps_its_lines() -> None:
    assert clean_text(" one \u00a0 two\r\n\r\n\r\n\r\nthree\u2028four\x00 \n") == "one two\n\nthree\nfour"


@pytest.mark.parametrize(
    ("given_html", "wanted"),
    [
        ("no markup\x00 at all", "no markup at all"),
        ("<p onclick='x()'>Hi<script>alert(1)</script>", "<p>Hi</p>"),
        ("a < b & c", "a &lt; b &amp; c"),
        ('<a href="javascript:x()">k</a>', '<a rel="noopener noreferrer">k</a>'),
        ("<img src=x onerror=y()>", '<img src="x">'),
        ("<ul><li>one<li>two</ul>", "<ul><li>one</li><li>two</li></ul>"),
        ("Cafe<script></script>\u0301", "Café"),
        ("&#1;&#xd800;x", "\ufffdx"),
        ("## Markdown > stays", "## Markdown &gt; stays"),
    ],
)
def test_html_is_sanitised(given_html: str, wanted: str) -> None:
    assert clean_html(given_html) == wanted


@given(any_text)
@example("\ud800\x00\u2028")
def test_cleaned_text_can_be_kept_and_stays_as_it_is(text: str) -> None:
    for clean in (clean_line, clean_text, clean_html):
        cleaned = clean(text)
        cleaned.encode("utf-8")
        assert "\x00" not in cleaned
        assert unicodedata.is_normalized("NFC", cleaned)
        assert clean(cleaned) == cleaned


@given(markup)
def test_odd_markup_settles_too(text: str) -> None:
    cleaned = clean_html(text)
    assert clean_html(cleaned) == cleaned
    assert unicodedata.is_normalized("NFC", cleaned)


@pytest.mark.parametrize(
    ("name", "slug"),
    [
        ("Blue Shirt, size 3½", "blue-shirt-size-31-2"),
        ("Straße Ñandú", "strasse-nandu"),
        ("Чехол для телефона", "chekhol-dlya-telefona"),
        ("Ελλάδα", "ellada"),
        ("🎸", "9c09c3e344"),
        ("手机壳 a", "a-57e848a7f5"),
        ("a" * 300, "a" * 40),
    ],
)
def test_a_slug_is_made_of_any_name(name: str, slug: str) -> None:
    assert slug_from(name, 40) == slug


@given(any_text, st.integers(1, 60))
def test_a_slug_is_always_usable(text: str, max_length: int) -> None:
    slug = slug_from(text, max_length)
    assert 1 <= len(slug) <= max_length
    assert set(slug) <= set("abcdefghijklmnopqrstuvwxyz0123456789-")
    assert slug_from(slug, max_length) == slug
