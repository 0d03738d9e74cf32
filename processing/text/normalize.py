"""The article's text path, one ``str -> str`` function for each of its lines.

    review -> strip_html -> letters_and_digits -> split -> drop stop words -> stem

Token for token what the article's own code gives (BeautifulSoup, ``re``, NLTK); the tests run that
code beside this one on real reviews.
"""

from __future__ import annotations

from processing.text.html import strip_html
from processing.text.stemmer import Stemmer
from processing.text.stop_words import ENGLISH

__all__ = ["PREPROCESSING_VERSION", "letters_and_digits", "stem", "strip_html", "tokens"]

PREPROCESSING_VERSION = "1"
"""Names the text path. Raise it when any token of any review may change: a model is only ever
scored with the version it was trained on. `feature_sets` has the version of each recipe."""

_STEMMER = Stemmer()  # type: ignore[no-untyped-call]

# Only what survives is listed; every other byte becomes a space. Encoding with "replace" turns
# each character outside ASCII into one "?", hence into a space.
_KEPT = bytes(byte if chr(byte).isascii() and chr(byte).isalnum() else 0x20 for byte in range(256))


def letters_and_digits(text: str) -> str:
    r"""Lower-case; everything that is no ASCII letter or digit becomes a space.

    As ``re.sub("[^a-zA-Z0-9]", " ", text.lower())``, in two passes of compiled code. Lower-casing
    comes first, as in the article, which matters for two characters: the Kelvin sign becomes "k".

    >>> letters_and_digits("Don't MISS it: 10/10!")
    'don t miss it  10 10 '
    >>> letters_and_digits("Amélie \u212a")
    'am lie k'
    >>> letters_and_digits("plain words stay")
    'plain words stay'
    """
    return text.lower().encode("ascii", "replace").translate(_KEPT).decode("ascii")


def stem(word: str) -> str:
    """Porter's stem of a lower-case word, in NLTK's default mode (its extensions on).

    >>> stem("movies"), stem("terrible"), stem("dying")
    ('movi', 'terribl', 'die')
    >>> stem("sky"), stem("10")
    ('sky', '10')
    """
    return _STEMMER.stem(word)


def tokens(review: str) -> list[str]:
    """The review's stems in reading order, stop words left out.

    >>> tokens("A good<br /><br />film, and <i>moving</i>!")
    ['goodfilm', 'move']
    >>> tokens("The the of")
    []
    """
    words = letters_and_digits(strip_html(review)).split()
    return [stem(word) for word in words if word not in ENGLISH]
