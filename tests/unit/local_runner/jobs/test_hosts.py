"""Jobs on several hosts: distribution of objects, configuration, outputs, and failures."""

from __future__ import annotations

import json
import tarfile
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from local_runner.errors import JobFailed, JobInterrupted
from local_runner.jobs.hosts import Hosts
from local_runner.jobs.model_resource import create_model
from local_runner.jobs.processing_job import create_processing_job
from local_runner.jobs.training_job import create_training_job
from local_runner.jobs.transform_job import create_transform_job
from local_runner.platform.containers import Invocation
from local_runner.platform.object_store import FolderStore
from tests.support.files import contents
from tests.support.runner_samples import (
    SKLEARN,
    XGBOOST,
    FakeContainer,
    job_context,
    model_archive,
    put_object,
)

Program = Callable[[Invocation], None]

KEYS = ["a-b", "a/b", "b", "c", "d"]
"""In the order in which S3 lists them: by their bytes, of which ``-`` comes before ``/``."""


def host_of(invocation: Invocation) -> str:
    name: str = json.loads(
        next(invocation.opt_ml.rglob("resourceconfig.json")).read_text(encoding="utf-8")
    )["current_host"]
    return name


def stored(root: Path, uri: str) -> dict[str, str]:
    return {key: path.read_text() for key, path in FolderStore(root / "s3").files(uri)}


def processing_request(count: Any, **source: Any) -> dict[str, Any]:
    return {
        "AppSpecification": {"ImageUri": SKLEARN, "ContainerEntrypoint": ["python3", "prepare"]},
        "ProcessingResources": {"ClusterConfig": {"InstanceCount": count}},
        "ProcessingInputs": [
            {
                "InputName": "x",
                "S3Input": {"S3Uri": "s3://b/in", "LocalPath": "/opt/ml/processing/in", **source},
            }
        ],
        "ProcessingOutputConfig": {
            "Outputs": [
                {
                    "OutputName": "out",
                    "S3Output": {"S3Uri": "s3://b/out", "LocalPath": "/opt/ml/processing/out"},
                }
            ]
        },
    }


def process(
    root: Path, count: Any, program: Program = lambda _: None, **source: Any
) -> dict[str, list[str]]:
    """Run the job with objects of KEYS; return the files that each host found."""
    for number, key in enumerate(KEYS):
        put_object(root, f"s3://b/in/{key}", str(number))
    seen: dict[str, list[str]] = {}

    def look(invocation: Invocation) -> None:
        seen[host_of(invocation)] = list(contents(invocation.opt_ml / "processing/in"))
        program(invocation)

    context = job_context(root, FakeContainer({"prepare": look}))
    create_processing_job(processing_request(count, **source), context)
    return seen


def leave_result(invocation: Invocation) -> None:
    """Each host writes a file with its own name."""
    name = host_of(invocation)
    (invocation.opt_ml / "processing/out" / name).write_text(f"of {name}")


def test_sharded_objects_are_dealt_to_the_hosts_in_the_order_of_their_keys(tmp_path: Path) -> None:
    shares = process(tmp_path, 2, leave_result, S3DataDistributionType="ShardedByS3Key")
    assert shares == {"algo-1": ["a-b", "b", "d"], "algo-2": ["a/b", "c"]}


def test_replicated_objects_are_on_every_host(tmp_path: Path) -> None:
    hosts = ("algo-1", "algo-2", "algo-3")
    assert process(tmp_path, 3, leave_result) == dict.fromkeys(hosts, KEYS)


def test_host_without_a_share_finds_an_empty_folder(tmp_path: Path) -> None:
    shares = process(tmp_path, 6, leave_result, S3DataDistributionType="ShardedByS3Key")
    assert shares["algo-6"] == []
    assert sorted(key for share in shares.values() for key in share) == KEYS


@pytest.mark.parametrize("distribution", ["ShardedByS3Key", "FullyReplicated"])
def test_single_host_gets_everything(tmp_path: Path, distribution: str) -> None:
    shares = process(tmp_path, 1, leave_result, S3DataDistributionType=distribution)
    assert shares == {"algo-1": KEYS}


def test_hosts_get_links_and_no_copies(tmp_path: Path) -> None:
    inodes: list[int] = []

    def program(invocation: Invocation) -> None:
        inodes.append((invocation.opt_ml / "processing/in/c").stat().st_ino)
        leave_result(invocation)

    process(tmp_path, 2, program)
    assert set(inodes) == {FolderStore(tmp_path / "s3").path("s3://b/in/c").stat().st_ino}


def test_outputs_of_all_hosts_are_merged(tmp_path: Path) -> None:
    process(tmp_path, 3, leave_result)
    names = ("algo-1", "algo-2", "algo-3")
    assert stored(tmp_path, "s3://b/out") == {name: f"of {name}" for name in names}


def test_output_of_a_single_host_is_enough(tmp_path: Path) -> None:
    def program(invocation: Invocation) -> None:
        if host_of(invocation) == "algo-2":
            leave_result(invocation)

    process(tmp_path, 2, program)
    assert stored(tmp_path, "s3://b/out") == {"algo-2": "of algo-2"}


def test_job_fails_if_two_hosts_write_the_same_output_file(tmp_path: Path) -> None:
    def program(invocation: Invocation) -> None:
        (invocation.opt_ml / "processing/out/report.json").write_text("{}")

    with pytest.raises(JobFailed) as failure:
        process(tmp_path, 2, program)
    assert str(failure.value) == (
        "ClientError: algo-2 and another host both wrote report.json to /opt/ml/processing/out; "
        "include the host's name in the file's name"
    )
    assert FolderStore(tmp_path / "s3").exists("s3://b/out") is False


def test_every_host_has_a_resource_configuration(tmp_path: Path) -> None:
    configurations: list[dict[str, Any]] = []

    def program(invocation: Invocation) -> None:
        configurations.append(
            json.loads((invocation.opt_ml / "config/resourceconfig.json").read_text())
        )
        leave_result(invocation)

    process(tmp_path, 2, program)
    hosts = ["algo-1", "algo-2"]
    assert sorted(configurations, key=str) == [
        {"current_host": name, "hosts": hosts} for name in hosts
    ]


def test_hosts_run_at_the_same_time_and_share_a_network(tmp_path: Path) -> None:
    barrier = threading.Barrier(3, timeout=30)

    def program(invocation: Invocation) -> None:
        network = Path(invocation.environment["LOCAL_NETWORK"])
        (network / host_of(invocation)).write_text("here")
        barrier.wait()
        assert list(contents(network)) == ["algo-1", "algo-2", "algo-3"]
        leave_result(invocation)

    process(tmp_path, 3, program)


def test_single_host_has_no_network_and_the_jobs_own_log(tmp_path: Path) -> None:
    seen: list[Invocation] = []

    def program(invocation: Invocation) -> None:
        seen.append(invocation)
        leave_result(invocation)

    process(tmp_path, 1, program)
    assert "LOCAL_NETWORK" not in seen[0].environment
    assert seen[0].log == tmp_path / "job.log"


def test_each_of_several_hosts_has_its_own_log(tmp_path: Path) -> None:
    logs: dict[str, str] = {}

    def program(invocation: Invocation) -> None:
        logs[host_of(invocation)] = invocation.log.name
        leave_result(invocation)

    process(tmp_path, 2, program)
    assert logs == {"algo-1": "job.algo-1.log", "algo-2": "job.algo-2.log"}


@pytest.mark.parametrize("error", [JobFailed("AlgorithmError: bad"), JobInterrupted("killed")])
def test_first_failing_host_ends_the_job_with_its_reason(tmp_path: Path, error: JobFailed) -> None:
    stopped: list[str] = []

    def program(invocation: Invocation) -> None:
        if host_of(invocation) == "algo-2":
            raise error
        try:
            invocation.cancellation.wait(30)
        except KeyboardInterrupt:
            stopped.append(host_of(invocation))
            raise

    with pytest.raises(type(error)) as failure:
        process(tmp_path, 3, program)
    assert failure.value is error
    assert sorted(stopped) == ["algo-1", "algo-3"]
    assert FolderStore(tmp_path / "s3").exists("s3://b/out") is False


def test_cancelled_job_ends_on_every_host(tmp_path: Path) -> None:
    put_object(tmp_path, "s3://b/in/a", "")
    barrier = threading.Barrier(2, timeout=30)

    def program(invocation: Invocation) -> None:
        if barrier.wait() == 0:
            context.cancellation.cancel()
        invocation.cancellation.wait(30)

    context = job_context(tmp_path, FakeContainer({"prepare": program}))
    with pytest.raises(KeyboardInterrupt):
        create_processing_job(processing_request(2), context)


@pytest.mark.parametrize("count", [0, -1, "2", None, 1.5])
def test_invalid_instance_count_is_refused(tmp_path: Path, count: Any) -> None:
    with pytest.raises(JobFailed) as refusal:
        Hosts(count, job_context(tmp_path, FakeContainer()))
    assert "InstanceCount" in str(refusal.value)
    assert repr(count) in str(refusal.value)


def test_unknown_distribution_is_refused(tmp_path: Path) -> None:
    with pytest.raises(JobFailed, match="S3DataDistributionType 'ByMoon'"):
        process(tmp_path, 2, S3DataDistributionType="ByMoon")


def training_request(count: int) -> dict[str, Any]:
    def channel(name: str, distribution: str) -> dict[str, Any]:
        source = {
            "S3DataType": "S3Prefix",
            "S3Uri": f"s3://b/{name}",
            "S3DataDistributionType": distribution,
        }
        return {"ChannelName": name, "DataSource": {"S3DataSource": source}}

    return {
        "AlgorithmSpecification": {"TrainingImage": XGBOOST},
        "InputDataConfig": [
            channel("train", "ShardedByS3Key"),
            channel("validation", "FullyReplicated"),
        ],
        "OutputDataConfig": {"S3OutputPath": "s3://b/models"},
        "ResourceConfig": {"InstanceCount": count},
    }


def train(root: Path, program: Program, **resources: Any) -> Any:
    for key in ("0", "1", "2"):
        put_object(root, f"s3://b/train/{key}", key)
        put_object(root, f"s3://b/validation/{key}", key)
    request = training_request(2)
    request["ResourceConfig"] |= resources
    return create_training_job(request, job_context(root, FakeContainer({"train": program})))


def test_each_channel_has_its_own_distribution(tmp_path: Path) -> None:
    seen: dict[str, list[str]] = {}

    def program(invocation: Invocation) -> None:
        name = host_of(invocation)
        seen[name] = list(contents(invocation.opt_ml / "input/data"))
        if name == "algo-1":
            (invocation.opt_ml / "model/trees").write_text("")

    train(tmp_path, program)
    everything = ["validation/0", "validation/1", "validation/2"]
    assert seen == {
        "algo-1": ["train/0", "train/2", *everything],
        "algo-2": ["train/1", *everything],
    }


def test_model_archive_has_the_files_of_all_hosts(tmp_path: Path) -> None:
    def program(invocation: Invocation) -> None:
        (invocation.opt_ml / "model" / host_of(invocation)).write_text("")

    answer = train(tmp_path, program)
    path = FolderStore(tmp_path / "s3").path(answer["ModelArtifacts"]["S3ModelArtifacts"])
    with tarfile.open(path) as archive:
        assert archive.getnames() == ["algo-1", "algo-2"]


def test_job_fails_if_two_hosts_write_the_same_model_file(tmp_path: Path) -> None:
    def program(invocation: Invocation) -> None:
        (invocation.opt_ml / "model/trees").write_text("")

    with pytest.raises(JobFailed, match=r"algo-2 .* trees .*/opt/ml/model"):
        train(tmp_path, program)


def test_heterogeneous_cluster_is_refused(tmp_path: Path) -> None:
    groups = [{"InstanceCount": 1, "InstanceGroupName": "g", "InstanceType": "ml.m5.large"}]
    with pytest.raises(JobFailed, match="InstanceGroups"):
        train(tmp_path, lambda _: None, InstanceGroups=groups)


def test_each_file_is_scored_by_one_host_and_its_answers_keep_their_order(tmp_path: Path) -> None:
    put_object(tmp_path, "s3://b/model.tar.gz", model_archive({"trees": b"t"}))
    for number in range(5):
        put_object(tmp_path, f"s3://b/test/part-{number}.csv", f"{number}a\n{number}b\n")
    shares: list[list[str]] = []

    def program(invocation: Invocation) -> None:
        assert (invocation.opt_ml / "model/trees").read_bytes() == b"t"
        shares.append(list(contents(invocation.opt_ml / "input/data")))
        for name in shares[-1]:
            rows = (invocation.opt_ml / "input/data" / name).read_text()
            (invocation.opt_ml / "output/data" / f"{name}.out").write_text(rows.upper())

    described = create_model(
        {"PrimaryContainer": {"Image": XGBOOST, "ModelDataUrl": "s3://b/model.tar.gz"}},
        job_context(tmp_path, FakeContainer(), "the-model"),
    )
    request = {
        "ModelName": described["ModelName"],
        "TransformInput": {
            "SplitType": "Line",
            "DataSource": {"S3DataSource": {"S3Uri": "s3://b/test"}},
        },
        "TransformOutput": {"AssembleWith": "Line", "S3OutputPath": "s3://b/scores"},
        "TransformResources": {"InstanceCount": 2},
    }
    create_transform_job(request, job_context(tmp_path, FakeContainer({"transform": program})))
    assert sorted(shares) == [
        ["part-0.csv", "part-2.csv", "part-4.csv"],
        ["part-1.csv", "part-3.csv"],
    ]
    assert stored(tmp_path, "s3://b/scores") == {
        f"part-{number}.csv.out": f"{number}A\n{number}B\n" for number in range(5)
    }
