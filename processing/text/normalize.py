"""The text path: words of a review, and terms of words.

    review -> strip_html -> letters_and_digits -> split -> stem, unless it is a stop word

With `stem_unless_stop_word`, the tokens are those of the article's own code (BeautifulSoup, ``re``,
NLTK); the tests run that code beside this one on real reviews.
"""

from __future__ import annotations

from collections.abc import Callable
from unicodedata import category

from processing.text.html import strip_html
from processing.text.stemmer import Stemmer
from processing.text.stop_words import ENGLISH

TermFunction = Callable[[str], str | None]
"""A function of a word: the term that it is counted as, or None if it isn't counted."""

_STEMMER = Stemmer()

# Maps every byte but ASCII letters and digits to a space. Encoding with "replace" turns each
# character outside ASCII into one "?", hence into a space.
_KEPT = bytes(byte if chr(byte).isascii() and chr(byte).isalnum() else 0x20 for byte in range(256))


def letters_and_digits(text: str) -> str:
    r"""Lower-case a text and replace everything but ASCII letters and digits by spaces.

    The same as ``re.sub("[^a-zA-Z0-9]", " ", text.lower())``, in two passes of compiled code.
    Lower-casing comes first, as in the article, which matters for two characters: the Kelvin sign
    becomes "k".

    >>> letters_and_digits("Don't MISS it: 10/10!")
    'don t miss it  10 10 '
    >>> letters_and_digits("Amélie \u212a")
    'am lie k'
    >>> letters_and_digits("plain words stay")
    'plain words stay'
    """
    return text.lower().encode("ascii", "replace").translate(_KEPT).decode("ascii")


def normalize(review: str) -> str:
    """Return the words of a review, separated by one or more spaces.

    >>> normalize("A good<br />film: <i>10</i>/10!")
    'a goodfilm  10 10 '
    """
    return letters_and_digits(strip_html(review))


def split_words(review: str) -> list[str]:
    """Return the words of a review, in reading order.

    >>> split_words("A good<br />film: <i>10</i>/10!")
    ['a', 'goodfilm', '10', '10']
    """
    return normalize(review).split()


def words_outside_ascii(review: str) -> list[str]:
    """Return the words, and symbols such as emoji, without any ASCII letter or digit.

    They aren't among the words of the review.

    >>> words_outside_ascii("Très <b>好</b> film — 😀!")
    ['好', '😀!']
    """
    return [
        word
        for word in strip_html(review).split()
        if not letters_and_digits(word).strip() and any(map(_is_outside_ascii, word))
    ]


def _is_outside_ascii(character: str) -> bool:
    """Return whether it is a letter, number or symbol, and not ASCII."""
    return not character.isascii() and category(character)[0] in "LNS"


def stem(word: str) -> str:
    """Return the Porter stem of a lower-case word, in NLTK's default mode (with its extensions).

    >>> stem("movies"), stem("terrible"), stem("dying")
    ('movi', 'terribl', 'die')
    >>> stem("sky"), stem("10")
    ('sky', '10')
    """
    return _STEMMER.stem(word)


def stem_unless_stop_word(word: str) -> str | None:
    """Return the stem of a word, or None for a stop word: the article's terms.

    >>> stem_unless_stop_word("movies"), stem_unless_stop_word("the")
    ('movi', None)
    """
    return None if word in ENGLISH else stem(word)


def unchanged(word: str) -> str | None:
    """Return the word itself: every word counts, as it is.

    >>> unchanged("movies"), unchanged("the")
    ('movies', 'the')
    """
    return word


def tokens(review: str, term: TermFunction = stem_unless_stop_word) -> list[str]:
    """Return the terms of a review's words, in reading order, without words that have none.

    >>> tokens("A good<br /><br />film, and <i>moving</i>!")
    ['goodfilm', 'move']
    >>> tokens("The the of")
    []
    >>> tokens("The the of", unchanged)
    ['the', 'the', 'of']
    """
    terms = map(term, split_words(review))
    return [token for token in terms if token is not None]
