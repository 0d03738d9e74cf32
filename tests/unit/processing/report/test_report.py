"""The report for people: its numbers, its words, what it may hold, and that it needs nothing."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from processing.errors import DataError
from processing.jobs import report as report_job
from tests.support.evaluation_samples import (
    BALANCED,
    SCORES,
    Files,
    arguments,
    as_rows,
    champion,
    changed,
    evaluated,
    page,
    run_of,
)

SECTIONS = "rivals confusion ranking trust learning terms mistakes data provenance".split()
LOADING = {"script", "link", "img", "iframe", "object", "embed", "video", "audio", "form", "base"}
VOID = {"meta", "path", "use", "rect"}


class Page(HTMLParser):
    """What the tests ask of a page: its tags with their attributes, and its text."""

    def __init__(self, content: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[tuple[str, dict[str, str]]] = []
        self.open: list[str] = []
        self.words: list[str] = []
        self.feed(content)
        self.close()
        assert self.open == [], "every element is closed"

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert len({name for name, _ in attrs}) == len(attrs)
        self.tags.append((tag, {name: value or "" for name, value in attrs}))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, {name: value or "" for name, value in attrs}))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag, tag

    def handle_data(self, data: str) -> None:
        if "style" not in self.open:
            self.words.append(data)

    def named(self, tag: str) -> list[dict[str, str]]:
        return [attributes for name, attributes in self.tags if name == tag]

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.words).split())


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[str, Any], str]:
    """An evaluation and its page."""
    folder = tmp_path_factory.mktemp("made")
    found = evaluated(folder, arguments(folder / "in"), "--provenance", "eta=0.2", "commit=abc123")
    return found, page(folder)


def made_with(folder: Path, *more: str, **inputs: Any) -> str:
    evaluated(folder, arguments(folder / "in", **inputs), *more)
    return page(folder)


def test_the_page_has_every_section_and_leads_to_each(made: tuple[dict[str, Any], str]) -> None:
    found = Page(made[1])
    assert [section["id"] for section in found.named("section")] == SECTIONS
    assert [link["href"] for link in found.named("a")] == [f"#{name}" for name in SECTIONS]


def test_ids_are_unique_and_what_refers_to_them_finds_them(
    made: tuple[dict[str, Any], str],
) -> None:
    found = Page(made[1])
    ids = [attributes["id"] for _, attributes in found.tags if "id" in attributes]
    assert len(ids) == len(set(ids))
    used = {name for _, tag in found.tags for name in [tag.get("href", "")] if name}
    used |= {f"#{tag['aria-labelledby']}" for _, tag in found.tags if "aria-labelledby" in tag}
    used |= set(re.findall(r"url\((#[^)]*)\)", made[1]))
    assert {name.removeprefix("#") for name in used} <= set(ids)


def test_numbers_are_those_of_the_evaluation(made: tuple[dict[str, Any], str]) -> None:
    evaluation, content = made
    text = Page(content).text
    metrics = evaluation["binary_classification_metrics"]
    assert "66.7 % of 6 reviews told right" in text
    for name in ("auc", "f1", "precision", "recall"):
        assert f"{metrics[name]['value']:.4f}" in text
    for name in ("brier", "log_loss"):
        assert f"{evaluation['calibration'][name]:.4f}" in text
    for row in metrics["confusion_matrix"].values():
        for count in row.values():
            assert f" {count} " in text
    assert f"The gate reads accuracy: {metrics['accuracy']['value']}." in text
    for value in evaluation["inputs_sha256"].values():
        assert value in text
    assert "commit abc123" in text
    assert "eta 0.2" in text


def test_the_headline_compares_with_always_saying_one_class(tmp_path: Path) -> None:
    text = Page(made_with(tmp_path)).text
    assert "16.67 points above always saying “neg” (50.00 %)" in text
    assert "the article" not in text


def test_the_articles_accuracy_is_told_only_of_its_own_test_set(tmp_path: Path) -> None:
    labels, scores = BALANCED
    text = Page(made_with(tmp_path, labels=labels, scores=scores)).text
    assert "the article’s notebook (86.53 %)" in text
    assert "of 25,000 reviews told right" in text


def test_a_champion_of_the_same_reviews_is_told_with_its_test(tmp_path: Path) -> None:
    old = evaluated(tmp_path / "old", arguments(tmp_path / "1"))
    folder = champion(tmp_path / "champion", old)
    text = Page(made_with(tmp_path / "new", "--champion", str(folder))).text
    assert "level with version 3, the last approved" in text
    assert "only this one is right on 0 reviews, only that one on 0: p = 1 (McNemar)" in text
    assert "The last approved version has 0.6666666667, and asks for at least" in text


def test_a_champion_of_other_reviews_is_told_to_be_one(tmp_path: Path) -> None:
    rows = {"part-00000.csv": "a,1,1\nb,1,1\nc,1,1\n", "part-00001.csv": "d,1,1\ne,1,1\nf,1,1\n"}
    old = evaluated(tmp_path / "old", arguments(tmp_path / "1", rows=rows))
    folder = champion(tmp_path / "champion", old)
    text = Page(made_with(tmp_path / "new", "--champion", str(folder))).text
    assert "measured apart, so compared unpaired: p = 1" in text
    assert "It was measured on other reviews." in text


def test_the_page_loads_nothing_and_runs_nothing(made: tuple[dict[str, Any], str]) -> None:
    content = made[1]
    found = Page(content)
    assert {tag for tag, _ in found.tags} & LOADING == set()
    assert not any(name.startswith("on") for _, tag in found.tags for name in tag)
    assert "://" not in content
    assert "@import" not in content
    assert re.findall(r"url\((?!#)", content) == []
    [policy] = [tag["content"] for tag in found.named("meta") if "http-equiv" in tag]
    assert policy == "default-src 'none'; style-src 'unsafe-inline'"


def test_every_picture_is_told_to_who_does_not_see_it(made: tuple[dict[str, Any], str]) -> None:
    found = Page(made[1])
    pictures = found.named("svg")
    assert len(pictures) == 7
    assert {picture["role"] for picture in pictures} == {"img"}
    assert len({picture["aria-label"] for picture in pictures}) == 7
    assert all(len(picture["aria-label"]) > 20 for picture in pictures)
    assert len(found.named("figcaption")) == 7


def test_pictures_have_the_pages_colours_and_no_clock(made: tuple[dict[str, Any], str]) -> None:
    pictures = "".join(re.findall(r"<svg.*?</svg>", made[1], re.DOTALL))
    assert set(re.findall(r"var\(--(\w+)\)", pictures)) >= {"first", "grid", "muted", "second"}
    assert re.findall(r"(?:fill|stroke): #\w+", pictures) == []
    assert "font-family" not in pictures
    assert re.findall(r"20\d\d-\d\d", made[1]) == []


def test_tables_name_their_rows_and_columns(made: tuple[dict[str, Any], str]) -> None:
    found = Page(made[1])
    assert {heading["scope"] for heading in found.named("th")} == {"col", "row"}
    assert len(found.named("caption")) == len(found.named("table"))


@pytest.mark.parametrize(
    ("ink", "paper"),
    [
        ("ink", "paper"),
        ("muted", "paper"),
        ("ink", "wash"),
        ("muted", "wash"),
        ("first", "paper"),
        ("second", "paper"),
    ],
)
def test_text_can_be_told_from_its_ground(
    made: tuple[dict[str, Any], str], ink: str, paper: str
) -> None:
    for theme in re.findall(r"(--paper: [^}]*)", made[1])[:2]:
        colours = dict(re.findall(r"--(\w+): #(\w{6})", theme))
        one, other = sorted((luminance(colours[ink]), luminance(colours[paper])))
        assert (other + 0.05) / (one + 0.05) >= 4.5


def luminance(colour: str) -> float:
    """The relative luminance of WCAG 2."""
    parts = [int(colour[at : at + 2], 16) / 255 for at in (0, 2, 4)]
    red, green, blue = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


HOSTILE = "<script>alert(1)</script>\"&'\u202e\x07"


def test_hostile_names_are_text(tmp_path: Path) -> None:
    rows = {
        "part-00000.csv": as_rows([(f"{HOSTILE}{number}", 1, 1) for number in range(3)]),
        "part-00001.csv": as_rows([("<img src=x>\udcff", 1, 1), ("b", 1, 1), ("c", 1, 1)]),
    }
    labels = {"labels": {"negative": "<b>no</b>", "positive": '"><i>'}}
    run = changed(run_of(), tmp_path / "run", "vocabulary", {"labels": ["<b>no</b>", '"><i>']})
    run = changed(run, tmp_path / "run2", "manifest", {**labels, "<u>": "<u>"})
    content = made_with(tmp_path, "--provenance", "<em>=<em>", rows=rows, run=run)
    found = Page(content)
    assert {tag for tag, _ in found.tags} & {"script", "img", "b", "u", "em"} == set()
    assert "<script>alert(1)</script>\"&'\\u202e\\x072" in found.text
    assert "<img src=x>\\udcff" in found.text
    assert "<em>" in found.text
    assert "always saying “<b>no</b>”" in found.text


def test_worst_mistakes_come_worst_first_and_equal_ones_in_the_order_of_their_rows(
    tmp_path: Path,
) -> None:
    scores = {"part-00000.x": "0.2\n0.7\n0.3\n", "part-00001.x": "0.8\n0.7\n0.9\n"}
    text = Page(made_with(tmp_path, scores=scores)).text
    told = re.findall(r"(part-0000\d/\d) (neg|pos) ([\d.]+) 10", text)
    assert told == [
        ("part-00000/1", "pos", "0.2000"),
        ("part-00001/1", "neg", "0.8000"),
        ("part-00000/2", "neg", "0.7000"),
        ("part-00000/3", "pos", "0.3000"),
        ("part-00001/2", "neg", "0.7000"),
    ]


def test_perfect_and_hopeless_models_have_a_page_too(tmp_path: Path) -> None:
    perfect = {"part-00000.x": "1\n0\n1\n", "part-00001.x": "0\n0\n1\n"}
    assert "100.0 % of 6" in Page(made_with(tmp_path / "1", scores=perfect)).text
    constant = dict.fromkeys(SCORES, "0.1\n0.1\n0.1\n")
    assert "50.0 % of 6" in Page(made_with(tmp_path / "2", scores=constant)).text


def test_uneven_classes_are_told(tmp_path: Path) -> None:
    labels = {"part-00000.csv": "1\n0\n0\n", "part-00001.csv": "0\n0\n0\n"}
    text = Page(made_with(tmp_path, labels=labels)).text
    assert "Only 16.7 % of the test set are pos: accuracy flatters" in text


@pytest.mark.parametrize("feature_format", ["text/libsvm", "text/csv"])
@pytest.mark.parametrize("features", ["stems", "evidence"])
def test_terms_are_named_by_their_columns(
    tmp_path: Path, features: str, feature_format: str
) -> None:
    text = Page(made_with(tmp_path, run=run_of(features, feature_format))).text
    assert ("Most telling stems" in text) == (features == "stems")
    told = re.findall(
        r"evidence of (?:\d-word phrases|words), (?:in sum|on average) (?:pos|neg) ", text
    )
    assert bool(told) == (features == "evidence")
    if features == "stems":
        assert re.search(r"great pos \+\d", text) or re.search(r"aw neg −\d", text)
    assert "constant" not in text


def test_the_learning_curve_ends_where_the_model_does(made: tuple[dict[str, Any], str]) -> None:
    text = Page(made[1]).text
    assert "Log loss after 8 rounds" in text
    splits = json.loads((run_of() / "manifest" / "manifest.json").read_text())["splits"]
    train, validation = splits["train"]["rows"], splits["validation"]["rows"]
    assert f"Measured on {train} rows of train and {validation} of validation" in text


def test_a_model_of_another_run_is_refused_in_one_line(tmp_path: Path) -> None:
    narrow = changed(run_of(), tmp_path / "run", "vocabulary", {"terms": ["bad"]})
    with pytest.raises(DataError, match="the model has more columns than the vocabulary"):
        made_with(tmp_path / "1", run=narrow)


def report(folder: Path, given: list[str], *more: str) -> str:
    words = [*given, "--evaluation", str(folder / "evaluation"), "--output", str(folder / "again")]
    report_job.run(report_job.parser().parse_args([*words, *more]))
    return (folder / "again" / "report.html").read_text(encoding="utf-8")


def test_the_page_made_anew_is_the_page_that_evaluate_made(tmp_path: Path) -> None:
    given = arguments(tmp_path / "in")
    evaluated(tmp_path, given)
    assert report(tmp_path, given) == page(tmp_path)


def test_texts_are_shown_only_with_the_raw_reviews(tmp_path: Path) -> None:
    rows: Files = {
        "part-00000.csv": "a,1,1\nb,1,1\nc,1,1\n",
        "part-00001.csv": "d,1,1\ne,1,1\nf,1,1\n",
    }
    given = arguments(tmp_path / "in", rows=rows)
    evaluated(tmp_path, given)
    raw = tmp_path / "raw"
    raw.mkdir()
    texts = {"c": "So <b>bad</b><script>alert(1)</script> it's & good.", "d": "word " * 99}
    lines = [{"id": name, "body": text, "stars": "1"} for name, text in texts.items()]
    (raw / "r.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    columns = ("--text-column", "body", "--label-column", "stars")
    found = Page(report(tmp_path, given, "--raw", str(raw), *columns))
    assert "it's & good." in found.text
    assert "word word…" in found.text
    assert "script" not in {tag for tag, _ in found.tags}
    assert "This page holds text of reviews" in found.text
    assert "it's & good." not in page(tmp_path)
    assert "holds no review’s text" in page(tmp_path)


def test_an_evaluation_of_other_reviews_is_refused(tmp_path: Path) -> None:
    evaluated(tmp_path, arguments(tmp_path / "in"))
    other = arguments(
        tmp_path / "other",
        labels={"part-00000.csv": "1\n", "part-00001.csv": "0\n"},
        scores={"part-00000.x": "1\n", "part-00001.x": "0\n"},
    )
    with pytest.raises(DataError, match="the evaluation is of other reviews"):
        report(tmp_path, other)


@pytest.mark.parametrize("name", ["preprocess", "champion", "find_model", "join", "predict"])
def test_other_jobs_start_without_what_draws(name: str) -> None:
    code = (
        f"import sys, processing.jobs.{name}; print({{'matplotlib', 'xgboost'}} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "set()\n"
