"""The words of a text as ids, by arithmetic on whole arrays, in a quarter of the time of a loop.

Up to 16 letters, filled up with zeros, are two integers of 64 bits: a head, and a tail that most
words don't have. A table has a slot for each hash of such a pair, and in it the pair of one word
with its id. So it finds nearly all words of a text at once. What it can't tell, because a word is
new, longer, or shares its slot with another, is looked up in a dict. The table compares letters,
not hashes: it says what the dict would have said.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from processing.corpus.token_ids import Ids, Places, WordIds
from processing.text.stop_words import ENGLISH

_Letters = npt.NDArray[np.uint64]

_DROPPED = 0
_LETTERS = 16
_SLOT_BITS = 18
_FIRST = np.array([(1 << 8 * count) - 1 for count in range(9)], np.uint64)  # so many letters of 8
_LONG = np.uint64(0x80)  # no letter has this bit
_MIX = np.uint64(0x9E3779B97F4A7C15), np.uint64(0xC2B2AE3D27D4EB4F)  # odd, and half of the bits set


@dataclass(frozen=True)
class _Words:
    """The w words of a text, l of which are longer than eight letters.

    starts, lengths: where each begins, and how long it is; of shape (w,).
    heads: its first eight letters, and `_LONG` if there are more; of shape (w,).
    slots: where in the table it belongs, of shape (w,).
    long: the numbers of the longer ones, of shape (l,).
    tails: their letters from the ninth to the sixteenth, of shape (l,).
    """

    starts: Places
    lengths: Places
    heads: _Letters
    slots: Places
    long: Places
    tails: _Letters


class Lexicon:
    """Gives words ids in the order in which it meets them, from 1; ``dropped`` ones get none.

    >>> lexicon = Lexicon()
    >>> ids, starts = lexicon.read("a rose is a rose  red rose ")
    >>> ids.tolist(), starts.tolist(), lexicon.words
    ([1, 1, 2, 1], [2, 12, 18, 22], ['', 'rose', 'red'])
    """

    def __init__(self, dropped: frozenset[str] = ENGLISH) -> None:
        self._ids = Ids()
        self._ids.update(dict.fromkeys(dropped, _DROPPED))
        self._ids.words.append("")
        self._head, self._tail = np.zeros((2, 1 << _SLOT_BITS), np.uint64)
        self._id = np.zeros(1 << _SLOT_BITS, np.uint32)
        self.read(" ".join(sorted(dropped)))  # so that the table knows them

    @property
    def words(self) -> list[str]:
        """The word of each id."""
        return self._ids.words

    def read(self, text: str) -> tuple[WordIds, Places]:
        """The ids of the words of a text of a-z, 0-9 and spaces, and where the words begin."""
        words = _split(text)
        ids = self._id[words.slots]
        unsure = self._head[words.slots] != words.heads
        unsure[words.long] |= self._tail[words.slots[words.long]] != words.tails
        unsure[words.long] |= words.lengths[words.long] > _LETTERS
        rest = np.flatnonzero(unsure)
        starts = words.starts[rest]
        places = zip(starts.tolist(), (starts + words.lengths[rest]).tolist())
        ids[rest] = found = self._ids.of(text[start:end] for start, end in places)
        self._keep(words, rest, found)
        counted = ids != _DROPPED
        return ids[counted], words.starts[counted]

    def _keep(self, words: _Words, numbers: Places, ids: WordIds) -> None:
        """Puts into each slot that is free the first of the words that belong there.

        numbers: of the words in question, ascending. ids: theirs.
        """
        slots = words.slots[numbers]
        free = np.flatnonzero((self._head[slots] == 0) & (words.lengths[numbers] <= _LETTERS))
        slots, first = np.unique(slots[free], return_index=True)
        numbers = numbers[free[first]]
        self._head[slots] = words.heads[numbers]
        self._id[slots] = ids[free[first]]
        is_long = words.lengths[numbers] > 8
        self._tail[slots[is_long]] = words.tails[np.searchsorted(words.long, numbers[is_long])]


def _split(text: str) -> _Words:
    """The words of a text, parted by spaces.

    >>> words = _split("to  befriended")
    >>> words.starts.tolist(), words.lengths.tolist(), [hex(word) for word in words.heads.tolist()]
    ([0, 4], [2, 10], ['0x6f74', '0x646e6569726665e2'])
    >>> words.long.tolist(), [hex(word) for word in words.tails.tolist()]
    ([1], ['0x6465'])
    """
    data = b" %b%b" % (text.encode("ascii"), bytes(_LETTERS))
    letter = np.frombuffer(data, np.uint8) > ord(" ")
    edges = np.flatnonzero(letter[1:] != letter[:-1])
    starts, lengths = edges[::2], edges[1::2] - edges[::2]
    # Eight letters from every place on, without a copy.
    eight = np.ndarray(len(data) - 8, np.dtype("<u8"), data, offset=1, strides=(1,))
    heads = eight[starts]
    heads &= _FIRST.take(lengths, mode="clip")
    long = np.flatnonzero(lengths > 8)
    heads[long] |= _LONG
    tails = eight[starts[long] + 8]
    tails &= _FIRST.take(lengths[long] - 8, mode="clip")
    slots = heads * _MIX[0]
    slots[long] += tails * _MIX[1]
    slots >>= np.uint64(64 - _SLOT_BITS)
    return _Words(starts, lengths, heads, slots.view(np.int64), long, tails)
