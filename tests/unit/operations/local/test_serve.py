"""`sentiment serve`: which version it serves, how it ends, and what it refuses."""

from __future__ import annotations

import json
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from local_runner.platform.identity import LOCAL
from local_runner.workdir import Workdir
from operations.local.deployment_values import GROUP
from tests.support.answering_model import APPLICATION, PREDICTION
from tests.support.clean_room import ROOT
from tests.support.command_line import assert_refused, invoke
from tests.support.programs import killed_if_failing
from tests.support.runner_samples import XGBOOST, model_archive
from tests.support.served_models import announced, request

ENVIRONMENT = {
    "PREDICTION": json.dumps(PREDICTION),
    "PYTHONPATH": "/opt/ml/model/code",
    "SAGEMAKER_SERVING_MODULE": "app:app",
}


def register(
    workdir: Path, approval: str = "Approved", environment: dict[str, str] | None = None
) -> None:
    """Register a version whose archive answers with a prepared prediction."""
    root = Workdir(workdir)
    archive = root.store.path("s3://b/model.tar.gz")
    archive.parent.mkdir(parents=True, exist_ok=True)
    archive.write_bytes(model_archive({"code/app.py": APPLICATION.encode()}))
    container = {
        "Environment": ENVIRONMENT if environment is None else environment,
        "Image": XGBOOST,
        "ModelDataUrl": "s3://b/model.tar.gz",
    }
    package = {
        "CustomerMetadataProperties": {
            name: f"s3://b/{name}" for name in ("manifest", "model", "vocabulary")
        },
        "InferenceSpecification": {"Containers": [container]},
        "ModelApprovalStatus": approval,
    }
    root.registry.register(GROUP, package, LOCAL)


@contextmanager
def served(workdir: Path, *options: str) -> Iterator[subprocess.Popen[str]]:
    """Start the command as a program."""
    command = [sys.executable, "-m", "operations", "serve", "--port", "0", *options]
    with killed_if_failing(
        subprocess.Popen(
            [*command, "--workdir", str(workdir)],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
    ) as program:
        yield program


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_newest_approved_version_is_served_until_ctrl_c_or_sigterm(
    tmp_path: Path, number: signal.Signals
) -> None:
    for approval in ("Approved", "Approved", "PendingManualApproval"):
        register(tmp_path, approval)
    with served(tmp_path, "--json") as program:
        found = announced(program)
        status, body, _ = request(
            f"{found['url']}/invocations",
            b'{"instances": [{"text": "a"}], "explain": true}',
            {"Content-Type": "application/json"},
        )
        assert (status, json.loads(body)["model_version"]) == (200, "2")
        assert found["model_package_arn"].endswith("/2")
        assert b"<title>" in request(found["url"])[1]
        program.send_signal(number)
        output, errors = program.communicate(timeout=60)
        assert (program.returncode, output, errors) == (0, "", "stopped\n")
    with pytest.raises(ConnectionRefusedError):
        request(found["url"])


def test_chosen_version_and_addresses_are_printed(tmp_path: Path) -> None:
    register(tmp_path, "PendingManualApproval")
    register(tmp_path)
    with served(tmp_path, "--model", "1") as program:
        assert program.stdout
        lines = [next(program.stdout) for _ in range(4)]
        assert lines[0] == "model version 1 (PendingManualApproval), chosen with --model\n"
        url = lines[2].split()[1]
        assert lines[3].split()[1:] == ["POST", f"{url}/invocations"]
        assert request(url)[0] == 200
        program.send_signal(signal.SIGINT)
        program.communicate(timeout=60)


def test_version_that_is_not_approved_is_served_with_a_warning(tmp_path: Path) -> None:
    register(tmp_path, "PendingManualApproval")
    with served(tmp_path, "--json") as program:
        announced(program)
        program.send_signal(signal.SIGINT)
        _, errors = program.communicate(timeout=60)
        assert errors.startswith("warning: no version is approved")


def test_port_in_use_is_refused(tmp_path: Path) -> None:
    register(tmp_path)
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = str(other.getsockname()[1])
        result = invoke("serve", "--port", port, "--workdir", str(tmp_path))
    assert_refused(result, 1, f"port {port} can't be used")


def test_version_that_takes_no_text_is_refused(tmp_path: Path) -> None:
    register(tmp_path, environment={})
    assert_refused(invoke("serve", "--workdir", str(tmp_path)), 1, "version 1", "sentiment run")


def test_version_without_its_archive_is_refused(tmp_path: Path) -> None:
    register(tmp_path)
    (tmp_path / "s3" / "b" / "model.tar.gz").unlink()
    assert_refused(invoke("serve", "--workdir", str(tmp_path)), 1, "model.tar.gz")


def test_version_whose_code_fails_is_refused_with_the_reason(tmp_path: Path) -> None:
    register(tmp_path, environment={"SAGEMAKER_SERVING_MODULE": "nowhere:app"})
    with served(tmp_path) as program:
        output, errors = program.communicate(timeout=60)
    assert (program.returncode, output) == (1, "")
    assert errors.splitlines()[-1].startswith("error: the model can't be served: ")
    assert "No module named 'nowhere'" in errors.splitlines()[-1]


def test_work_folder_without_versions_is_refused(tmp_path: Path) -> None:
    assert_refused(invoke("serve", "--workdir", str(tmp_path)), 1, "no model versions")
