"""Spark writes the same bytes as one machine, and refuses the same datasets."""

from __future__ import annotations

import csv
import gc
import gzip
import json
import random
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pyarrow
import pyarrow.parquet
import pytest

from processing.dataset.read import unpacked_dataset
from processing.errors import DataError
from processing.jobs import preprocess
from tests.support.archives import write_tar
from tests.support.files import contents

# pyspark leaves its sockets to the garbage collector.
pytestmark = pytest.mark.filterwarnings("ignore:unclosed <socket:ResourceWarning")

VOCABULARY = "vocabulary/vocabulary.json"

WORDS = "film plot actor scene music story great awful boring moving the and of".split()
RARE = [f"{first}{second}q" for first in "abcdefgh" for second in "bcdf"]
MARKUP = ["<br />", "<i>fine</i>", "&amp;", "Amélie", "10/10", "don't", "\u212a", "<!-- no -->"]
A_TIE = ["--vocabulary-size", "25"]
EVERY_OPTION = [
    *("--vocabulary-size", "7", "--validation-fraction", "0.3", "--seed", "-9"),
    *("--feature-format", "text/csv", "--training-parts", "3"),
]
NGRAMS = ["--features", "ngrams"]
DIVIDED = [
    pytest.param(1, A_TIE, id="one part, a tie at the cut"),
    pytest.param(2, A_TIE, id="two parts, a tie at the cut"),
    pytest.param(7, A_TIE, id="seven parts, a tie at the cut"),
    pytest.param(2, [], id="two parts, as in the pipeline"),
    pytest.param(3, EVERY_OPTION, id="three parts, every option"),
    pytest.param(1, NGRAMS, id="one part, n-gram scores"),
    pytest.param(3, NGRAMS, id="three parts, n-gram scores"),
    pytest.param(7, [*EVERY_OPTION, *NGRAMS], id="seven parts, n-gram scores, every option"),
]


def reviews(count: int, seed: int = 0) -> dict[str, bytes]:
    """Reviews of both sets with unusual names, bytes and texts, among other files."""
    chance = random.Random(seed)
    files = {
        f"aclImdb/{subset}/{folder}/{number}_5.txt": " ".join(
            [*chance.choices(WORDS, k=9), *chance.choices(RARE, k=2), *chance.choices(MARKUP, k=2)]
        ).encode()
        for subset, share in (("train", count), ("test", count // 2))
        for folder in ("pos", "neg")
        for number in range(share)
    }
    files["aclImdb/train/neg/1_5.txt"] = files["aclImdb/train/neg/0_5.txt"]
    files["aclImdb/test/pos/1_5.txt"] = files["aclImdb/train/neg/0_5.txt"]
    files["aclImdb/test/pos/2_5.txt"] = files["aclImdb/train/neg/0_5.txt"]
    files["aclImdb/train/pos/stop.txt"] = b"the of and"
    files["aclImdb/train/pos/bad.txt"] = b"caf\xe9"
    files["aclImdb/test/neg/empty.txt"] = b" \n"
    files["aclImdb/train/pos/caf\udce9.txt"] = b"an odd name"
    files["aclImdb/train/pos/a\nb.txt"] = b"another, in two lines"
    files["aclImdb/test/pos/caf\udce9.txt"] = b""
    files["aclImdb/README"] = b"ignored"
    files["aclImdb/train/unsup/0_0.txt"] = b"zulu zulu zulu"
    return dict(chance.sample(items := list(files.items()), len(items)))


def raw_folder(folder: Path, *archives: Mapping[str, bytes]) -> Path:
    folder.mkdir()
    for number, files in enumerate(archives):
        write_tar(folder / f"reviews-{number}.tar{'.gz' if number % 2 else ''}", files)
    return folder


def single(raw: Path, output: Path, *options: str) -> dict[str, bytes]:
    preprocess.run(parsed(raw, output, options))
    return contents(output)


def on_spark(
    spark: Any, partitions: int, raw: Path, output: Path, *options: str
) -> dict[str, bytes]:
    from processing.spark.driver import preprocess as run

    try:
        with unpacked_dataset(raw) as folder:
            run(spark, parsed(raw, output, options), folder, partitions)
    finally:
        spark.catalog.clearCache()
        gc.collect()
    return contents(output)


def parsed(raw: Path, output: Path, options: Any) -> Any:
    # One process: forking isn't safe here, because this one has the threads of the Java gateway.
    given = ["--raw", str(raw), "--output", str(output), "--workers", "1", *options]
    return preprocess.parser().parse_args(given)


def without_files(outputs: dict[str, bytes]) -> dict[str, Any]:
    """The outputs, without the names of the input files in the manifest."""
    manifest = json.loads(outputs["manifest/manifest.json"])
    del manifest["files"]
    return {**outputs, "manifest/manifest.json": manifest}


def without_names(outputs: dict[str, bytes]) -> dict[str, Any]:
    """The same, without the names of the classes and the sources of the splits."""
    found = without_files(outputs)
    vocabulary = json.loads(found[VOCABULARY])
    manifest = found["manifest/manifest.json"]
    del vocabulary["labels"], manifest["labels"]
    for split in manifest["splits"].values():
        del split["source"]
    return {**found, VOCABULARY: vocabulary}


def usable(count: int) -> list[tuple[str, bytes]]:
    """Reviews without anything odd about their bytes."""
    return [(name, text) for name, text in reviews(count).items() if b"\xe9" not in text]


@pytest.mark.parametrize(("partitions", "options"), DIVIDED)
def test_outputs_are_those_of_one_machine_with_any_number_of_partitions(
    spark: Any, tmp_path: Path, partitions: int, options: list[str]
) -> None:
    raw = raw_folder(tmp_path / "raw", reviews(60))
    expected = single(raw, tmp_path / "single", *options)
    assert on_spark(spark, partitions, raw, tmp_path / "spark", *options) == expected


def test_terms_of_the_sample_tie_at_the_cut(tmp_path: Path) -> None:
    raw = raw_folder(tmp_path / "raw", reviews(60))
    counts = [
        json.loads(single(raw, tmp_path / size, "--vocabulary-size", size)[VOCABULARY])[
            "term_counts"
        ]
        for size in ("25", "26")
    ]
    assert min(counts[0]) == min(counts[1])


def test_a_test_set_of_several_files_pairs_with_its_labels(spark: Any, tmp_path: Path) -> None:
    files = reviews(10) | {f"x/test/pos/more{number}.txt": b"film" for number in range(2_100)}
    raw = raw_folder(tmp_path / "raw", files)
    outputs = on_spark(spark, 2, raw, tmp_path / "spark")
    assert {"test/part-00002.libsvm", "labels/part-00002.csv"} <= outputs.keys()
    assert outputs == single(raw, tmp_path / "single")


def test_several_archives_give_the_outputs_of_one_archive(spark: Any, tmp_path: Path) -> None:
    files = reviews(60)
    names = list(files)
    shares = [{name: files[name] for name in names[start::9]} for start in range(9)]
    expected = single(raw_folder(tmp_path / "one", files), tmp_path / "single")
    outputs = on_spark(spark, 4, raw_folder(tmp_path / "raw", *shares), tmp_path / "spark")
    assert without_files(outputs) == without_files(expected)
    listed = json.loads(outputs["manifest/manifest.json"])["files"]
    assert [file["name"] for file in listed] == [
        f"reviews-{number}.tar{'.gz' if number % 2 else ''}" for number in range(9)
    ]


def as_table(files: Mapping[str, bytes]) -> list[dict[str, Any]]:
    """The usable reviews as rows, named as the archive names them."""
    rows = []
    for name, text in files.items():
        _, subset, folder, *_ = (*name.split("/"), "", "")
        if folder in ("pos", "neg") and name.isprintable() and b"\xe9" not in text:
            short = name.removeprefix("aclImdb/")
            label = int(folder == "pos")
            rows.append({"id": short, "split": subset, "label": label, "text": text.decode()})
    return rows


def as_json_lines(raw: Path, rows: list[dict[str, Any]], spark: Any) -> None:
    lines = [json.dumps(row).encode() + b"\n" for row in rows]
    (raw / "a.jsonl").write_bytes(b"".join(lines[::2]))
    (raw / "b.jsonl.gz").write_bytes(gzip.compress(b"".join(lines[1::2])))
    (raw / "_SUCCESS").touch()


def as_parquet(raw: Path, rows: list[dict[str, Any]], spark: Any) -> None:
    frame = spark.createDataFrame(rows, "id STRING, split STRING, label BIGINT, text STRING")
    frame.repartition(3).write.mode("overwrite").parquet(raw.as_uri())


@pytest.mark.parametrize("write", [as_json_lines, as_parquet])
def test_a_table_gives_the_outputs_of_an_archive_of_its_reviews(
    spark: Any, tmp_path: Path, write: Callable[..., None]
) -> None:
    rows = as_table(reviews(20))
    files = {f"x/{row['id']}": row["text"].encode() for row in rows}
    expected = single(raw_folder(tmp_path / "one", files), tmp_path / "single")
    write(raw_folder(tmp_path / "raw"), rows, spark)
    for outputs in (
        on_spark(spark, 3, tmp_path / "raw", tmp_path / "spark"),
        single(tmp_path / "raw", tmp_path / "table"),
    ):
        assert without_names(outputs) == without_names(expected)


def test_a_table_without_splits_and_ids_gives_the_outputs_of_one_machine(
    spark: Any, tmp_path: Path
) -> None:
    raw = raw_folder(tmp_path / "raw")
    rows = [(text.decode(), "spam" if "pos" in name else "ham") for name, text in usable(60)]
    empty = sum(not text.strip() for text, _ in rows)
    with (raw / "mail.csv").open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([("body", "kind"), *rows, ("", "ham"), ("no label", "")])
    options = ["--text-column", "body", "--label-column", "kind", "--positive-label", "ham"]
    expected = single(raw, tmp_path / "single", *options)
    assert on_spark(spark, 3, raw, tmp_path / "spark", *options) == expected
    manifest = json.loads(expected["manifest/manifest.json"])
    assert (manifest["labels"]["negative"], manifest["labels"]["positive"]) == ("spam", "ham")
    assert len(manifest["skipped"]) == empty + 2


def as_parquet_file(path: Path, rows: list[tuple[Any, ...]], *columns: str) -> None:
    table = pyarrow.table(
        {name: list(cells) for name, cells in zip(columns, zip(*rows, strict=True), strict=True)}
    )
    pyarrow.parquet.write_table(table, path, row_group_size=50)


def test_rows_of_parquet_without_ids_have_the_same_names_as_on_one_machine(
    spark: Any, tmp_path: Path
) -> None:
    raw = raw_folder(tmp_path / "raw")
    rows = [(text.decode(), "pos" if "pos" in name else "neg") for name, text in usable(60)]
    (raw / "2026 é").mkdir()
    as_parquet_file(raw / "a%20b [1]*{c,d}.parquet", rows[::3], "text", "label")
    as_parquet_file(raw / "2026 é/a.parquet", rows[1::3], "text", "label")
    with (raw / "b.csv").open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([("text", "label"), *rows[2::3]])
    expected = single(raw, tmp_path / "single")
    assert on_spark(spark, 3, raw, tmp_path / "spark") == expected


def test_columns_of_parquet_that_differ_in_case_or_have_odd_names_are_distinguished(
    spark: Any, tmp_path: Path
) -> None:
    raw = raw_folder(tmp_path / "raw")
    texts = [(text.decode(), "pos" if "pos" in name else "neg") for name, text in usable(60)]
    rows = [(text, "other", label) for text, label in texts]
    as_parquet_file(raw / "a.parquet", rows, "the.`text", "The.`text", "label")
    options = ["--text-column", "the.`text"]
    expected = single(raw, tmp_path / "single", *options)
    assert on_spark(spark, 3, raw, tmp_path / "spark", *options) == expected


def a_truncated_archive(raw: Path) -> None:
    whole = gzip.compress(write_tar(raw / "reviews.tar", reviews(9)).read_bytes())
    (raw / "reviews.tar").write_bytes(whole[: len(whole) // 2])


def a_web_page(raw: Path) -> None:
    (raw / "reviews.tar").write_text("<html>not found</html>" * 99, encoding="utf-8")


def a_missing_class(raw: Path) -> None:
    write_tar(raw / "reviews.tar", {n: t for n, t in reviews(9).items() if "test/neg" not in n})


def only_stop_words(raw: Path) -> None:
    write_tar(raw / "reviews.tar", dict.fromkeys(reviews(9), b"the of"))


def too_few(raw: Path) -> None:
    names = [
        f"{subset}/{folder}/1.txt" for subset in ("train", "test") for folder in ("pos", "neg")
    ]
    write_tar(raw / "reviews.tar", dict.fromkeys(names, b"film"))


def names_that_occur_twice(raw: Path) -> None:
    more = [("x/test/neg/3_5.txt", b"b"), ("x/train/pos/caf\udce9.txt", b"a")]
    write_tar(raw / "reviews.tar", [*reviews(9).items(), *more])


def parquet_with_invalid_splits(raw: Path) -> None:
    rows = [("film", "ab"[number % 2], "no" if number > 11 else "test") for number in range(99)]
    as_parquet_file(raw / "a.parquet", rows, "text", "label", "split")


REFUSED = [
    *(a_truncated_archive, a_web_page, a_missing_class, only_stop_words, too_few),
    *(names_that_occur_twice, parquet_with_invalid_splits),
]


@pytest.mark.parametrize("prepare", REFUSED)
def test_an_error_is_that_of_one_machine_and_nothing_is_written(
    spark: Any, tmp_path: Path, prepare: Callable[[Path], None]
) -> None:
    prepare(raw_folder(tmp_path / "raw"))
    with pytest.raises(DataError) as expected:
        single(tmp_path / "raw", tmp_path / "single")
    with pytest.raises(DataError) as refusal:
        on_spark(spark, 2, tmp_path / "raw", tmp_path / "spark")
    assert str(refusal.value) == str(expected.value)
    assert contents(tmp_path / "spark") == {}


def write_rows(path: Path, rows: Sequence[tuple[str, ...]], *header: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([header, *rows])


@pytest.mark.parametrize("has_test", [True, False])
@pytest.mark.parametrize("has_validation", [True, False])
def test_given_splits_and_merged_labels_are_those_of_one_machine(
    spark: Any, tmp_path: Path, has_test: bool, has_validation: bool
) -> None:
    raw = raw_folder(tmp_path / "raw")
    rows = [
        (text.decode(), ("fresh", "Rotten", "fresh", "Rotten", "ROTTEN")[number % 5])
        for number, (_, text) in enumerate(usable(60))
        if text.strip()
    ]
    write_rows(raw / "train" / "part-0.csv", rows[:80], "Review", "Sentiment")
    as_parquet_file(raw / "train" / "part-1.parquet", rows[80:100], "Review", "Sentiment")
    write_rows(raw / "unsupervised.csv", [("film", "")], "Review", "Sentiment")
    if has_validation:
        write_rows(raw / "dev.csv", rows[100:120], "Review", "Sentiment")
    if has_test:
        split = [(*row, ("test", "Test", "unsup")[n % 3]) for n, row in enumerate(rows[120:])]
        write_rows(raw / "x" / "others.csv", split, "Review", "Sentiment", "split")
    expected = single(raw, tmp_path / "single")
    assert on_spark(spark, 3, raw, tmp_path / "spark") == expected
    manifest = json.loads(expected["manifest/manifest.json"])
    assert {name: split["source"] for name, split in manifest["splits"].items()} == {
        "train": "path",
        "validation": "path" if has_validation else "fraction of train",
        "test": "column split" if has_test else "hash of ids",
    }
    assert manifest["labels"]["positive"] == "Rotten"
