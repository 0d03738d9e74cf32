"""``python -m benchmarks.scale.archive ARCHIVE TARGET REVIEWS`` writes a larger archive.

Its last line tells its words, how many of them are distinct, and the law that they keep to.
"""

from __future__ import annotations

import io
import json
import random
import sys
import tarfile
from pathlib import Path

from benchmarks.archive import reviews
from benchmarks.scale.copies import Copier, words_of
from benchmarks.scale.heaps import curve, fit


def write(source: Path, target: Path, count: int) -> dict[str, float]:
    """Writes ``count`` reviews to ``target``, and returns what is to be told of them."""
    originals = list(reviews(source))
    random.Random(0).shuffle(originals)  # the archive is sorted by half and label
    law = fit(curve(words_of(review.text) for review in originals))
    copier = Copier(originals, law)
    with tarfile.open(target, "w:gz", compresslevel=1) as archive:
        for review in copier.reviews(count):
            data = review.text.encode()
            member = tarfile.TarInfo(f"aclImdb/{review.name}")
            member.size = len(data)
            archive.addfile(member, io.BytesIO(data))
    return {
        "beta": law.beta,
        "distinct": copier.distinct,
        "k": law.k,
        "words": copier.words,
    }


if __name__ == "__main__":
    print(json.dumps(write(Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3]))))
