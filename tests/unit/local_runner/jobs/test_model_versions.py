"""Models of registered versions, and what a pipeline that looks one up needs besides."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest

from local_runner.errors import DefinitionError, JobFailed
from local_runner.jobs import model
from local_runner.jobs import processing as processing_job
from local_runner.platform.containers import HostContainer, Invocation
from local_runner.workdir import Workdir
from tests.support.runner_samples import (
    SKLEARN,
    XGBOOST,
    FakeContainer,
    compare,
    condition,
    document,
    execute,
    fail,
    job_context,
    leave,
    model_archive,
    output_of,
    parameter,
    planned,
    processing,
    put_object,
)

ARCHIVE = "s3://b/model.tar.gz"
ARN = "arn:aws:sagemaker:local-1:000000000000:model-package/reviews/2"


def register(folder: Path, image: str = XGBOOST, uri: str = ARCHIVE) -> None:
    container = {"Environment": {"A": "1"}, "Image": image, "ModelDataUrl": uri}
    package = {"InferenceSpecification": {"Containers": [container]}, "ModelPackageArn": ARN}
    path = folder / "reviews" / "2.json"
    path.parent.mkdir(parents=True)
    path.write_text(json.dumps(package))


def created(root: Path, **container: Any) -> Any:
    put_object(root, ARCHIVE, model_archive({"xgboost-model": b"trees"}))
    request = {"PrimaryContainer": {"ModelPackageName": ARN, **container}}
    return model.run(request, job_context(root, FakeContainer(), "model"))


def test_a_model_of_a_version_has_its_image_and_its_archive(tmp_path: Path) -> None:
    register(tmp_path / "registry")
    described = created(tmp_path)
    assert described["PrimaryContainer"] == {
        "Environment": {"A": "1"},
        "Image": XGBOOST,
        "ModelDataUrl": ARCHIVE,
        "ModelPackageName": ARN,
    }
    assert model.describe("model", job_context(tmp_path, FakeContainer())) == described


@pytest.mark.parametrize("key", ["Image", "ModelDataUrl"])
def test_a_model_of_a_version_with_parts_of_its_own_is_refused(tmp_path: Path, key: str) -> None:
    register(tmp_path / "registry")
    with pytest.raises(JobFailed) as failure:
        created(tmp_path, **{key: "x"})
    assert str(failure.value) == f"ClientError: a model of a version takes its {key} from there"


def test_a_version_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(JobFailed) as failure:
        created(tmp_path)
    assert str(failure.value) == f"ClientError: ModelPackage {ARN} does not exist"


@pytest.mark.parametrize("name", ["", "reviews", f"{ARN}/../../x", ARN.replace("reviews", "..")])
def test_what_is_no_arn_of_a_version_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(JobFailed) as failure:
        created(tmp_path, ModelPackageName=name)
    message = f"ClientError: {name!r} isn't the ARN of a model package version"
    assert str(failure.value) == message


def test_a_version_whose_image_nothing_stands_for_is_refused(tmp_path: Path) -> None:
    register(tmp_path / "registry", image="1.dkr.ecr/sagemaker-pytorch:2")
    with pytest.raises(DefinitionError, match="nothing on this machine stands for the image"):
        created(tmp_path)


def test_a_version_without_model_archive_is_refused(tmp_path: Path) -> None:
    register(tmp_path / "registry", uri="s3://b/gone.tar.gz")
    with pytest.raises(JobFailed) as failure:
        created(tmp_path)
    assert str(failure.value) == "ClientError: no model archive at s3://b/gone.tar.gz"


def version(path: str) -> dict[str, Any]:
    """What the step Find tells of the version."""
    return {
        "Std:JsonGet": {"PropertyFile": {"Get": "Steps.Find.PropertyFiles.Version"}, "Path": path}
    }


def scoring(largest: float, threshold: float = 0.25) -> tuple[dict[str, Any], FakeContainer]:
    """A definition that looks a version up, and a container that does its jobs."""
    files = [{"PropertyFileName": "Version", "OutputName": "version", "FilePath": "version.json"}]
    found = json.dumps(
        {"arn": ARN, "format": "text/csv", "largest": largest, "nested": {"word": "x"}}
    )
    transform = {
        "ModelName": {"Get": "Steps.CreateModel.ModelName"},
        "TransformInput": {
            "ContentType": version("format"),
            "DataSource": {
                "S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": output_of("Find", "features")}
            },
            "SplitType": "Line",
        },
        "TransformOutput": {"AssembleWith": "Line", "S3OutputPath": "s3://b/scores"},
    }
    steps = (
        processing(
            "Find",
            outputs={"version": "s3://b/version", "features": "s3://b/features"},
            PropertyFiles=files,
        ),
        {
            "Name": "CreateModel",
            "Type": "Model",
            "Arguments": {"PrimaryContainer": {"ModelPackageName": version("arn")}},
        },
        {"Name": "Transform", "Type": "Transform", "Arguments": transform},
        processing("Look", program=("look", version("nested.word")), DependsOn=["Transform"]),
        condition(
            "DriftGate",
            compare("LessThanOrEqualTo", version("largest"), {"Get": "Parameters.Threshold"}),
            else_steps=(fail("Drifted", {"Std:Join": {"On": "", "Values": [version("largest")]}}),),
            DependsOn=["Transform"],
        ),
    )

    def find(invocation: Invocation) -> None:
        leave("version", "version.json", found)(invocation)
        leave("features", "part-0.csv", "1,2\n")(invocation)

    def score(invocation: Invocation) -> None:
        (invocation.opt_ml / "output/data/part-0.csv.out").write_text(" ".join(invocation.command))

    threshold_ = parameter("Threshold", "Float", DefaultValue=threshold)
    container = FakeContainer({"Find": find, "transform": score})
    return document(*steps, parameters=(threshold_,)), container


def test_a_version_is_looked_up_and_scores_in_its_own_format(tmp_path: Path) -> None:
    definition, container = scoring(largest=0.1)
    put_object(tmp_path, ARCHIVE, model_archive({"xgboost-model": b"trees"}))
    register(tmp_path / "model-registry")
    execution = execute(planned(definition), tmp_path, container)
    assert [(step.name, step.status) for step in execution.steps.values()] == [
        (name, "Succeeded") for name in ("Find", "CreateModel", "Transform", "Look", "DriftGate")
    ]
    scored = Workdir(tmp_path).store.path("s3://b/scores/part-0.csv.out").read_text()
    assert "--content-type text/csv" in scored
    assert execution.status == "Succeeded"


def test_a_gate_that_only_has_an_else_branch_fails_with_what_was_measured(tmp_path: Path) -> None:
    definition, container = scoring(largest=0.3)
    put_object(tmp_path, ARCHIVE, model_archive({"xgboost-model": b"trees"}))
    register(tmp_path / "model-registry")
    execution = execute(planned(definition), tmp_path, container)
    failed = execution.failed_step()
    assert failed is not None
    assert (failed.name, failed.failure_reason) == ("Drifted", "0.3")
    assert execution.status == "Failed"
    assert Workdir(tmp_path).store.exists("s3://b/scores/part-0.csv.out")


def processing_request(image: str, *command: str, **inputs: str) -> dict[str, Any]:
    return {
        "AppSpecification": {"ContainerEntrypoint": list(command), "ImageUri": image},
        "ProcessingInputs": [
            {
                "InputName": name,
                "S3Input": {"LocalPath": f"/opt/ml/processing/input/{name}", "S3Uri": uri},
            }
            for name, uri in inputs.items()
        ],
    }


@pytest.mark.parametrize("image", [SKLEARN, XGBOOST])
def test_python_is_started_in_the_image_of_an_algorithm_too(tmp_path: Path, image: str) -> None:
    request = processing_request(image, "python3", "-c", "import sys; print(sys.executable)")
    context = job_context(tmp_path, HostContainer())
    processing_job.run(request, context)
    assert context.log.read_text() == f"{sys.executable}\n"


def test_an_input_that_is_one_object_lies_in_its_folder_under_its_own_name(tmp_path: Path) -> None:
    put_object(tmp_path, "s3://b/output/model.tar.gz", "trees")
    put_object(tmp_path, "s3://b/output/model.tar.gz.sha", "beside it")
    seen: list[str] = []

    def look(invocation: Invocation) -> None:
        folder = invocation.opt_ml / "processing/input/model"
        seen.extend(path.name for path in folder.iterdir())

    request = processing_request(XGBOOST, "python3", "look", model="s3://b/output/model.tar.gz")
    processing_job.run(request, job_context(tmp_path, FakeContainer({"look": look})))
    assert seen == ["model.tar.gz"]
