"""Predict: the score of Batch Transform for the same text, and its explanation."""

from __future__ import annotations

import json
import math
import os
import subprocess
import sys
import tarfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from processing.errors import DataError, UsageError
from processing.features.preprocessing import read_preprocessing
from processing.jobs.predict import parser, run
from processing.model.archive import read_model
from processing.model.booster import Model
from processing.model.explain import ignored_words, word_contributions
from processing.serving.scorer import Scorer
from tests.support.scoring_samples import (
    FEATURE_SETS,
    lines,
    prepared,
    preprocessed,
    reviews,
    served,
    table,
    trained,
)

ROOT = Path(__file__).parents[4]


@dataclass(frozen=True)
class Version:
    """A trained version: the folder of its vocabulary, and its model's archive."""

    vocabulary: Path
    model: Path

    def scorer(self) -> Scorer:
        return Scorer.of(self.vocabulary, read_model(self.model), 0.5)

    def predict(self, *texts: str) -> list[dict[str, Any]]:
        scorer = self.scorer()
        return [scorer.explain(text) for text in texts]


@pytest.fixture(scope="module")
def version(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Version]:
    made: dict[tuple[str, str], Version] = {}

    def version_of(features: str, feature_format: str = "text/libsvm") -> Version:
        key = (features, feature_format)
        if key not in made:
            folder = tmp_path_factory.mktemp("version")
            out = preprocessed(folder, features, feature_format)
            model = trained(out, feature_format, folder / "model.tar.gz")
            made[key] = Version(out / "vocabulary", model)
        return made[key]

    return version_of


@pytest.mark.parametrize("feature_format", ["text/libsvm", "text/csv"])
@pytest.mark.parametrize("features", FEATURE_SETS)
def test_probability_is_that_of_batch_transform_to_the_last_digit(
    tmp_path: Path, version: Callable[..., Version], features: str, feature_format: str
) -> None:
    one = version(features, feature_format)
    some = dict(list(reviews().items())[:12])
    texts = {**some, "emoji": "😀", "unknown": "zebra", "long": "great awful film " * 999}
    out = prepared(table(tmp_path / "raw/a.jsonl", texts), one.vocabulary, tmp_path / "out")
    rows = lines(out / "features")
    (tmp_path / "model").mkdir()
    answers = served(one.model, b"".join(rows), feature_format, tmp_path / "model")
    scorer = one.scorer()
    predictions = one.predict(*texts.values())
    together, _ = scorer.rows([*texts.values()])
    assert together == b"".join(rows)
    assert [str(score) for score in scorer.probabilities([*texts.values()])] == answers
    for text, row, answer, prediction in zip(
        texts.values(), rows, answers, predictions, strict=True
    ):
        assert scorer.rows([text]) == (row, {})
        assert str(prediction["probability"]) == answer
        assert prediction["label"] == ("pos" if float(answer) > 0.5 else "neg")
    assert len(set(answers)) > 3


@pytest.mark.parametrize("feature_format", ["text/libsvm", "text/csv"])
@pytest.mark.parametrize("features", FEATURE_SETS)
def test_base_value_and_contributions_add_up_to_the_log_odds(
    version: Callable[..., Version], features: str, feature_format: str
) -> None:
    texts = list(reviews().values())[:8]
    predictions = version(features, feature_format).predict(*texts, "zebra")
    for prediction in predictions:
        words = sum(word["contribution"] for word in prediction["words"])
        total = prediction["base_value"] + words + prediction["absent_words"]
        assert total == pytest.approx(prediction["log_odds"], abs=1e-9)
        odds = prediction["probability"] / (1 - prediction["probability"])
        assert total == pytest.approx(math.log(odds), abs=1e-4)
    assert len({prediction["base_value"] for prediction in predictions}) == 1


@pytest.mark.parametrize("features", FEATURE_SETS)
def test_words_are_those_of_the_text_with_the_largest_contributions_first(
    version: Callable[..., Version], features: str
) -> None:
    text = "A great<br />film: moving, GREAT moving, great zebra"
    [prediction] = version(features).predict(text)
    strengths = [abs(word["contribution"]) for word in prediction["words"]]
    assert strengths == sorted(strengths, reverse=True)
    assert min(strengths) > 0
    for word in prediction["words"]:
        assert f" {word['word']} " in " a greatfilm moving great moving great zebra "
    assert {"reason": "not in the vocabulary", "word": "zebra"} in prediction["ignored_words"]


@pytest.mark.parametrize("features", FEATURE_SETS)
def test_the_first_word_points_to_the_class_that_it_is_frequent_in(
    version: Callable[..., Version], features: str
) -> None:
    good, bad = version(features).predict("moving great moving great", "boring awful boring awful")
    assert good["words"][0]["contribution"] > 0 > bad["words"][0]["contribution"]


def test_the_contribution_of_a_stem_is_divided_among_its_words_by_their_number(
    version: Callable[..., Version],
) -> None:
    preprocessing = read_preprocessing(version("stems").vocabulary)
    place = 1 + preprocessing.terms.index("film")
    contributions = [0.0] * (len(preprocessing.terms) + 2)
    contributions[place] = 0.9
    words = "film films films the zebra".split()
    shares = dict(word_contributions(words, preprocessing, None, contributions))
    assert shares == pytest.approx({"film": 0.3, "films": 0.6})


def test_a_text_of_unknown_words_has_no_contributions_of_words(
    version: Callable[..., Version],
) -> None:
    [prediction] = version("stems").predict("zebra quagga, the Zebra")
    assert prediction["words"] == []


@pytest.mark.parametrize("features", FEATURE_SETS)
def test_each_word_has_a_contribution_or_a_reason(
    version: Callable[..., Version], features: str
) -> None:
    text = "A GREAT <b>film</b>, not zebra! moved \u2014 \u597d \U0001f600 10"
    [prediction] = version(features).predict(text)
    words = {word for item in prediction["words"] for word in item["word"].split()}
    reasons = {item["word"]: item["reason"] for item in prediction["ignored_words"]}
    assert {*words, *reasons} == {*"a great film not zebra moved \u597d \U0001f600 10".split()}
    assert not words & reasons.keys()
    outside = "without a letter a-z or a digit"
    assert (reasons["\u597d"], reasons["\U0001f600"]) == (outside, outside)
    assert reasons["10"] == "not in the vocabulary"
    if features == "stems":
        assert (reasons["a"], reasons["not"]) == ("stop word", "stop word")


def test_a_known_word_that_the_model_does_not_use_is_ignored(
    version: Callable[..., Version],
) -> None:
    preprocessing = read_preprocessing(version("stems").vocabulary)
    reason = "without effect on this score"
    assert ignored_words("the films", preprocessing, ()) == [
        ("the", "stop word"),
        ("films", reason),
    ]


def run_job(
    version: Version, text: str | bytes, folder: Path
) -> subprocess.CompletedProcess[bytes]:
    options = ("--vocabulary", version.vocabulary, "--model", version.model)
    given = "-" if isinstance(text, bytes) else text
    return subprocess.run(
        [sys.executable, "-m", "processing", "predict", *map(str, options), f"--text={given}"],
        input=text if isinstance(text, bytes) else b"",
        capture_output=True,
        check=False,
        cwd=ROOT,
        env={**os.environ, "OPT_ML": str(folder)},
    )


def test_job_prints_json_and_reads_stdin(version: Callable[..., Version], tmp_path: Path) -> None:
    one = version("ngrams")
    answers = [run_job(one, text, tmp_path) for text in ("great film", b"great film\n")]
    assert [answer.stderr for answer in answers] == [b"", b""]
    assert [json.loads(answer.stdout) for answer in answers] == one.predict("great film") * 2


def test_job_imports_no_slow_modules(version: Callable[..., Version]) -> None:
    one = version("stems")
    code = (
        "import sys; from processing.__main__ import main; "
        f"main(['predict', '--vocabulary', {str(one.vocabulary)!r}, "
        f"'--model', {str(one.model)!r}, '--text', 'great']); "
        "slow = {'pandas', 'sklearn', 'pyarrow', 'boto3', 'scipy.special'}; "
        "sys.exit(sorted(slow & sys.modules.keys()) or 0)"
    )
    ended = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, cwd=ROOT, check=False, text=True
    )
    assert (ended.returncode, ended.stderr) == (0, "")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (b"", b"error: the text is empty; give some"),
        (b" \n", b"error: the text is empty; give some"),
        (b"caf\xe9", b"error: the text isn't UTF-8 at byte 3; give it in UTF-8"),
    ],
)
def test_an_invalid_text_is_a_usage_error(
    version: Callable[..., Version], tmp_path: Path, text: bytes, message: bytes
) -> None:
    ended = run_job(version("stems"), text, tmp_path)
    assert (ended.returncode, ended.stdout) == (2, b"")
    assert ended.stderr.startswith(message)


def test_vocabulary_and_model_of_two_runs_are_refused(version: Callable[..., Version]) -> None:
    stems, ngrams = version("stems"), version("ngrams")
    with pytest.raises(DataError, match=r"^the model has 19 features, and the vocabulary makes 11"):
        Version(stems.vocabulary, ngrams.model).predict("great")


@pytest.mark.parametrize("content", [b"", b"no archive", b"\x1f\x8b\x08\x00broken"])
def test_an_invalid_archive_is_reported_in_one_line(
    version: Callable[..., Version], tmp_path: Path, content: bytes
) -> None:
    path = tmp_path / "model.tar.gz"
    path.write_bytes(content)
    options = [f"--vocabulary={version('stems').vocabulary}", f"--model={path}", "--text=great"]
    with pytest.raises(DataError, match=r"^model.tar.gz: .*xgboost-model"):
        run(parser().parse_args(options))


def test_an_invalid_model_is_reported_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "xgboost-model").write_bytes(b"nothing")
    with tarfile.open(tmp_path / "model.tar.gz", "w:gz") as archive:
        archive.add(tmp_path / "xgboost-model", "xgboost-model")
    with pytest.raises(DataError, match=r"^the model can't be loaded") as refused:
        Model(read_model(tmp_path / "model.tar.gz"))
    assert "\n" not in str(refused.value)


def test_a_missing_model_is_reported_with_its_path(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"model\.tar\.gz: "):
        read_model(tmp_path / "model.tar.gz")


def test_no_text_at_all_is_a_usage_error() -> None:
    with pytest.raises(UsageError, match="--text"):
        parser().parse_args(["--vocabulary", "v", "--model", "m"])
