"""Models created from model packages, and pipelines that look one up."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest

from local_runner.errors import JobFailed
from local_runner.jobs.model_resource import create_model, describe_model
from local_runner.jobs.processing_job import create_processing_job
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
    return create_model(request, job_context(root, FakeContainer(), "model"))


def test_model_has_the_image_and_archive_of_its_package(tmp_path: Path) -> None:
    register(tmp_path / "registry")
    described = created(tmp_path)
    assert described["PrimaryContainer"] == {
        "Environment": {"A": "1"},
        "Image": XGBOOST,
        "ModelDataUrl": ARCHIVE,
        "ModelPackageName": ARN,
    }
    assert describe_model("model", job_context(tmp_path, FakeContainer())) == described


@pytest.mark.parametrize("key", ["Image", "ModelDataUrl"])
def test_model_with_both_a_package_and_its_own_parts_is_refused(tmp_path: Path, key: str) -> None:
    register(tmp_path / "registry")
    with pytest.raises(JobFailed, match=f"{key} .*ModelPackageName"):
        created(tmp_path, **{key: "x"})


def test_missing_version_is_named(tmp_path: Path) -> None:
    with pytest.raises(JobFailed) as failure:
        created(tmp_path)
    assert str(failure.value) == f"ClientError: ModelPackage {ARN} does not exist"


@pytest.mark.parametrize("name", ["", "reviews", f"{ARN}/../../x", ARN.replace("reviews", "..")])
def test_invalid_package_arn_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(JobFailed) as failure:
        created(tmp_path, ModelPackageName=name)
    message = f"ClientError: {name!r} isn't the ARN of a model package version"
    assert str(failure.value) == message


def test_version_with_an_image_that_is_not_emulated_is_refused(tmp_path: Path) -> None:
    register(tmp_path / "registry", image="1.dkr.ecr/sagemaker-pytorch:2")
    with pytest.raises(JobFailed, match="sagemaker-pytorch"):
        created(tmp_path)


def test_version_without_its_model_archive_is_refused(tmp_path: Path) -> None:
    register(tmp_path / "registry", uri="s3://b/gone.tar.gz")
    with pytest.raises(JobFailed, match="s3://b/gone"):
        created(tmp_path)


def version(path: str) -> dict[str, Any]:
    """The value at ``path`` in the output of the step Find."""
    return {
        "Std:JsonGet": {"PropertyFile": {"Get": "Steps.Find.PropertyFiles.Version"}, "Path": path}
    }


def scoring(largest: float, threshold: float = 0.25) -> tuple[dict[str, Any], FakeContainer]:
    """A definition that looks up a version, and the container for it."""
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


def test_version_is_looked_up_and_scored_in_its_own_format(tmp_path: Path) -> None:
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


def test_gate_with_only_an_else_branch_fails_with_the_measured_value(tmp_path: Path) -> None:
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
def test_python3_entry_point_runs_python_in_every_image(tmp_path: Path, image: str) -> None:
    request = processing_request(image, "python3", "-c", "import sys; print(sys.executable)")
    context = job_context(tmp_path, HostContainer())
    create_processing_job(request, context)
    assert context.log.read_text() == f"{sys.executable}\n"


def test_input_of_one_object_includes_those_whose_keys_begin_with_its_key(tmp_path: Path) -> None:
    put_object(tmp_path, "s3://b/output/model.tar.gz", "trees")
    put_object(tmp_path, "s3://b/output/model.tar.gz.sha", "beside it")
    put_object(tmp_path, "s3://b/output/model.tar", "before it")
    seen: list[str] = []

    def look(invocation: Invocation) -> None:
        folder = invocation.opt_ml / "processing/input/model"
        seen.extend(path.name for path in folder.iterdir())

    request = processing_request(XGBOOST, "python3", "look", model="s3://b/output/model.tar.gz")
    create_processing_job(request, job_context(tmp_path, FakeContainer({"look": look})))
    assert sorted(seen) == ["model.tar.gz", "model.tar.gz.sha"]
