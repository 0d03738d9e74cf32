"""More reviews than there are: copies of the archive's, each of them changed.

In each copy of a review one word in ten gives way to another one. Most of these are drawn from the
words of the text so far, each as often as it is frequent (as in Simon's model of how texts grow),
so frequent words stay frequent. As many are made up as Heaps' law wants at this length, and a
made-up word may be drawn again like any other. It is a drawn word with one letter changed, put in
or left out: what new words in reviews are for the most part.

The same reviews and seed give the same copies.
"""

from __future__ import annotations

import random
import string
from collections.abc import Iterator, Sequence
from dataclasses import replace

from benchmarks.archive import Review
from benchmarks.scale.heaps import Heaps
from processing.text.normalize import letters_and_digits, strip_html

CHANGED_SHARE = 0.1
_POOL = 1 << 20
_MARKUP = frozenset("<>")


def words_of(text: str) -> list[str]:
    """The words of a text, as Preprocess takes them."""
    return letters_and_digits(strip_html(text)).split()


class Copier:
    """Makes changed copies of reviews; ``words`` and ``distinct`` count all words so far."""

    def __init__(self, originals: Sequence[Review], law: Heaps, seed: int = 0) -> None:
        self._originals = originals
        self._law = law
        self._chance = random.Random(seed)
        self._known: set[str] = set()
        self._lengths: list[int] = []
        self._pool: list[str] = []
        self.words = 0
        for review in originals:
            words = words_of(review.text)
            self._lengths.append(len(words))
            for word in words:
                self._add(word)
            self._known.update(words)

    @property
    def distinct(self) -> int:
        """How many distinct words there are so far."""
        return len(self._known)

    def reviews(self, count: int) -> Iterator[Review]:
        """``count`` reviews: the originals, then their copies, in rounds."""
        number = len(self._originals)
        yield from self._originals[:count]
        while number < count:
            index = number % len(self._originals)
            yield self._copy(index, number // len(self._originals))
            number += 1

    def _copy(self, index: int, copy: int) -> Review:
        review = self._originals[index]
        pieces = review.text.split(" ")
        missing = self._law.distinct(self.words + self._lengths[index]) - len(self._known)
        places = self._chance.sample(range(len(pieces)), max(1, int(len(pieces) * CHANGED_SHARE)))
        # Half a tag would change the words around it.
        changed = [place for place in places if _MARKUP.isdisjoint(pieces[place])]
        for place in changed:
            pieces[place] = self._made_up() if missing >= 1 else self._drawn()
            missing -= 1
            self._add(pieces[place])
        # What stays is words, too, which the pool has its share of already.
        self.words += self._lengths[index] - len(changed)
        folder, _, file = review.name.rpartition("/")
        return replace(review, name=f"{folder}/{copy}_{file}", text=" ".join(pieces))

    def _drawn(self) -> str:
        return self._pool[self._chance.randrange(len(self._pool))]

    def _made_up(self) -> str:
        """A word that there hasn't been yet."""
        word = self._drawn()
        while word in self._known:
            place = self._chance.randrange(len(word) + 1)
            letter = self._chance.choice(string.ascii_lowercase)
            word = self._chance.choice(
                (
                    word[:place] + letter + word[place:],
                    word[:place] + letter + word[place + 1 :],
                    word[:place] + word[place + 1 :] or letter,
                )
            )
        self._known.add(word)
        return word

    def _add(self, word: str) -> None:
        """Counts a word, and keeps the pool a fair sample of all words (reservoir sampling)."""
        self.words += 1
        if len(self._pool) < _POOL:
            self._pool.append(word)
        elif self._chance.random() * self.words < _POOL:
            self._pool[self._chance.randrange(_POOL)] = word
