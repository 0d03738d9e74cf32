"""Jobs: files and arguments for the container, properties, and refused requests."""

from __future__ import annotations

import gzip
import io
import json
import tarfile
import threading
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from local_runner.errors import JobFailed
from local_runner.jobs.model_package import MODEL_CARD_LENGTH, create_model_package
from local_runner.jobs.model_resource import create_model
from local_runner.jobs.processing_job import create_processing_job
from local_runner.jobs.training_job import create_training_job
from local_runner.jobs.transform_job import create_transform_job
from local_runner.platform.containers import Invocation
from local_runner.platform.object_store import FolderStore
from tests.support.runner_samples import (
    SKLEARN,
    XGBOOST,
    FakeContainer,
    job_context,
    model_archive,
    put_object,
)

ENDPOINT = {"AWS_ENDPOINT_URL": "http://127.0.0.1:1"}


def channel(name: str, **keys: Any) -> dict[str, Any]:
    source = {"S3DataType": "S3Prefix", "S3Uri": f"s3://b/{name}"}
    return {"ChannelName": name, "DataSource": {"S3DataSource": source}, **keys}


def training_request(*channels: dict[str, Any]) -> dict[str, Any]:
    return {
        "AlgorithmSpecification": {"TrainingImage": XGBOOST},
        "HyperParameters": {"num_round": "5", "eta": "0.2"},
        "InputDataConfig": list(channels) or [channel("train", ContentType="text/libsvm")],
        "OutputDataConfig": {"S3OutputPath": "s3://b/models"},
    }


def train(root: Path, container: FakeContainer, name: str = "job", **changes: Any) -> Any:
    for folder in ("train", "validation"):
        put_object(root, f"s3://b/{folder}/part.csv", folder)
    request = {**training_request(), **changes}
    return create_training_job(request, job_context(root, container, name))


def leave_model(invocation: Invocation) -> None:
    (invocation.opt_ml / "model" / "xgboost-model").write_bytes(b"trees")


def refusal_of(run: Any, request: dict[str, Any], root: Path) -> str:
    container = FakeContainer()
    with pytest.raises(JobFailed) as failure:
        run(request, job_context(root, container, f"job-{len(list(root.glob('*')))}"))
    assert container.ran == []
    return str(failure.value)


def test_training_image_has_its_files_where_aws_puts_them(tmp_path: Path) -> None:
    seen: dict[str, Any] = {}

    def look(invocation: Invocation) -> None:
        for path in sorted((invocation.opt_ml / "input").rglob("*.*")):
            seen[path.relative_to(invocation.opt_ml).as_posix()] = path.read_text()
        seen["command"] = (invocation.image, invocation.command)
        seen["model folder"] = list((invocation.opt_ml / "model").iterdir())
        leave_model(invocation)

    channels = [
        channel("train", ContentType="text/csv", InputMode="File", CompressionType="None"),
        channel("validation"),
    ]
    channels[0]["DataSource"]["S3DataSource"]["S3DataDistributionType"] = "ShardedByS3Key"
    train(tmp_path, FakeContainer({"train": look}), InputDataConfig=channels)
    assert seen["command"] == (XGBOOST, ("train",))
    assert seen["model folder"] == []
    assert seen["input/data/train/part.csv"] == "train"
    assert seen["input/data/validation/part.csv"] == "validation"
    assert json.loads(seen["input/config/hyperparameters.json"]) == {
        "num_round": "5",
        "eta": "0.2",
    }
    assert json.loads(seen["input/config/inputdataconfig.json"]) == {
        "train": {
            "ContentType": "text/csv",
            "RecordWrapperType": "None",
            "S3DistributionType": "ShardedByS3Key",
            "TrainingInputMode": "File",
        },
        "validation": {
            "ContentType": None,
            "RecordWrapperType": "None",
            "S3DistributionType": "FullyReplicated",
            "TrainingInputMode": "File",
        },
    }
    assert json.loads(seen["input/config/resourceconfig.json"]) == {
        "current_host": "algo-1",
        "current_instance_type": "local",
        "hosts": ["algo-1"],
        "network_interface_name": "lo",
    }


@pytest.mark.parametrize("folder", ["s3://b/models", "s3://b/models/"])
def test_training_job_returns_the_uri_of_its_model(tmp_path: Path, folder: str) -> None:
    target = {"S3OutputPath": folder}
    answer = train(tmp_path, FakeContainer({"train": leave_model}), OutputDataConfig=target)
    uri = "s3://b/models/job/output/model.tar.gz"
    assert answer["ModelArtifacts"] == {"S3ModelArtifacts": uri}
    assert answer["TrainingJobStatus"] == "Completed"
    assert answer["TrainingJobName"] == "job"
    assert answer["TrainingJobArn"] == "arn:aws:sagemaker:local-1:000000000000:training-job/job"
    assert answer["HyperParameters"] == {"num_round": "5", "eta": "0.2"}
    with tarfile.open(FolderStore(tmp_path / "s3").path(uri)) as archive:
        (member,) = archive.getmembers()
        content = archive.extractfile(member)
        assert content is not None
        assert (member.name, content.read()) == ("xgboost-model", b"trees")


def test_equal_models_are_equal_archives(tmp_path: Path) -> None:
    store = FolderStore(tmp_path / "s3")
    archives = []
    for name in ("one", "two"):
        answer = train(tmp_path, FakeContainer({"train": leave_model}), name)
        uri = answer["ModelArtifacts"]["S3ModelArtifacts"]
        archives.append(store.path(uri).read_bytes())
    assert archives[0] == archives[1]
    header = gzip.decompress(archives[0])
    with tarfile.open(fileobj=io.BytesIO(header)) as archive:
        (member,) = archive.getmembers()
    assert (member.mtime, member.uid, member.gid, member.uname, member.gname) == (0, 0, 0, "", "")


def test_training_job_without_a_model_fails(tmp_path: Path) -> None:
    with pytest.raises(JobFailed) as failure:
        train(tmp_path, FakeContainer())
    assert str(failure.value) == "AlgorithmError: the algorithm wrote no model to /opt/ml/model"
    assert FolderStore(tmp_path / "s3").exists("s3://b/models") is False


def test_unsupported_channel_setting_is_refused_with_the_remedy(tmp_path: Path) -> None:
    put_object(tmp_path, "s3://b/train/part.csv", "1")
    request = training_request(channel("train", CompressionType="Gzip"))
    assert refusal_of(create_training_job, request, tmp_path) == (
        "ClientError: InputDataConfig['train'].CompressionType 'Gzip' isn't supported by local "
        "runs; use 'None'"
    )


def test_channel_in_fast_file_mode_is_read_as_files(tmp_path: Path) -> None:
    container = FakeContainer({"train": leave_model})
    train(tmp_path, container, InputDataConfig=[channel("train", InputMode="FastFile")])
    assert container.ran == ["train"]


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("AlgorithmSpecification", "TrainingInputMode"), "Pipe"),
        (("InputDataConfig", 0, "DataSource", "S3DataSource", "S3DataType"), "ManifestFile"),
        (("InputDataConfig", 0, "ShuffleConfig"), {"Seed": 1}),
        (("HyperParameters", "num_round"), 5),
    ],
    ids=["pipe-for-all-channels", "manifest", "shuffle", "hyperparameter-no-string"],
)
def test_unsupported_training_setting_is_refused(
    tmp_path: Path, path: tuple[str | int, ...], value: Any
) -> None:
    put_object(tmp_path, "s3://b/train/part.csv", "1")
    request = training_request()
    target: Any = request
    for key in path[:-1]:
        target = target[key]
    target[path[-1]] = value
    container = FakeContainer({"train": leave_model})
    with pytest.raises(JobFailed):
        create_training_job(request, job_context(tmp_path, container))


def processing_request(local_path: str = "/opt/ml/processing/input/x") -> dict[str, Any]:
    return {
        "AppSpecification": {
            "ImageUri": SKLEARN,
            "ContainerEntrypoint": ["python3", "prepare"],
            "ContainerArguments": ["--size", "5"],
        },
        "Environment": {"A": "1"},
        "ProcessingInputs": [
            {"InputName": "x", "S3Input": {"S3Uri": "s3://b/in", "LocalPath": local_path}}
        ],
        "ProcessingOutputConfig": {
            "Outputs": [
                {
                    "OutputName": "out",
                    "S3Output": {
                        "S3Uri": "s3://b/out",
                        "LocalPath": "/opt/ml/processing/output/out",
                    },
                }
            ]
        },
        "StoppingCondition": {"MaxRuntimeInSeconds": 60},
    }


def test_processing_job_runs_its_entry_point_and_publishes_its_output(tmp_path: Path) -> None:
    seen: list[Invocation] = []

    def program(invocation: Invocation) -> None:
        seen.append(invocation)
        assert (invocation.opt_ml / "processing/input/x/part.csv").read_text() == "1"
        (invocation.opt_ml / "processing/output/out/part.csv").write_text("2")

    put_object(tmp_path, "s3://b/in/part.csv", "1")
    context = job_context(tmp_path, FakeContainer({"prepare": program}))
    answer = create_processing_job(processing_request(), context)
    assert seen[0].command == ("python3", "prepare", "--size", "5")
    assert (seen[0].image, seen[0].environment) == (SKLEARN, {"A": "1"})
    assert seen[0].max_runtime_seconds == 60
    assert FolderStore(tmp_path / "s3").path("s3://b/out/part.csv").read_text() == "2"
    assert answer["ProcessingJobStatus"] == "Completed"
    arn = "arn:aws:sagemaker:local-1:000000000000:processing-job/job"
    assert answer["ProcessingJobArn"] == arn


@pytest.mark.parametrize(
    ("network", "expected"),
    [
        pytest.param({}, {"A": "1", **ENDPOINT}, id="default"),
        pytest.param({"EnableNetworkIsolation": False}, {"A": "1", **ENDPOINT}, id="network"),
        pytest.param({"EnableNetworkIsolation": True}, {"A": "1"}, id="isolated"),
    ],
)
def test_processing_job_in_network_isolation_has_no_aws_endpoint(
    tmp_path: Path, network: dict[str, bool], expected: dict[str, str]
) -> None:
    seen: list[Mapping[str, str]] = []

    def program(invocation: Invocation) -> None:
        seen.append(invocation.environment)
        (invocation.opt_ml / "processing/output/out/part.csv").write_text("2")

    put_object(tmp_path, "s3://b/in/part.csv", "1")
    context = job_context(tmp_path, FakeContainer({"prepare": program}))
    context = replace(context, aws_environment=lambda: ENDPOINT)
    create_processing_job({**processing_request(), "NetworkConfig": network}, context)
    assert seen == [expected]


@pytest.mark.parametrize("path", ["/tmp/x", "/opt/mlx", "/opt/ml/../x", "opt/ml/x", "/opt/ml"])
def test_path_outside_opt_ml_is_refused(tmp_path: Path, path: str) -> None:
    put_object(tmp_path, "s3://b/in/part.csv", "1")
    message = refusal_of(create_processing_job, processing_request(path), tmp_path)
    assert repr(path) in message


@pytest.mark.parametrize(("key", "value"), [("S3InputMode", "Pipe"), ("S3CompressionType", "Gzip")])
def test_unsupported_processing_input_setting_is_refused(
    tmp_path: Path, key: str, value: str
) -> None:
    put_object(tmp_path, "s3://b/in/part.csv", "1")
    request = processing_request()
    request["ProcessingInputs"][0]["S3Input"][key] = value
    assert f"{key} {value!r}" in refusal_of(create_processing_job, request, tmp_path)


def test_continuous_upload_is_refused(tmp_path: Path) -> None:
    put_object(tmp_path, "s3://b/in/part.csv", "1")
    request = processing_request()
    request["ProcessingOutputConfig"]["Outputs"][0]["S3Output"]["S3UploadMode"] = "Continuous"
    assert "S3UploadMode 'Continuous'" in refusal_of(create_processing_job, request, tmp_path)


def transform_request(root: Path, archive: bytes | None = None) -> dict[str, Any]:
    put_object(root, "s3://b/model.tar.gz", archive or model_archive({"xgboost-model": b"trees"}))
    put_object(root, "s3://b/test/part-0.csv", "1,2\n")
    described = create_model(
        {"PrimaryContainer": {"Image": XGBOOST, "ModelDataUrl": "s3://b/model.tar.gz"}},
        job_context(root, FakeContainer(), "the-model"),
    )
    return {
        "ModelName": described["ModelName"],
        "BatchStrategy": "SingleRecord",
        "MaxPayloadInMB": 2,
        "TransformInput": {
            "ContentType": "text/csv",
            "SplitType": "Line",
            "DataSource": {"S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": "s3://b/test"}},
        },
        "TransformOutput": {"AssembleWith": "Line", "S3OutputPath": "s3://b/scores"},
    }


def test_transform_job_unpacks_the_model_and_publishes_the_answers(tmp_path: Path) -> None:
    commands: list[tuple[str, ...]] = []

    def program(invocation: Invocation) -> None:
        commands.append(invocation.command)
        assert (invocation.opt_ml / "model/xgboost-model").read_bytes() == b"trees"
        assert (invocation.opt_ml / "input/data/part-0.csv").read_text() == "1,2\n"
        (invocation.opt_ml / "output/data/part-0.csv.out").write_text("0.5\n")

    request = transform_request(tmp_path)
    context = job_context(tmp_path, FakeContainer({"transform": program}))
    answer = create_transform_job(request, context)
    assert commands == [
        (
            "transform",
            *("--content-type", "text/csv"),
            *("--accept", ""),
            *("--assemble-with", "Line"),
            *("--batch-strategy", "SingleRecord"),
            *("--max-payload-mb", "2"),
        )
    ]
    stored = FolderStore(tmp_path / "s3").files("s3://b/scores")
    assert [(key, path.read_text()) for key, path in stored] == [("part-0.csv.out", "0.5\n")]
    assert answer["TransformJobStatus"] == "Completed"


TRANSFORM_REFUSED = {
    "split": ("TransformInput", "SplitType", "RecordIO"),
    "compression": ("TransformInput", "CompressionType", "Zip"),
    "assembly": ("TransformOutput", "AssembleWith", "Record"),
}


@pytest.mark.parametrize(
    ("part", "key", "value"), TRANSFORM_REFUSED.values(), ids=TRANSFORM_REFUSED
)
def test_unsupported_transform_setting_is_refused(
    tmp_path: Path, part: str, key: str, value: str
) -> None:
    request = transform_request(tmp_path)
    request[part][key] = value
    assert f"{key} {value!r}" in refusal_of(create_transform_job, request, tmp_path)


@pytest.mark.parametrize("is_compressed", [True, False])
def test_compressed_objects_are_decompressed(tmp_path: Path, is_compressed: bool) -> None:
    seen: list[str] = []

    def program(invocation: Invocation) -> None:
        seen.append((invocation.opt_ml / "input/data/part-0.csv").read_text())
        (invocation.opt_ml / "output/data/part-0.csv.out").write_text("0.5\n")

    request = transform_request(tmp_path)
    request["TransformInput"]["CompressionType"] = "Gzip"
    content = gzip.compress(b"1,2\n") if is_compressed else b"1,2\n"
    put_object(tmp_path, "s3://b/test/part-0.csv", content)
    context = job_context(tmp_path, FakeContainer({"transform": program}))
    if is_compressed:
        create_transform_job(request, context)
        assert seen == ["1,2\n"]
    else:
        with pytest.raises(JobFailed, match=r"part-0\.csv isn't a gzip file"):
            create_transform_job(request, context)


def test_object_without_split_is_one_request(tmp_path: Path) -> None:
    commands: list[tuple[str, ...]] = []

    def program(invocation: Invocation) -> None:
        commands.append(invocation.command)
        (invocation.opt_ml / "output/data/part-0.csv.out").write_text("0.5\n")

    request = transform_request(tmp_path)
    del request["TransformInput"]["SplitType"]
    del request["TransformOutput"]["AssembleWith"]
    create_transform_job(request, job_context(tmp_path, FakeContainer({"transform": program})))
    strategy = commands[0].index("--batch-strategy")
    assert commands[0][strategy + 1] == "MultiRecord"


def test_object_without_split_that_is_larger_than_a_request_is_named(tmp_path: Path) -> None:
    request = transform_request(tmp_path)
    request["TransformInput"]["SplitType"] = "None"
    put_object(tmp_path, "s3://b/test/large.csv", "1" * (2 * 1024**2 + 1))
    message = refusal_of(create_transform_job, request, tmp_path)
    assert message.startswith("ClientError: large.csv is larger than 2 MB")


def test_unknown_model_is_named(tmp_path: Path) -> None:
    request = {**transform_request(tmp_path), "ModelName": "missing"}
    message = refusal_of(create_transform_job, request, tmp_path)
    assert message.startswith("ClientError: there is no model 'missing'; ")


@pytest.mark.parametrize(
    "archive",
    [
        b"no archive",
        pytest.param(
            model_archive({"xgboost-model": bytes(100_000)})[:100],
        ),
    ],
    ids=["no-archive", "truncated"],
)
def test_model_archive_that_cannot_be_unpacked_is_named(tmp_path: Path, archive: bytes) -> None:
    request = transform_request(tmp_path, archive)
    message = refusal_of(create_transform_job, request, tmp_path)
    assert message.startswith("ClientError: s3://b/model.tar.gz can't be unpacked (")


@pytest.mark.parametrize("name", ["../escaped", "/escaped", "a/../../escaped"])
def test_model_archive_is_unpacked_inside_the_model_folder_only(tmp_path: Path, name: str) -> None:
    found: list[str] = []

    def program(invocation: Invocation) -> None:
        folder = invocation.opt_ml
        found.extend(path.relative_to(folder).as_posix() for path in folder.rglob("*escaped*"))

    request = transform_request(tmp_path, model_archive({name: b"x"}))
    create_transform_job(request, job_context(tmp_path, FakeContainer({"transform": program})))
    assert found == ["model/escaped"]
    assert [path.name for path in tmp_path.rglob("*escaped*")] == ["escaped"]


def test_sub_folders_of_a_model_archive_are_no_models(tmp_path: Path) -> None:
    found: list[str] = []

    def program(invocation: Invocation) -> None:
        folder = invocation.opt_ml / "model"
        found.extend(path.name for path in folder.iterdir() if path.is_file())

    archive = model_archive({"xgboost-model": b"trees", "code/inference.py": b"pass"})
    request = transform_request(tmp_path, archive)
    create_transform_job(request, job_context(tmp_path, FakeContainer({"transform": program})))
    assert found == ["xgboost-model"]


def test_model_without_archive_is_refused(tmp_path: Path) -> None:
    request = {"PrimaryContainer": {"Image": XGBOOST, "ModelDataUrl": "s3://b/none.tar.gz"}}
    message = refusal_of(create_model, request, tmp_path)
    assert message == "ClientError: no model archive at s3://b/none.tar.gz"


@pytest.mark.parametrize("number", [0, 2])
def test_model_of_several_containers_is_refused(tmp_path: Path, number: int) -> None:
    request = {"Containers": [{"Image": XGBOOST}] * number}
    message = refusal_of(create_model, request, tmp_path)
    assert "Containers" in message


def package_request(root: Path, group: str = "reviews") -> dict[str, Any]:
    put_object(root, "s3://b/model.tar.gz", b"m")
    return {
        "ModelPackageGroupName": group,
        "ModelApprovalStatus": "PendingManualApproval",
        "InferenceSpecification": {"Containers": [{"ModelDataUrl": "s3://b/model.tar.gz"}]},
    }


def register(root: Path, name: str, group: str = "reviews") -> int:
    answer = create_model_package(
        package_request(root, group), job_context(root, FakeContainer(), name)
    )
    version: int = answer["ModelPackageVersion"]
    return version


def test_versions_count_up_within_their_group(tmp_path: Path) -> None:
    assert [register(tmp_path, f"job-{number}") for number in range(11)] == list(range(1, 12))
    assert register(tmp_path, "other", "films") == 1
    package = json.loads((tmp_path / "registry/reviews/11.json").read_text())
    arn = "arn:aws:sagemaker:local-1:000000000000:model-package/reviews/11"
    assert package["ModelPackageArn"] == arn
    assert package["ModelPackageStatus"] == "Completed"
    assert package["ModelApprovalStatus"] == "PendingManualApproval"


def test_registrations_at_the_same_time_get_versions_of_their_own(tmp_path: Path) -> None:
    versions: list[int] = []
    together = threading.Barrier(8, timeout=30)
    package_request(tmp_path)
    contexts = [job_context(tmp_path, FakeContainer(), f"job-{number}") for number in range(8)]
    request = package_request(tmp_path)

    def one(number: int) -> None:
        together.wait()
        for _ in range(5):
            versions.append(create_model_package(request, contexts[number])["ModelPackageVersion"])

    threads = [threading.Thread(target=one, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)
    assert sorted(versions) == list(range(1, 41))
    stored = [
        json.loads(path.read_text())["ModelPackageVersion"]
        for path in (tmp_path / "registry/reviews").iterdir()
    ]
    assert sorted(stored) == list(range(1, 41))


def test_package_without_model_archive_is_refused(tmp_path: Path) -> None:
    request = package_request(tmp_path)
    FolderStore(tmp_path / "s3").path("s3://b/model.tar.gz").unlink()
    message = refusal_of(create_model_package, request, tmp_path)
    assert message == "ClientError: no model archive at s3://b/model.tar.gz"
    assert not (tmp_path / "registry").exists()


@pytest.mark.parametrize(
    "content",
    ["no JSON", "[1]", '{\n"a": 1}', json.dumps({"a": "x" * MODEL_CARD_LENGTH})],
    ids=["text", "list", "lines", "too-long"],
)
def test_model_card_that_the_service_refuses_is_refused(tmp_path: Path, content: str) -> None:
    request = {**package_request(tmp_path), "ModelCard": {"ModelCardContent": content}}
    assert "ModelCardContent" in refusal_of(create_model_package, request, tmp_path)
    assert not (tmp_path / "registry").exists()


@pytest.mark.parametrize("group", ["../outside", "a/b", "", "/absolute"])
def test_group_name_that_is_a_path_is_refused(tmp_path: Path, group: str) -> None:
    name = f"{tmp_path}{group}" if group.startswith("/") else group
    message = refusal_of(create_model_package, package_request(tmp_path, name), tmp_path)
    assert "ModelPackageGroupName" in message


def test_other_files_in_the_registry_are_ignored(tmp_path: Path) -> None:
    (tmp_path / "registry/reviews").mkdir(parents=True)
    (tmp_path / "registry/reviews/notes.json").write_text("{}")
    assert register(tmp_path, "job") == 1
