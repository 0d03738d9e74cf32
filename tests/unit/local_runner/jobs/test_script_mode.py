"""Script mode: programs and functions of the user in the scikit-learn and XGBoost images."""

from __future__ import annotations

import json
import tarfile
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from local_runner.errors import DefinitionError, JobFailed
from local_runner.execution.step_inputs import step_inputs
from local_runner.jobs.model_resource import create_model
from local_runner.jobs.training_job import create_training_job
from local_runner.jobs.transform_job import create_transform_job
from local_runner.platform.containers import HostContainer
from local_runner.platform.object_store import FolderStore
from tests.support.runner_samples import (
    SKLEARN,
    XGBOOST,
    FakeContainer,
    document,
    job_context,
    model_archive,
    planned,
    put_object,
)

SOURCE = "s3://b/code/sourcedir.tar.gz"
PROGRAM = """
import argparse, json, os, pathlib
import helper
parser = argparse.ArgumentParser()
parser.add_argument("--depth", type=int)
parser.add_argument("--kind")
parser.add_argument("--train", default=os.environ["SM_CHANNEL_TRAIN"])
parser.add_argument("--model-dir", default=os.environ["SM_MODEL_DIR"])
options = parser.parse_args()
rows = pathlib.Path(options.train, "rows.csv").read_text()
variables = {name: value for name, value in os.environ.items() if name.startswith("SM_")}
seen = {"depth": options.depth, "kind": options.kind, "rows": rows, "name": helper.NAME}
pathlib.Path(options.model_dir, "model.json").write_text(json.dumps({**seen, **variables}))
pathlib.Path(os.environ["SM_OUTPUT_DATA_DIR"], "curve.txt").write_text("1 2 3")
"""
FILES = {"train.py": PROGRAM, "helper.py": "NAME = 'helper'", "requirements.txt": "helpful==1"}
HYPERPARAMETERS = {
    "depth": "5",
    "kind": '"gini"',
    "sagemaker_program": '"train.py"',
    "sagemaker_submit_directory": f'"{SOURCE}"',
    "sagemaker_region": '"us-east-1"',
}


def put_source(root: Path, files: Mapping[str, str]) -> None:
    put_object(root, SOURCE, model_archive({name: text.encode() for name, text in files.items()}))


def request(image: str = SKLEARN, **hyperparameters: str) -> dict[str, Any]:
    return {
        "AlgorithmSpecification": {"TrainingImage": image, "TrainingInputMode": "File"},
        "HyperParameters": {**HYPERPARAMETERS, **hyperparameters},
        "InputDataConfig": [
            {
                "ChannelName": "train",
                "DataSource": {"S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": "s3://b/rows"}},
            }
        ],
        "OutputDataConfig": {"S3OutputPath": "s3://b/out"},
    }


def train(root: Path, arguments: dict[str, Any], *, mount: bool | None = None) -> dict[str, Any]:
    put_object(root, "s3://b/rows/rows.csv", "1,2\n")
    context = job_context(root, HostContainer(mount=mount))
    answer = create_training_job(arguments, context)
    store = FolderStore(root / "s3")
    uri = str(answer["ModelArtifacts"]["S3ModelArtifacts"])
    with store.open(uri) as file, tarfile.open(fileobj=file) as archive:
        member = archive.extractfile("model.json")
        assert member is not None
        model: dict[str, Any] = json.loads(member.read())
    with (
        store.open(uri.replace("model.tar.gz", "output.tar.gz")) as file,
        tarfile.open(fileobj=file) as archive,
    ):
        assert archive.getnames() == ["curve.txt"]
    return model


@pytest.mark.parametrize("mount", [None, False], ids=["default", "translated"])
@pytest.mark.parametrize("image", [SKLEARN, XGBOOST])
def test_program_gets_its_hyperparameters_and_channels(
    tmp_path: Path, image: str, mount: bool | None
) -> None:
    put_source(tmp_path, FILES)
    seen = train(tmp_path, request(image), mount=mount)
    expected = {"depth": 5, "kind": "gini", "rows": "1,2\n", "name": "helper"}
    assert expected.items() <= seen.items()


def test_program_gets_the_variables_of_the_toolkit(tmp_path: Path) -> None:
    put_source(tmp_path, FILES)
    seen = train(tmp_path, request())
    assert json.loads(seen["SM_HPS"]) == {"depth": 5, "kind": "gini"}
    assert (seen["SM_HP_DEPTH"], seen["SM_HP_KIND"]) == ("5", "gini")
    assert json.loads(seen["SM_CHANNELS"]) == ["train"]
    assert json.loads(seen["SM_HOSTS"]) == ["algo-1"] == [seen["SM_CURRENT_HOST"]]
    assert json.loads(seen["SM_USER_ARGS"]) == ["--depth", "5", "--kind", "gini"]
    assert (seen["SM_USER_ENTRY_POINT"], seen["SM_MODULE_NAME"]) == ("train.py", "train")
    assert json.loads(seen["SM_TRAINING_ENV"])["model_dir"] == seen["SM_MODEL_DIR"]


@pytest.mark.parametrize("first", ["#!/bin/sh\n", "\n#!/bin/sh\n"], ids=["first", "blank"])
def test_shell_script_is_run(tmp_path: Path, first: str) -> None:
    script = f'{first}cd "$SM_MODEL_DIR" && echo "$@" && python3 -c "exit(3)"\n'
    put_source(tmp_path, {"train.sh": script})
    with pytest.raises(JobFailed, match="--depth 5 --kind gini, exit code: 3"):
        train(tmp_path, request(sagemaker_program='"train.sh"'))


def test_missing_program_is_named(tmp_path: Path) -> None:
    put_source(tmp_path, {"other.py": ""})
    with pytest.raises(JobFailed, match=r"train\.py"):
        train(tmp_path, request())


@pytest.mark.parametrize("directory", ['""', '"/opt/ml/code"', '"file:///code"'])
def test_source_must_be_in_the_object_store_or_a_channel(tmp_path: Path, directory: str) -> None:
    arguments = request(sagemaker_submit_directory=directory)
    with pytest.raises(JobFailed, match="sagemaker_submit_directory"):
        train(tmp_path, arguments)
    with pytest.raises(DefinitionError, match=r"^step A: sagemaker_submit_directory"):
        planned(document({"Name": "A", "Type": "Training", "Arguments": arguments}))


@pytest.mark.parametrize("place", ["sourcedir.tar.gz", ""], ids=["archive", "folder"])
def test_source_is_in_a_channel_as_in_network_isolation(tmp_path: Path, place: str) -> None:
    files = {name: text.encode() for name, text in FILES.items()}
    for name, content in ({place: model_archive(files)} if place else files).items():
        put_object(tmp_path, f"s3://b/code/{name}", content)
    arguments = request(sagemaker_submit_directory=f'"/opt/ml/input/data/code/{place}"')
    source = {"S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": "s3://b/code/"}}
    arguments["InputDataConfig"].append({"ChannelName": "code", "DataSource": source})
    assert train(tmp_path, arguments)["name"] == "helper"


def test_changed_source_changes_the_inputs_of_the_step(tmp_path: Path) -> None:
    store = FolderStore(tmp_path / "s3")
    plan = planned(document({"Name": "A", "Type": "Training", "Arguments": request()}))

    def inputs() -> Mapping[str, Any]:
        return step_inputs(plan.steps[0].step, None, lambda value: value, store.digest).values

    put_source(tmp_path, FILES)
    before = inputs()
    put_source(tmp_path, {**FILES, "helper.py": "NAME = 'changed'"})
    assert inputs() != before


def own_program(**changes: Any) -> dict[str, Any]:
    arguments = request(**changes)
    arguments["AlgorithmSpecification"]["ContainerEntrypoint"] = ["/bin/program"]
    return arguments


@pytest.mark.parametrize("is_isolated", [True, False])
def test_programs_of_the_user_call_the_local_aws_unless_they_are_isolated(
    tmp_path: Path, is_isolated: bool
) -> None:
    found: list[Mapping[str, str]] = []
    put_source(tmp_path, FILES)
    put_object(tmp_path, "s3://b/rows/rows.csv", "1,2\n")
    container = FakeContainer(
        {"/bin/program": lambda invocation: found.append(invocation.environment)}
    )
    context = replace(
        job_context(tmp_path, container), aws_environment=lambda: {"AWS_ENDPOINT_URL": "local"}
    )
    create_training_job({**own_program(), "EnableNetworkIsolation": is_isolated}, context)
    assert [environment.get("AWS_ENDPOINT_URL") for environment in found] == [
        None if is_isolated else "local"
    ]


def test_program_of_the_user_may_write_no_model(tmp_path: Path) -> None:
    put_object(tmp_path, "s3://b/rows/rows.csv", "1,2\n")
    answer = create_training_job(own_program(), job_context(tmp_path, FakeContainer()))
    uri = answer["ModelArtifacts"]["S3ModelArtifacts"]
    with FolderStore(tmp_path / "s3").open(uri) as file, tarfile.open(fileobj=file) as archive:
        assert archive.getnames() == []


def container(image: str = SKLEARN, **environment: Any) -> dict[str, Any]:
    given = {"SAGEMAKER_PROGRAM": "inference.py", "SAGEMAKER_SUBMIT_DIRECTORY": SOURCE}
    return {
        "Image": image,
        "ModelDataUrl": "s3://b/model.tar.gz",
        "Environment": {**given, **environment},
    }


def plan_of_model(key: str, value: Any) -> None:
    planned(document({"Name": "A", "Type": "Model", "Arguments": {key: value}}))


SERVED = {
    "archive": container(),
    "xgboost": container(XGBOOST),
    "folder-of-the-model": container(SAGEMAKER_SUBMIT_DIRECTORY="/opt/ml/model/code"),
    "the-model": container(SAGEMAKER_SUBMIT_DIRECTORY="/opt/ml/model"),
    "expression": container(
        SAGEMAKER_SUBMIT_DIRECTORY={"Std:Join": {"On": "/", "Values": ["s3:/", "b"]}}
    ),
}


@pytest.mark.parametrize("given", SERVED.values(), ids=SERVED)
def test_serving_in_script_mode_is_planned(given: dict[str, Any]) -> None:
    plan_of_model("PrimaryContainer", given)


SPARK = "1.dkr.ecr.us-east-1.amazonaws.com/sagemaker-spark-processing:3.5-cpu-py312-v1.0"
REFUSED = {
    "no-source": (container(SAGEMAKER_SUBMIT_DIRECTORY=""), "SAGEMAKER_SUBMIT_DIRECTORY"),
    "local-source": (
        container(SAGEMAKER_SUBMIT_DIRECTORY="file:///home/me/code"),
        "SAGEMAKER_SUBMIT_DIRECTORY",
    ),
    "no-script": (container(SAGEMAKER_PROGRAM=""), "SAGEMAKER_PROGRAM"),
    "spark": (container(SPARK), "serves no scripts"),
    "tag": (container("x/sagemaker-scikit-learn:999"), "scikit-learn:999"),
    "no-model": ({"Image": XGBOOST}, "ModelDataUrl is missing"),
}


@pytest.mark.parametrize(("given", "named"), REFUSED.values(), ids=REFUSED)
@pytest.mark.parametrize("key", ["PrimaryContainer", "Containers"])
def test_container_that_cannot_serve_here_is_refused_in_the_plan(
    key: str, given: dict[str, Any], named: str
) -> None:
    with pytest.raises(DefinitionError, match=rf"^step A: .*{named}"):
        plan_of_model(key, [given] if key == "Containers" else given)


def transform(
    root: Path,
    given: dict[str, Any],
    mount: bool | None = None,
    split: str = "Line",
    **changes: Any,
) -> str:
    """Score two rows with the model; return the published answers."""
    put_object(root, "s3://b/rows/rows.csv", "1,2\n3,4\n")
    model = create_model({"PrimaryContainer": given}, job_context(root, HostContainer(), "model"))
    request = {
        "ModelName": model["ModelName"],
        "TransformInput": {
            "ContentType": "text/csv",
            "SplitType": split,
            "DataSource": {"S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": "s3://b/rows"}},
        },
        "TransformOutput": {"S3OutputPath": "s3://b/scores"},
        **changes,
    }
    create_transform_job(request, job_context(root, HostContainer(mount=mount)))
    return FolderStore(root / "s3").path("s3://b/scores/rows.csv.out").read_text()


INFERENCE = """
import json, os, pathlib
import helper
def model_fn(model_dir):
    return int(pathlib.Path(model_dir, "factor.txt").read_text())
def input_fn(content, content_type):
    return [float(cell) for cell in content.replace("\\n", ",").split(",") if cell]
def predict_fn(values, factor):
    return [value * factor for value in values]
def output_fn(values, accept):
    return json.dumps([accept, helper.NAME, os.environ["SAGEMAKER_BATCH_STRATEGY"], *values])
"""
INFERENCE_FILES = {
    "inference.py": INFERENCE,
    "helper.py": "NAME = 'helper'",
    "requirements.txt": "",
}


@pytest.mark.parametrize("mount", [None, False], ids=["default", "translated"])
@pytest.mark.parametrize("source", [SOURCE, "/opt/ml/model/code", "/opt/ml/model/code.tar.gz"])
def test_functions_of_the_script_score_the_requests(
    tmp_path: Path, source: str, mount: bool | None
) -> None:
    files = {name: text.encode() for name, text in INFERENCE_FILES.items()}
    put_source(tmp_path, INFERENCE_FILES)
    inside = {f"code/{name}": content for name, content in files.items()}
    model = {"factor.txt": b"10", "code.tar.gz": model_archive(files), **inside}
    put_object(tmp_path, "s3://b/model.tar.gz", model_archive(model))
    found = transform(
        tmp_path, container(SAGEMAKER_SUBMIT_DIRECTORY=source), mount, BatchStrategy="SingleRecord"
    )
    first = '["application/json", "helper", "SINGLE_RECORD", 10.0, 20.0]'
    assert found == first + first.replace("10.0, 20.0", "30.0, 40.0")


def test_answers_end_with_a_line_break_if_they_are_assembled_by_line(tmp_path: Path) -> None:
    put_source(tmp_path, INFERENCE_FILES)
    put_object(tmp_path, "s3://b/model.tar.gz", model_archive({"factor.txt": b"1"}))
    output = {"S3OutputPath": "s3://b/scores", "AssembleWith": "Line", "Accept": "text/csv"}
    found = transform(tmp_path, container(), BatchStrategy="SingleRecord", TransformOutput=output)
    assert [json.loads(line)[0] for line in found.splitlines()] == ["text/csv", "text/csv"]


def test_every_host_of_a_transform_job_has_the_script_and_the_model(tmp_path: Path) -> None:
    put_source(tmp_path, INFERENCE_FILES)
    put_object(tmp_path, "s3://b/model.tar.gz", model_archive({"factor.txt": b"2"}))
    for number in range(3):
        put_object(tmp_path, f"s3://b/rows/part-{number}.csv", f"{number}\n")
    transform(tmp_path, container(), TransformResources={"InstanceCount": 2})
    answers = {
        key: json.loads(path.read_text())[-1]
        for key, path in FolderStore(tmp_path / "s3").files("s3://b/scores/")
        if key.startswith("part-")
    }
    assert answers == {f"part-{number}.csv.out": 2.0 * number for number in range(3)}


COUNTING = """
def model_fn(model_dir): return None
def transform_fn(model, content, content_type, accept): return f"{len(content)} "
"""


LIMITS = """
import json
def execution_parameters_fn(): return json.dumps({"BatchStrategy": "SINGLE_RECORD"})
"""


def test_script_of_the_scikit_learn_image_limits_its_requests(tmp_path: Path) -> None:
    put_source(tmp_path, {"inference.py": COUNTING + LIMITS})
    put_object(tmp_path, "s3://b/model.tar.gz", model_archive({}))
    assert transform(tmp_path, container()) == "4 4 "


@pytest.mark.parametrize(
    ("image", "changes"), [(XGBOOST, {}), (SKLEARN, {"BatchStrategy": "MultiRecord"})]
)
def test_limits_of_the_transform_job_and_of_other_images_count_instead(
    tmp_path: Path, image: str, changes: dict[str, Any]
) -> None:
    put_source(tmp_path, {"inference.py": COUNTING + LIMITS})
    put_object(tmp_path, "s3://b/model.tar.gz", model_archive({}))
    assert transform(tmp_path, container(image), **changes) == "8 "


@pytest.mark.parametrize(("megabytes", "requests"), [(0, 1), (1, 3)])
@pytest.mark.parametrize("split", ["Line", "None"])
def test_requests_are_of_any_size_if_their_limit_is_0(
    tmp_path: Path, split: str, megabytes: int, requests: int
) -> None:
    put_source(tmp_path, {"inference.py": COUNTING})
    put_object(tmp_path, "s3://b/model.tar.gz", model_archive({}))
    put_object(tmp_path, "s3://b/rows/large.csv", ("1" * 999 + "\n") * 3000)
    if split == "None" and megabytes:
        with pytest.raises(JobFailed, match=r"large\.csv"):
            transform(tmp_path, container(), split=split, MaxPayloadInMB=megabytes)
        return
    transform(tmp_path, container(), split=split, MaxPayloadInMB=megabytes)
    answers = FolderStore(tmp_path / "s3").path("s3://b/scores/large.csv.out").read_text()
    assert len(answers.split()) == requests
    assert sum(map(int, answers.split())) == 3_000_000


@pytest.mark.parametrize(
    ("files", "named"),
    [
        ({"other.py": ""}, r"'inference\.py'"),
        ({"inference.py": "import nothing_like_it"}, "nothing_like_it"),
        ({"inference.py": "def model_fn(folder): 1 / 0"}, "model_fn: ZeroDivisionError"),
    ],
    ids=["missing", "import", "model_fn"],
)
def test_script_that_cannot_serve_fails_the_job_with_the_reason(
    tmp_path: Path, files: dict[str, str], named: str
) -> None:
    put_source(tmp_path, files)
    put_object(tmp_path, "s3://b/model.tar.gz", model_archive({"factor.txt": b"1"}))
    with pytest.raises(JobFailed, match=f"^AlgorithmError: .*{named}.*exit code: 1$"):
        transform(tmp_path, container())


def test_archive_without_the_folder_of_the_source_is_named(tmp_path: Path) -> None:
    put_object(tmp_path, "s3://b/model.tar.gz", model_archive({"factor.txt": b"1"}))
    with pytest.raises(JobFailed, match="SAGEMAKER_SUBMIT_DIRECTORY"):
        transform(tmp_path, container(SAGEMAKER_SUBMIT_DIRECTORY="/opt/ml/model/code"))
