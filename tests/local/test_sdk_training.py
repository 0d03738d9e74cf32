"""Training with the SDK's own scripts, which hard-code ``/opt/ml`` and install requirements."""

from __future__ import annotations

import io
import json
import tarfile
from pathlib import Path

import pytest
from sagemaker.train import constants, templates

from local_runner.jobs.training_job import create_training_job
from local_runner.platform.containers import HostContainer
from local_runner.platform.object_store import FolderStore
from local_runner.platform.opt_ml import can_mount
from tests.support.runner_samples import SKLEARN, job_context, put_object

PROGRAM = """
import argparse, os, pathlib
parser = argparse.ArgumentParser()
parser.add_argument("--depth", type=int)
depth = parser.parse_args().depth
rows = pathlib.Path("/opt/ml/input/data/train/rows.csv").read_text()
pathlib.Path(os.environ["SM_MODEL_DIR"], "model.txt").write_text(f"{depth} {rows}")
"""
REQUIREMENTS = """
set -e
pip install -r requirements.txt
pip3 install -r requirements.txt
$SM_PYTHON_CMD -m pip install no-such-package-of-anybody
"""


def channel(name: str) -> dict[str, object]:
    source = {"S3DataType": "S3Prefix", "S3Uri": f"s3://b/{name}/"}
    return {"ChannelName": name, "DataSource": {"S3DataSource": source}}


def put_drivers(root: Path) -> None:
    drivers = Path(constants.SM_DRIVERS_LOCAL_PATH)
    for path in drivers.rglob("*.py"):
        name = path.relative_to(drivers).as_posix()
        put_object(root, f"s3://b/sm_drivers/{name}", path.read_bytes())
    script = templates.TRAIN_SCRIPT_TEMPLATE.format(
        working_dir=f"cd {constants.SM_CODE_CONTAINER_PATH}",
        install_requirements=REQUIREMENTS,
        execute_driver=templates.EXECUTE_BASIC_SCRIPT_DRIVER,
    )
    put_object(root, f"s3://b/sm_drivers/{constants.TRAIN_SCRIPT}", script)
    put_object(root, "s3://b/sm_drivers/sourcecode.json", json.dumps({"entry_script": "train.py"}))
    put_object(root, "s3://b/sm_drivers/distributed.json", "{}")


@pytest.mark.skipif(not can_mount(), reason="this machine can't mount /opt/ml")
def test_scripts_of_the_sdk_run_unchanged(tmp_path: Path) -> None:
    put_drivers(tmp_path)
    put_object(tmp_path, "s3://b/code/train.py", PROGRAM)
    put_object(tmp_path, "s3://b/code/requirements.txt", "no-such-package-of-anybody")
    put_object(tmp_path, "s3://b/train/rows.csv", "1,2")
    request = {
        "AlgorithmSpecification": {
            "TrainingImage": SKLEARN,
            "ContainerEntrypoint": constants.DEFAULT_CONTAINER_ENTRYPOINT,
            "ContainerArguments": constants.DEFAULT_CONTAINER_ARGUMENTS,
        },
        "HyperParameters": {"depth": "5"},
        "InputDataConfig": [channel(name) for name in ("train", "code", "sm_drivers")],
        "OutputDataConfig": {"S3OutputPath": "s3://b/out"},
    }
    create_training_job(request, job_context(tmp_path, HostContainer()))
    store = FolderStore(tmp_path / "s3")
    with store.open("s3://b/out/job/output/model.tar.gz") as file:
        content = io.BytesIO(file.read())
    with tarfile.open(fileobj=content) as archive:
        model = archive.extractfile("model.txt")
        assert model is not None
        assert model.read() == b"5 1,2"
