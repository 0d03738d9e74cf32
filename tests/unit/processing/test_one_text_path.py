"""Every engine and job uses the functions of `processing.text`: none has a text path of its own.

Each test replaces one of the functions, and sees the tokens change the same way everywhere.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from processing.feature_sets import FEATURE_SETS
from processing.features.preprocessing import Preprocessing, read_preprocessing
from processing.jobs import prepare, preprocess
from processing.model.archive import read_model
from processing.model.explain import UNKNOWN, ignored_words, word_contributions
from processing.names import STEMS
from processing.row_files import read_rows
from processing.serving.scorer import Scorer
from processing.spark import reading
from processing.text import normalize
from tests.support.archives import write_tar
from tests.support.scoring_samples import lines, table, trained

# From Python 3.12 on, forking a process with threads is warned about; a job has none.
pytestmark = pytest.mark.filterwarnings("ignore:This process:DeprecationWarning")

TEXTS = {
    "test/pos/0.txt": "The films<br />were great, 10/10: a great film",
    "test/neg/0.txt": "<b>Not</b> a great film of the 7 I&amp;you saw",
    "test/pos/1.txt": "moving movies moved me",
    "test/neg/1.txt": "of the and",
}

Tokens = Mapping[str, Counter[str]]
"""How often each term occurs in the reviews, by name."""


def upper_x(text: str) -> str:
    return text.replace("film", "xfilm")


def without_digits(text: str) -> str:
    return "".join(letter if letter.isalpha() else " " for letter in text.lower())


def last_letters(word: str) -> str | None:
    return word[-3:] if len(word) > 3 else None


REPLACED: dict[str, Callable[[pytest.MonkeyPatch], None]] = {
    "strip_html": lambda patch: patch.setattr(normalize, "strip_html", upper_x),
    "letters_and_digits": lambda patch: patch.setattr(
        normalize, "letters_and_digits", without_digits
    ),
    "stem": lambda patch: patch.setattr(normalize, "stem", lambda word: word[:2]),
    "stop words": lambda patch: patch.setattr(normalize, "ENGLISH", frozenset(["great"])),
    "the feature set's term": lambda patch: patch.setitem(
        FEATURE_SETS, STEMS, replace(FEATURE_SETS[STEMS], term=last_letters)
    ),
}


def expected() -> Tokens:
    """The tokens by the text path as it is now."""
    term = FEATURE_SETS[STEMS].term
    return {name: Counter(normalize.tokens(text, term)) for name, text in TEXTS.items()}


ORDINARY = expected()


def preprocessed(folder: Path, workers: int) -> Path:
    """The outputs of Preprocess, whose training set has the words of all texts."""
    entries = {f"{name}": text.encode() for name, text in TEXTS.items()}
    entries |= {f"train/{name[5:8]}/{number}{name[9:]}": text.encode()
                for number in range(5) for name, text in TEXTS.items()}  # fmt: skip
    (folder / "raw").mkdir(parents=True)
    write_tar(folder / "raw" / "reviews.tar", entries)
    options = ["--raw", str(folder / "raw"), "--output", str(folder / "out")]
    preprocess.run(preprocess.parser().parse_args([*options, "--workers", str(workers)]))
    return folder / "out"


def counted(features: Path, rows: Path, terms: list[str]) -> Tokens:
    """The counts in libsvm rows, by the ids of the reviews."""
    ids = [row.id for path in sorted(rows.iterdir()) for row in read_rows(path)]
    return {id_: counts_in(line, terms) for id_, line in zip(ids, lines(features), strict=True)}


def counts_in(line: bytes, terms: list[str]) -> Counter[str]:
    entries = [entry.split(":") for entry in line.decode().split()[2:-1]]
    return Counter({terms[int(index) - 1]: int(count) for index, count in entries})


def explained(text: str, version: Preprocessing) -> set[str | None]:
    """The terms of the words that have a part in the explanation of a score."""
    words = normalize.split_words(text)
    assert UNKNOWN not in {reason for _, reason in ignored_words(text, version, ())}
    shares = word_contributions(words, version, None, [0.0] + [1.0] * len(version.terms) + [0.0])
    return {version.feature_set.term(word) for word, _ in shares}


@pytest.mark.parametrize("replaced", REPLACED)
def test_all_engines_follow_when_a_function_of_the_text_path_is_replaced(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, replaced: str
) -> None:
    REPLACED[replaced](monkeypatch)
    monkeypatch.setattr(reading, "_remembering", reading._remembering.__wrapped__)
    wanted = expected()
    assert wanted != ORDINARY
    for workers in (1, 2):
        out = preprocessed(tmp_path / f"{workers}", workers)
        version = read_preprocessing(out / "vocabulary")
        assert counted(out / "test", out / "rows", version.terms) == wanted
    term = version.feature_set.term
    on_spark = {name: reading.terms_of(text, term).split() for name, text in TEXTS.items()}
    assert {name: Counter(terms) for name, terms in on_spark.items()} == wanted
    raw = table(tmp_path / "new" / "a.jsonl", TEXTS)
    options = ["--raw", str(raw), "--version", str(out / "vocabulary"), "--workers", "1"]
    prepare.run(prepare.parser().parse_args([*options, "--output", str(tmp_path / "prepared")]))
    new = tmp_path / "prepared"
    assert counted(new / "features", new / "rows", version.terms) == wanted
    model = trained(out, version.feature_format, tmp_path / "model.tar.gz")
    scorer = Scorer.of(out / "vocabulary", read_model(model), 0.5)
    for name, text in TEXTS.items():
        assert counts_in(scorer.rows([text])[0], version.terms) == wanted[name]
        assert explained(text, version) == set(wanted[name])


@pytest.mark.parametrize("folder", ["corpus", "features", "spark", "jobs", "model", "serving"])
def test_only_the_text_package_knows_the_parts_of_the_text_path(folder: str) -> None:
    """An engine that called the parts could compose them in another way."""
    parts = ("strip_html", "letters_and_digits", "stem(", "ENGLISH", "Stemmer")
    for path in Path(normalize.__file__).parents[1].joinpath(folder).rglob("*.py"):
        code = path.read_text(encoding="utf-8")
        assert [part for part in parts if part in code] == [], path
