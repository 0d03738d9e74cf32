"""Invented reviews by name, with words of common stems, stop words and markup."""

from __future__ import annotations

import random

WORDS = """film films filming movie movies great greatly greatest bad worse plot plots actor actors
acting the and of is was not <br /> 10 1999 don't dying died skies sky boring bored""".split()


def some_texts(count: int, seed: int = 0) -> dict[str, str]:
    """Reviews of the training set and the test set."""
    rng = random.Random(seed)
    return {
        f"{rng.choice(('train', 'test'))}/{rng.choice(('pos', 'neg'))}/{number}.txt": " ".join(
            ["...", *rng.choices(WORDS, weights=range(1, len(WORDS) + 1), k=rng.randint(0, 30))]
        )
        for number in range(count)
    }


def train_only(*texts: str) -> dict[str, str]:
    """These texts as reviews of the training set."""
    return {f"train/pos/{number}.txt": text for number, text in enumerate(texts)}
