"""DataProcessing of a transform job: what the model gets, and what is published."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from local_runner.errors import DefinitionError, JobFailed
from local_runner.jobs.model_resource import create_model
from local_runner.jobs.transform_job import create_transform_job
from local_runner.platform.containers import Invocation
from local_runner.platform.object_store import FolderStore
from tests.support.runner_samples import (
    XGBOOST,
    FakeContainer,
    document,
    job_context,
    model_archive,
    planned,
    put_object,
)

LINES, WHOLE = "application/jsonlines", "application/json"


def transformed(
    root: Path,
    settings: dict[str, str],
    records: str,
    predictions: str,
    content_type: str = "text/csv",
    split: str = "Line",
) -> tuple[str, str]:
    """Return what the model gets and what is published."""
    seen: list[str] = []

    def program(invocation: Invocation) -> None:
        seen.append((invocation.opt_ml / "input/data/part-0").read_text(encoding="utf-8"))
        (invocation.opt_ml / "output/data/part-0.out").write_text(predictions, encoding="utf-8")

    put_object(root, "s3://b/model.tar.gz", model_archive({"xgboost-model": b"trees"}))
    put_object(root, "s3://b/test/part-0", records)
    model = {"PrimaryContainer": {"Image": XGBOOST, "ModelDataUrl": "s3://b/model.tar.gz"}}
    named = create_model(model, job_context(root, FakeContainer(), "model"))["ModelName"]
    request = {**arguments(settings, content_type, split), "ModelName": named}
    create_transform_job(request, job_context(root, FakeContainer({"transform": program})))
    store = FolderStore(root / "s3")
    assert store.path("s3://b/test/part-0").read_text(encoding="utf-8") == records
    published = store.path("s3://b/scores/part-0.out").read_text(encoding="utf-8")
    return seen[0], published


def arguments(
    settings: dict[str, str],
    content_type: str,
    split: str,
    accept: str | None = None,
    assemble: str | None = None,
) -> dict[str, Any]:
    output = {"AssembleWith": assemble or split, "S3OutputPath": "s3://b/scores"}
    return {
        "DataProcessing": settings,
        "ModelName": "model",
        "TransformInput": {
            "ContentType": content_type,
            "SplitType": split,
            "DataSource": {"S3DataSource": {"S3Uri": "s3://b/test"}},
        },
        "TransformOutput": {**output, "Accept": accept} if accept else output,
    }


ROWS = '7,1,2,"a, b"\n8,3,4,c\n'
OF_ROWS = {
    "defaults": (
        {"InputFilter": "$", "OutputFilter": "$", "JoinSource": "None"},
        ROWS,
        "0.5\n0.25\n",
    ),
    "input": ({"InputFilter": "$[1:3]"}, "1,2\n3,4\n", "0.5\n0.25\n"),
    "one column": ({"InputFilter": "$[-1]"}, '"a, b"\nc\n', "0.5\n0.25\n"),
    "join": ({"JoinSource": "Input"}, ROWS, '7,1,2,"a, b",0.5\n8,3,4,c,0.25\n'),
    "all": (
        {"InputFilter": "$[1,2]", "JoinSource": "Input", "OutputFilter": "$[0,-1]"},
        "1,2\n3,4\n",
        "7,0.5\n8,0.25\n",
    ),
}


@pytest.mark.parametrize(("settings", "given", "published"), OF_ROWS.values(), ids=OF_ROWS)
def test_rows_are_filtered_and_joined_with_their_predictions(
    tmp_path: Path, settings: dict[str, str], given: str, published: str
) -> None:
    assert transformed(tmp_path, settings, ROWS, "0.5\n0.25\n") == (given, published)


OBJECTS = '{"id": 7, "features": [1, "é"]}\n\n{"id": 8, "features": [2.0]}\n'
LABELS = '{"label": 1}\n{"label": 0}\n'
OF_OBJECTS = {
    "input": ({"InputFilter": "$.features"}, '[1,"é"]\n[2.0]\n', '{"label":1}\n{"label":0}\n'),
    "documented example": (
        {
            "InputFilter": "$.features",
            "JoinSource": "Input",
            "OutputFilter": "$['id','SageMakerOutput']",
        },
        '[1,"é"]\n[2.0]\n',
        '{"id":7,"SageMakerOutput":{"label":1}}\n{"id":8,"SageMakerOutput":{"label":0}}\n',
    ),
    "output": (
        {"JoinSource": "Input", "OutputFilter": "$.SageMakerOutput.label"},
        '{"id":7,"features":[1,"é"]}\n{"id":8,"features":[2.0]}\n',
        "1\n0\n",
    ),
}


@pytest.mark.parametrize(("settings", "given", "published"), OF_OBJECTS.values(), ids=OF_OBJECTS)
def test_objects_are_filtered_and_joined_with_their_predictions(
    tmp_path: Path, settings: dict[str, str], given: str, published: str
) -> None:
    assert transformed(tmp_path, settings, OBJECTS, LABELS, LINES) == (given, published)


def test_values_that_are_no_objects_are_joined_in_a_new_one(tmp_path: Path) -> None:
    found = transformed(tmp_path, {"JoinSource": "Input"}, "[1,2]\n", "0.5\n", LINES)
    assert found[1] == '{"SageMakerInput":[1,2],"SageMakerOutput":0.5}\n'


def test_file_is_one_record_without_split(tmp_path: Path) -> None:
    settings = {"InputFilter": "$.rows", "JoinSource": "Input", "OutputFilter": "$.*"}
    found = transformed(tmp_path, settings, '{"rows":\n[1]}\n', "[0.5]", WHOLE, "None")
    assert found == ("[1]", "[[1],[0.5]]")


@pytest.mark.parametrize(
    ("settings", "records", "content_type", "named"),
    [
        ({"InputFilter": "$[1,9]"}, ROWS, "text/csv", r"part-0: record 1: \$\[1,9\] .* 9"),
        ({"InputFilter": "$.x"}, OBJECTS, LINES, r"part-0: record 1: \$\.x .*'x'"),
        ({"InputFilter": "$.id"}, '{"id": 1}\n{"id"\n', LINES, r"part-0: line 2 isn't JSON"),
        ({"JoinSource": "Input"}, ROWS * 2, "text/csv", r"part-0\.out: the records"),
    ],
    ids=["column", "member", "line", "number"],
)
def test_record_without_the_selected_value_fails_the_job(
    tmp_path: Path, settings: dict[str, str], records: str, content_type: str, named: str
) -> None:
    with pytest.raises(JobFailed, match=named):
        transformed(tmp_path, settings, records, "0.5\n0.25\n", content_type)


@pytest.mark.parametrize(
    ("settings", "content_type", "split", "accept", "named"),
    [
        ({"InputFilter": "$.id"}, "text/csv", "Line", None, "InputFilter '[$].id'"),
        ({"OutputFilter": "$[0,5:]"}, LINES, "Line", None, "OutputFilter '[$]"),
        ({"JoinSource": "Input"}, LINES, "None", None, "SplitType 'Line'"),
        ({"JoinSource": "Input"}, "text/libsvm", "Line", None, "ContentType"),
        ({"JoinSource": "Input"}, LINES, "Line", "text/csv", "Accept"),
        ({"JoinSource": "Input"}, WHOLE, "None", LINES, "Accept"),
        ({"JoinSource": "Output"}, WHOLE, "None", WHOLE, "JoinSource"),
    ],
)
def test_unsupported_processing_is_refused_in_the_plan(
    settings: dict[str, str], content_type: str, split: str, accept: str | None, named: str
) -> None:
    request = arguments(settings, content_type, split, accept)
    with pytest.raises(DefinitionError, match=named):
        planned(document({"Name": "Score", "Type": "Transform", "Arguments": request}))


def test_lines_that_are_not_assembled_as_lines_are_refused_in_the_plan() -> None:
    request = arguments({"JoinSource": "Input"}, LINES, "Line", assemble="None")
    with pytest.raises(DefinitionError, match="AssembleWith"):
        planned(document({"Name": "Score", "Type": "Transform", "Arguments": request}))


@pytest.mark.parametrize("accept", [LINES, WHOLE])
def test_output_of_the_same_format_is_planned(accept: str) -> None:
    request = arguments({"JoinSource": "Input"}, LINES, "Line", accept)
    planned(document({"Name": "Score", "Type": "Transform", "Arguments": request}))
