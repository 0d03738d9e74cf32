"""Token index: the terms of all words of a text at once, in a fraction of the time of a loop.

The first 16 letters of a word, padded with zeros, are two integers. A hash of the two names a slot
of a table, which holds the letters and the term of one word. NumPy compares a whole text with the
table. A word that isn't found there, because it is new, is longer, or shares its slot with another,
is looked up in a dict. As letters are compared and not hashes, the result is that of the dict.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from processing.corpus.token_ids import IdTable, Offsets, TokenIds
from processing.text.normalize import TermFunction

_Letters = npt.NDArray[np.uint64]

SLOT_BITS = 18
_LETTERS = 16
_NOT_COUNTED = 0
_FIRST_LETTERS = np.array([(1 << 8 * count) - 1 for count in range(9)], np.uint64)  # masks
_MIX = np.uint64(0x9E3779B97F4A7C15), np.uint64(0xC2B2AE3D27D4EB4F)  # odd, half of the bits set


class TokenIndex:
    """Ids of the terms of words. ``term`` is called once for each distinct word.

    >>> index = TokenIndex(lambda word: None if word == "a" else word.rstrip("s"))
    >>> ids, starts = index.read("a rose is a rose  red roses ")
    >>> ids.tolist(), starts.tolist(), index.terms
    ([1, 2, 1, 3, 1], [2, 7, 12, 18, 22], ['', 'rose', 'i', 'red'])
    """

    def __init__(self, term: TermFunction, slot_bits: int = SLOT_BITS) -> None:
        self._ids = _WordIds(term)
        self._slot_bits = slot_bits
        self._heads, self._tails = np.zeros((2, 1 << slot_bits), np.uint64)
        self._slot_ids = np.zeros(1 << slot_bits, np.uint32)

    @property
    def terms(self) -> list[str]:
        """The term of each id; id 0 is that of words without a term."""
        return self._ids.terms.strings

    def __len__(self) -> int:
        """The number of distinct words so far."""
        return len(self._ids)

    @property
    def letters(self) -> int:
        """The number of letters of the distinct words so far."""
        return self._ids.letters

    def terms_and_words(self, text: str) -> str:
        """Return each word of a text that has a term, after its term, separated by spaces.

        >>> index = TokenIndex(lambda word: None if word == "a" else word.rstrip("s"))
        >>> index.terms_and_words("a rose  roses")
        'rose rose rose roses'
        """
        terms, ids = self.terms, self._ids
        return " ".join([f"{terms[ids[word]]} {word}" for word in text.split() if ids[word]])

    def read(self, text: str) -> tuple[TokenIds, Offsets]:
        """Return the ids of a text's tokens, and where their words begin.

        text: words of a-z and 0-9, separated by spaces. Words without a term are left out.
        """
        words = _split(text, self._slot_bits)
        ids = self._slot_ids[words.slots]
        unknown = self._heads[words.slots] != words.heads
        unknown |= self._tails[words.slots] != words.tails
        unknown |= words.ends - words.starts > _LETTERS
        numbers = np.flatnonzero(unknown)
        bounds = zip(words.starts[numbers].tolist(), words.ends[numbers].tolist())
        found = map(self._ids.__getitem__, [text[start:end] for start, end in bounds])
        ids[numbers] = np.fromiter(found, np.uint32, len(numbers))
        self._fill(words, ids, numbers)
        counted = ids != _NOT_COUNTED
        return ids[counted], words.starts[counted]

    def _fill(self, words: _Words, ids: TokenIds, numbers: Offsets) -> None:
        """Put the first of the words with these numbers that belongs to a free slot into it."""
        short = words.ends[numbers] - words.starts[numbers] <= _LETTERS
        candidates = numbers[short & (self._heads[words.slots[numbers]] == 0)]
        slots, first = np.unique(words.slots[candidates], return_index=True)
        chosen = candidates[first]
        self._heads[slots] = words.heads[chosen]
        self._tails[slots] = words.tails[chosen]
        self._slot_ids[slots] = ids[chosen]


class _WordIds(dict[str, int]):
    """The id of each word's term; ids of terms are given from 1 on."""

    def __init__(self, term: TermFunction) -> None:
        super().__init__()
        self._term = term
        self.letters = 0
        self.terms = IdTable()
        self.terms.ids([""])  # takes the id 0

    def __missing__(self, word: str) -> int:
        term = self._term(word)
        self.letters += len(word)
        self[word] = new = _NOT_COUNTED if term is None else self.terms[term]
        return new


@dataclass(frozen=True)
class _Words:
    """The w words of a text, each array of shape (w,).

    starts, ends: their positions in the text.
    heads, tails: their first eight letters, and the next eight.
    slots: the slots of the table that they belong to.
    """

    starts: Offsets
    ends: Offsets
    heads: _Letters
    tails: _Letters
    slots: Offsets


def _split(text: str, slot_bits: int) -> _Words:
    """Return the words of a text, separated by spaces.

    >>> words = _split("to  befriended", 18)
    >>> words.starts.tolist(), words.ends.tolist()
    ([0, 4], [2, 14])
    >>> [hex(head) for head in words.heads.tolist()], [hex(tail) for tail in words.tails.tolist()]
    (['0x6f74', '0x646e656972666562'], ['0x0', '0x6465'])
    """
    data = b" %b%b" % (text.encode("ascii"), bytes(_LETTERS))
    is_letter = np.frombuffer(data, np.uint8) > ord(" ")
    edges = np.flatnonzero(is_letter[1:] != is_letter[:-1])
    starts, ends = edges[::2], edges[1::2]
    lengths = ends - starts
    # The eight letters from every position on, without a copy.
    eight = np.ndarray(len(data) - 8, np.dtype("<u8"), data, offset=1, strides=(1,))
    heads, tails = eight[starts], eight[starts + 8]
    heads &= _FIRST_LETTERS.take(lengths, mode="clip")
    tails &= _FIRST_LETTERS.take(lengths - 8, mode="clip")
    hashes = heads * _MIX[0]
    hashes += tails * _MIX[1]
    hashes >>= np.uint64(64 - slot_bits)
    return _Words(starts, ends, heads, tails, slots=hashes.view(np.int64))
