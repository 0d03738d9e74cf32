"""Serving and Batch Transform of the XGBoost emulation: requests, answers, refusals."""

from __future__ import annotations

import io
import os
import subprocess
import sys
from functools import partial
from pathlib import Path

import numpy as np
import pytest
import scipy.sparse
import xgboost

from local_runner.algorithms.batch_transform import TransformOptions, requests, transform
from local_runner.algorithms.xgboost.errors import UserError
from local_runner.algorithms.xgboost.serve import MAX_BODY_BYTES, Model
from local_runner.algorithms.xgboost.train import train
from tests.support.clean_room import ROOT
from tests.support.xgboost_samples import (
    csv,
    libsvm,
    run_image,
    sample,
    write_opt_ml,
)

pytestmark = pytest.mark.filterwarnings("ignore::UserWarning:xgboost")

LIBSVM, CSV = "text/libsvm", "text/csv"
TEST = sample(40, seed=9)


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The model folder of each format, trained once."""
    rows = sample(120, seed=1)
    folders = {}
    for content_type, content in ((LIBSVM, libsvm(rows)), (CSV, csv(rows))):
        root = tmp_path_factory.mktemp("ml") / "ml"
        folders[content_type] = write_opt_ml(root, {"train": content}, content_type) / "model"
        train(root)
    return folders


def scores(model: Path, body: str, content_type: str = LIBSVM) -> list[float]:
    answer = Model(model).invoke(body.encode(), content_type).decode()
    return [float(line) for line in answer.splitlines()]


def refusal(model: Path, body: bytes, content_type: str = LIBSVM) -> str:
    with pytest.raises(UserError) as refused:
        Model(model).invoke(body, content_type)
    return str(refused.value)


@pytest.mark.parametrize(
    ("content_type", "body"),
    [(LIBSVM, libsvm(TEST)), (CSV, csv(TEST, labels=False))],
    ids=["libsvm", "csv"],
)
def test_answer_has_one_prediction_per_line(
    models: dict[str, Path], tmp_path: Path, content_type: str, body: str
) -> None:
    answer = Model(models[content_type]).invoke(body.encode(), content_type).decode()
    booster = xgboost.Booster(model_file=models[content_type] / "xgboost-model")
    file = tmp_path / "rows"
    if content_type == CSV:
        file.write_text(csv(TEST))
        matrix = xgboost.DMatrix(f"{file}?format=csv&label_column=0")
    else:
        file.write_text(body)
        matrix = xgboost.DMatrix(f"{file}?format=libsvm")
    expected = [str(value) for value in booster.predict(matrix).tolist()]
    assert answer.splitlines() == expected
    assert answer.endswith("\n")
    assert len(expected) == 40


def test_trained_model_separates_the_classes(models: dict[str, Path]) -> None:
    predicted = [int(score > 0.5) for score in scores(models[LIBSVM], libsvm(TEST))]
    right = sum(guess == label for guess, (label, _) in zip(predicted, TEST, strict=True))
    assert right / len(TEST) > 0.85


@pytest.mark.parametrize(
    ("content_type", "body"), [(LIBSVM, libsvm(TEST)), (CSV, csv(TEST, labels=False))]
)
def test_transform_imports_neither_pandas_nor_scikit_learn(
    models: dict[str, Path], tmp_path: Path, content_type: str, body: str
) -> None:
    folder = tmp_path / "opt_ml"
    (folder / "output" / "data").mkdir(parents=True)
    (folder / "input" / "data").mkdir(parents=True)
    (folder / "model").symlink_to(models[content_type])
    (folder / "input" / "data" / "rows").write_text(body)
    program = (
        "import sys; from local_runner.algorithms.xgboost.__main__ import main; "
        f"sys.argv[1:] = ['transform', '--content-type', {content_type!r}]; "
        "main(); sys.exit(bool({'pandas', 'sklearn'} & sys.modules.keys()))"
    )
    environment = {**os.environ, "OPT_ML": str(folder)}
    subprocess.run([sys.executable, "-c", program], check=True, cwd=ROOT, env=environment)
    assert (folder / "output" / "data" / "rows.out").read_text()


def test_labels_in_a_request_change_nothing(models: dict[str, Path]) -> None:
    other = [(1 - label, counts) for label, counts in TEST]
    assert scores(models[LIBSVM], libsvm(TEST)) == scores(models[LIBSVM], libsvm(other))


@pytest.mark.parametrize(
    ("body", "same_as"),
    [
        ("1 0:1 3:2 9:1", "0:1 3:2 9:1"),
        ("1 9:1 3:2 0:1", "1 0:1 3:2 9:1"),
        ("1 0:1 3:1 3:1 9:1", "1 0:1 3:2 9:1"),
        ("1  0:1 3:2 9:1 ", "1 0:1 3:2 9:1"),
        ("1 0:1 3:2 9:1\r\n0 0:1 9:1\r\n", "1 0:1 3:2 9:1\n0 0:1 9:1\n"),
        ("\n\n1 0:1 3:2 9:1\n\n", "1 0:1 3:2 9:1"),
    ],
    ids=["no-label", "order", "summed", "spaces", "crlf", "blank-ends"],
)
def test_rows_are_read_as_leniently_as_by_the_image(
    models: dict[str, Path], body: str, same_as: str
) -> None:
    assert scores(models[LIBSVM], body) == scores(models[LIBSVM], same_as)


@pytest.mark.parametrize("at_a_time", [1, 7, 40])
def test_scores_do_not_depend_on_the_size_of_requests(
    models: dict[str, Path], at_a_time: int
) -> None:
    lines = libsvm(TEST).splitlines()
    found = [
        score
        for start in range(0, len(lines), at_a_time)
        for score in scores(models[LIBSVM], "\n".join(lines[start : start + at_a_time]))
    ]
    assert found == scores(models[LIBSVM], libsvm(TEST))


@pytest.mark.parametrize("rows", [1, 3])
def test_request_of_rows_without_words_is_scored_at_the_width_of_the_model(
    models: dict[str, Path], rows: int
) -> None:
    request = libsvm([(0, [0] * 8)] * rows)
    assert request == "0 0:1 9:1\n" * rows
    booster = xgboost.Booster(model_file=models[LIBSVM] / "xgboost-model")
    constants = np.ones(2 * rows), ([row for row in range(rows) for _ in "01"], [0, 9] * rows)
    full_width = scipy.sparse.csr_matrix(constants, shape=(rows, booster.num_features()))
    expected = booster.predict(xgboost.DMatrix(full_width)).tolist()
    assert scores(models[LIBSVM], request) == expected
    among_others = scores(models[LIBSVM], request + libsvm(TEST))
    assert among_others[:rows] == expected


@pytest.mark.parametrize(
    ("body", "answers"),
    [("1 0:1\n1\n0 0:1", 3), ("1\n0 0:1", 2), ("0 0:1\n1", 1), ("0 0:1\n\n0 0:1", 3)],
    ids=["between", "first", "last", "blank-between"],
)
def test_row_without_entries_is_answered_as_by_the_image(
    models: dict[str, Path], body: str, answers: int
) -> None:
    assert len(scores(models[LIBSVM], body)) == answers


@pytest.mark.parametrize(
    "content_type", ["text/libsvm", "TEXT/LIBSVM", "libsvm", "text/libsvm; charset=utf-8"]
)
def test_content_type_of_a_request_is_read_without_case_and_parameters(
    models: dict[str, Path], content_type: str
) -> None:
    assert len(scores(models[LIBSVM], libsvm(TEST), content_type)) == 40


@pytest.mark.parametrize("content_type", ["text/plain", ""])
def test_another_content_type_is_refused_as_415(models: dict[str, Path], content_type: str) -> None:
    message = refusal(models[LIBSVM], b"1 0:1", content_type)
    assert message == f"415: Content-type {content_type} is not supported."


@pytest.mark.parametrize(
    ("content_type", "body", "form"),
    [
        (LIBSVM, b"1 a:1", "libsvm"),
        (LIBSVM, b"1 0:x", "libsvm"),
        (LIBSVM, b"1,2,3", "libsvm"),
        (LIBSVM, b"1", "libsvm"),
        (LIBSVM, b"1 0:1 \xff:1", "libsvm"),
        (CSV, b"1,a,3", "csv"),
        (CSV, b"1,2,3\n4,5", "csv"),
        (CSV, b"1 0:1", "csv"),
        pytest.param(
            CSV,
            b"1,2,3\n4",
            "csv",
        ),
    ],
    ids=[
        "index",
        "value",
        "csv-as-libsvm",
        "label-only",
        "bytes",
        "word",
        "ragged",
        "libsvm-as-csv",
        "ragged-but-divisible",
    ],
)
def test_request_that_cannot_be_read_is_refused_as_415(
    models: dict[str, Path], content_type: str, body: bytes, form: str
) -> None:
    message = refusal(models[content_type], body, content_type)
    assert message.startswith(f"415: Loading {form} data failed with Exception, ")


@pytest.mark.parametrize("content_type", ["application/x-parquet", "parquet"])
def test_content_type_that_only_the_image_reads_is_refused_as_unsupported_by_local_runs(
    models: dict[str, Path], content_type: str
) -> None:
    message = refusal(models[LIBSVM], b"1 0:1", content_type)
    assert message.startswith("415: ")
    assert "local runs" in message


@pytest.mark.parametrize("parameters", ["label_size=2", " Label_Size = 0", 'label_size="2"'])
def test_label_size_other_than_1_is_refused_as_415(
    models: dict[str, Path], parameters: str
) -> None:
    message = refusal(models[CSV], b"1,2,3", f"text/csv;{parameters}")
    assert message.startswith(f"415: text/csv;{parameters} is not an accepted csv ContentType")


@pytest.mark.parametrize("parameters", ["label_size=1", "label_size=2;label_size=1", "label_size"])
def test_label_size_of_1_is_accepted(models: dict[str, Path], parameters: str) -> None:
    row = "1,2,3,0,1,2,3,0"
    assert scores(models[CSV], row, f"text/csv;{parameters}") == scores(models[CSV], row, CSV)


@pytest.mark.parametrize("delimiter", ["\t", ";", "|", " ", ", "])
def test_first_csv_row_decides_the_delimiter(models: dict[str, Path], delimiter: str) -> None:
    rows = csv(TEST, labels=False)
    assert scores(models[CSV], rows.replace(",", delimiter), CSV) == scores(models[CSV], rows, CSV)


@pytest.mark.parametrize("delimiter", [",", ";"])
@pytest.mark.parametrize(
    "row",
    [",2,3,0,1,2,3,0", "1,2,3,0,1,2,3,", ",2,,,1,2,3,", "1,2,3,0,,,,0"],
    ids=["first", "last", "some", "three-in-a-row"],
)
def test_empty_csv_cell_is_a_missing_value(
    models: dict[str, Path], row: str, delimiter: str
) -> None:
    full = "1,2,3,0,1,2,3,0"
    cells = [float(cell or "nan") for cell in row.split(",")]
    booster = xgboost.Booster(model_file=models[CSV] / "xgboost-model")
    expected = booster.predict(xgboost.DMatrix(np.array([cells]))).tolist()[0]
    body = f"{full}\n{row}\n{full}\n".replace(",", delimiter)
    assert scores(models[CSV], body, CSV)[1] == expected


def test_blank_row_of_a_single_column_is_a_missing_value(models: dict[str, Path]) -> None:
    assert len(scores(models[CSV], "1\n\n2\n", CSV)) == 3


def test_empty_request_has_an_empty_answer(models: dict[str, Path]) -> None:
    assert Model(models[LIBSVM]).invoke(b"", LIBSVM) == b""


@pytest.mark.parametrize(
    ("body", "same_as"),
    [
        ("1 0:1 7 3:2 9:1", "1 0:1 3:2 9:1"),
        ("1 0:1 3:2:5 9:1", "1 0:1 3:2 9:1"),
        ("2:1 0:1 3:2 9:1", "1 0:1 2:1 3:2 9:1"),
        ("1 0:1 +3:2 9:1", "1 0:1 3:2 9:1"),
        ("1 0:1 # 3:2 9:1", "1 0:1 3:2 9:1"),
        ("1 0:1 3:nan 9:1", "1 0:1 9:1"),
    ],
    ids=["no-colon", "two-colons", "weight", "plus", "comment", "nan"],
)
def test_odd_libsvm_cells_are_read_as_by_the_image(
    models: dict[str, Path], body: str, same_as: str
) -> None:
    assert scores(models[LIBSVM], body) == scores(models[LIBSVM], same_as)


@pytest.mark.parametrize(
    "cell",
    [
        "1.5:1",
        "1.0:1",
        "1e0:1",
        "-1:1",
        "nan:1",
        "1:",
        ":1",
        "2\t:1\t3:1",
        "1:inf",
        "1:1-2",
        "1:1.2.3",
        f"{9**30}:1",
    ],
)
def test_libsvm_cell_that_the_image_cannot_read_is_refused_as_415(
    models: dict[str, Path], cell: str
) -> None:
    assert refusal(models[LIBSVM], f"1 0:1 {cell} 9:1".encode()).startswith("415: ")


def test_request_of_more_than_6_mb_is_refused_as_413(models: dict[str, Path]) -> None:
    row = b"1 0:1 9:1\n"
    most = row * (MAX_BODY_BYTES // len(row))
    body = most + b" " * (MAX_BODY_BYTES + 1 - len(most))
    message = refusal(models[LIBSVM], body)
    assert message == "413: a request of 6,291,457 bytes; at most 6,291,456"


def test_request_wider_than_the_model_is_refused_as_400(models: dict[str, Path]) -> None:
    message = refusal(models[LIBSVM], b"1 0:1 10:1")
    assert message.startswith("400: Unable to evaluate payload provided: ")
    assert "(10 vs. 11) : Number of columns does not match" in message


def test_request_narrower_than_the_model_is_answered(models: dict[str, Path]) -> None:
    assert len(scores(models[LIBSVM], "1 0:1")) == 1


def test_file_in_a_model_archive_that_is_not_a_model_is_refused(
    models: dict[str, Path], tmp_path: Path
) -> None:
    (tmp_path / "xgboost-model").write_bytes((models[LIBSVM] / "xgboost-model").read_bytes())
    (tmp_path / "vocabulary.json").write_bytes(b"{}")
    with pytest.raises(UserError, match=r"^Model vocabulary.json cannot be loaded: "):
        Model(tmp_path)


def ensemble(root: Path, **hyperparameters: str) -> Path:
    given = {"_kfold": "3", **hyperparameters}
    opt_ml = write_opt_ml(root / "ml", {"train": libsvm(sample(120, seed=1))}, **given)
    train(opt_ml)
    return opt_ml / "model"


def test_models_of_an_ensemble_answer_with_their_mean(tmp_path: Path) -> None:
    folder = ensemble(tmp_path)
    rows = libsvm(TEST)
    singly = []
    for number in range(3):
        single = tmp_path / str(number)
        single.mkdir()
        (single / "xgboost-model").write_bytes((folder / f"xgboost-model-{number}").read_bytes())
        singly.append(scores(single, rows))
    assert scores(folder, rows) == pytest.approx(np.mean(singly, axis=0))
    first = Model(folder, is_ensemble=False).invoke(rows.encode(), LIBSVM).decode()
    assert [float(line) for line in first.splitlines()] == singly[0]


def test_classes_of_an_ensemble_cannot_be_combined_as_in_the_image(tmp_path: Path) -> None:
    folder = ensemble(tmp_path, objective="binary:hinge")
    assert refusal(folder, libsvm(TEST).encode()).startswith("500: ")


def test_hidden_file_in_a_model_archive_is_ignored(models: dict[str, Path], tmp_path: Path) -> None:
    (tmp_path / "xgboost-model").write_bytes((models[LIBSVM] / "xgboost-model").read_bytes())
    (tmp_path / ".DS_Store").write_bytes(b"")
    assert len(scores(tmp_path, "1 0:1 9:1")) == 1


def test_empty_model_archive_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"got nothing$"):
        Model(tmp_path)


def test_invalid_model_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "xgboost-model").write_bytes(b"no model")
    with pytest.raises(UserError, match=r"^Model xgboost-model cannot be loaded: "):
        Model(tmp_path)


@pytest.mark.parametrize(
    ("most", "bodies"),
    [
        (1, ["a\n", "bb\n", "c\n"]),
        (4, ["a\n", "bb\n", "c\n"]),
        (5, ["a\nbb\n", "c\n"]),
        (7, ["a\nbb\nc\n"]),
        (100, ["a\nbb\nc\n"]),
    ],
)
def test_requests_are_whole_lines_within_the_size_limit(most: int, bodies: list[str]) -> None:
    found = list(requests(io.BytesIO(b"a\nbb\nc\n"), most))
    assert [body.decode() for body in found] == bodies


def test_last_line_without_newline_is_sent_too() -> None:
    assert list(requests(io.BytesIO(b"a\nb"), 2)) == [b"a\n", b"b"]
    assert list(requests(io.BytesIO(b""), 2)) == []


def lay_out_transform(root: Path, model: Path, files: dict[str, str]) -> Path:
    (root / "model").mkdir(parents=True)
    (root / "model" / "xgboost-model").write_bytes((model / "xgboost-model").read_bytes())
    for name, content in files.items():
        path = root / "input" / "data" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content)
    (root / "output" / "data").mkdir(parents=True)
    return root


@pytest.mark.parametrize("content_type", [LIBSVM, CSV])
def test_predictions_are_the_same_bytes_for_every_request_size(
    models: dict[str, Path], tmp_path: Path, content_type: str
) -> None:
    body = libsvm(TEST) if content_type == LIBSVM else csv(TEST, labels=False)
    answers = []
    for most in (1, 100, 1 << 20):
        model = Model(models[content_type])
        cut = list(requests(io.BytesIO(body.encode()), most))
        answers.append(b"".join(model.invoke(part, content_type) for part in cut))
    assert answers[0] == answers[1] == answers[2]
    assert len(answers[0].splitlines()) == 40


@pytest.mark.parametrize("strategy", ["MultiRecord", "SingleRecord"])
def test_each_file_is_answered_under_its_name(
    models: dict[str, Path], tmp_path: Path, strategy: str
) -> None:
    files = {"part-0": libsvm(TEST[:3]), "deep/part-1": libsvm(TEST[3:8])}
    root = lay_out_transform(tmp_path / "ml", models[LIBSVM], files)
    invoke = partial(Model(root / "model").invoke, content_type=LIBSVM)
    transform(root, invoke, TransformOptions(LIBSVM, batch_strategy=strategy))
    output = root / "output" / "data"
    found = {
        path.relative_to(output).as_posix(): len(path.read_text().splitlines())
        for path in output.rglob("*.out")
    }
    assert found == {"part-0.out": 3, "deep/part-1.out": 5}


def test_program_reports_a_request_that_is_too_large(
    models: dict[str, Path], tmp_path: Path
) -> None:
    # A single line above the limit can't be divided.
    line = "1 0:1" + " 1:1" * 1_600_000 + "\n"
    root = lay_out_transform(tmp_path / "ml", models[LIBSVM], {"part-0": line})
    ended = run_image(
        root,
        *("transform", "--content-type", LIBSVM),
        *("--batch-strategy", "MultiRecord", "--max-payload-mb", "6"),
    )
    assert ended.returncode == 1
    message = "413: a request of 6,400,006 bytes; at most 6,291,456"
    assert (root / "output" / "failure").read_text() == message
    assert ended.stderr == f"error: {message}\n"
