"""Write an archive of N reviews: ``python -m benchmarks.scaling.larger_archive SOURCE TARGET N``.

Beyond the source's reviews it holds copies with one word in ten replaced by another word of the
reviews, drawn by frequency. One replacement in twenty gets a letter changed, so that the number of
distinct words grows as well. The same source gives the same copies.
"""

from __future__ import annotations

import io
import random
import string
import sys
import tarfile
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from benchmarks.harness.archive import Review, reviews

REPLACED, NEW = 0.1, 0.05
_POOL = 1 << 20


def copies(originals: Sequence[Review], count: int) -> Iterator[Review]:
    """Yield ``count`` reviews: the originals, then changed copies of them, in rounds."""
    chance = random.Random(0)
    pool = [word for review in originals for word in review.text.split(" ") if word.isalpha()]
    pool = chance.choices(pool, k=min(_POOL, len(pool)))
    yield from originals[:count]
    for number in range(len(originals), count):
        original = originals[number % len(originals)]
        folder, _, file = original.name.rpartition("/")
        words = original.text.split(" ")
        for place in chance.sample(range(len(words)), max(1, int(len(words) * REPLACED))):
            if not {"<", ">"} & set(words[place]):  # half a tag would change the words around it
                words[place] = _new(chance, pool) if chance.random() < NEW else chance.choice(pool)
        name = f"{folder}/{number // len(originals)}_{file}"
        yield replace(original, name=name, text=" ".join(words))


def _new(chance: random.Random, pool: Sequence[str]) -> str:
    word = chance.choice(pool)
    place = chance.randrange(len(word) + 1)
    return word[:place] + chance.choice(string.ascii_lowercase) + word[place:]


def write_archive(source: Path, target: Path, count: int) -> None:
    """Write the archive, compressed."""
    originals = list(reviews(source))
    random.Random(0).shuffle(originals)  # the archive is sorted by split and label
    with tarfile.open(target, "w:gz", compresslevel=1) as archive:
        for review in copies(originals, count):
            data = review.text.encode()
            member = tarfile.TarInfo(f"aclImdb/{review.name}")
            member.size = len(data)
            archive.addfile(member, io.BytesIO(data))


if __name__ == "__main__":
    write_archive(Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3]))
