"""Small definitions, and the fake of the one seam: the container."""

from __future__ import annotations

import io
import json
import tarfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from local_runner.definition.model import VERSION
from local_runner.execution.executor import JOBS, Executor, Platform
from local_runner.execution.record import PipelineExecution
from local_runner.jobs.context import Job, JobContext
from local_runner.plan import Plan
from local_runner.platform.containers import Invocation, ignore
from local_runner.platform.identity import LOCAL, Identity
from local_runner.platform.model_registry import ModelRegistry
from local_runner.platform.object_store import FolderStore
from local_runner.run import prepare
from local_runner.workdir import Workdir

SKLEARN = "1.dkr.ecr.us-east-1.amazonaws.com/sagemaker-scikit-learn:1.4-2"
XGBOOST = "1.dkr.ecr.us-east-1.amazonaws.com/sagemaker-xgboost:3.0-5"

Document = dict[str, Any]
Program = Callable[[Invocation], None]


def document(*steps: Document, parameters: tuple[Document, ...] = ()) -> Document:
    return {"Version": VERSION, "Parameters": list(parameters), "Steps": list(steps)}


def parameter(name: str, kind: str = "String", **keys: Any) -> Document:
    return {"Name": name, "Type": kind, **keys}


def processing(
    name: str,
    inputs: Mapping[str, Any] | None = None,
    outputs: Mapping[str, Any] | None = None,
    program: tuple[Any, ...] = (),
    max_runtime: Document | None = None,
    **keys: Any,
) -> Document:
    """A processing step; inputs and outputs are s3 URIs by name."""
    arguments: Document = {
        "AppSpecification": {
            "ImageUri": SKLEARN,
            "ContainerEntrypoint": ["python3", *(program or (name,))],
        },
        "ProcessingInputs": [
            {
                "InputName": key,
                "S3Input": {"S3Uri": uri, "LocalPath": f"/opt/ml/processing/input/{key}"},
            }
            for key, uri in (inputs or {}).items()
        ],
        "ProcessingOutputConfig": {
            "Outputs": [
                {
                    "OutputName": key,
                    "S3Output": {"S3Uri": uri, "LocalPath": f"/opt/ml/processing/output/{key}"},
                }
                for key, uri in (outputs or {}).items()
            ]
        },
    }
    if max_runtime is not None:
        arguments["StoppingCondition"] = {"MaxRuntimeInSeconds": max_runtime}
    return {"Name": name, "Type": "Processing", "Arguments": arguments, **keys}


def output_of(step: str, output: str) -> Document:
    path = f"Steps.{step}.ProcessingOutputConfig.Outputs['{output}'].S3Output.S3Uri"
    return {"Get": path}


def condition(
    name: str,
    *conditions: Document,
    if_steps: tuple[Document, ...] = (),
    else_steps: tuple[Document, ...] = (),
    **keys: Any,
) -> Document:
    arguments = {
        "Conditions": list(conditions),
        "IfSteps": list(if_steps),
        "ElseSteps": list(else_steps),
    }
    return {"Name": name, "Type": "Condition", "Arguments": arguments, **keys}


def compare(kind: str, left: Any, right: Any) -> Document:
    return {"Type": kind, "LeftValue": left, "RightValue": right}


def fail(name: str, message: Any = "refused", **keys: Any) -> Document:
    return {"Name": name, "Type": "Fail", "Arguments": {"ErrorMessage": message}, **keys}


def planned(definition: Document, **given: str) -> Plan:
    return prepare(json.dumps(definition), given, {})


def leave(output: str, name: str, text: str) -> Program:
    """A program that writes one file into one of its outputs."""

    def program(invocation: Invocation) -> None:
        path = invocation.opt_ml / "processing" / "output" / output / name
        path.write_text(text)

    return program


@dataclass
class FakeContainer:
    """Calls a function in place of a program; ``ran`` lists the programs' names in order."""

    programs: Mapping[str, Program] = field(default_factory=dict)
    ran: list[str] = field(default_factory=list)

    def invoke(self, invocation: Invocation) -> None:
        name = next(word for word in invocation.command if word != "python3")
        self.ran.append(name)
        self.programs.get(name, ignore)(invocation)


def execute(
    plan: Plan,
    root: Path,
    container: FakeContainer,
    listener: Callable[..., None] = lambda _: None,
    sleep: Callable[[float], None] | None = lambda _: None,
    execution: PipelineExecution | None = None,
    identity: Identity = LOCAL,
    jobs: Mapping[str, Job] = JOBS,
    max_parallel_steps: int = 1,
) -> PipelineExecution:
    """Runs the plan with the fake container and returns the execution."""
    workdir = Workdir(root)
    execution = execution or PipelineExecution(
        workdir.executions.new_id(), "fingerprint", plan.parameters, "2026-01-01T00:00:00+00:00"
    )
    platform = Platform(
        workdir.store, container, identity, jobs, max_parallel_steps=max_parallel_steps
    )
    Executor(plan, execution, workdir, platform, listener, sleep).execute()
    return execution


def job_context(root: Path, container: Any, name: str = "job") -> JobContext:
    sandbox = root / "sandboxes" / name
    sandbox.mkdir(parents=True)
    return JobContext(
        name=name,
        store=FolderStore(root / "s3"),
        container=container,
        sandbox=sandbox,
        log=root / f"{name}.log",
        models=root / "models",
        registry=ModelRegistry(root / "registry"),
        identity=LOCAL,
    )


def put_object(root: Path, uri: str, content: str | bytes) -> Path:
    path = FolderStore(root / "s3").path(uri)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def model_archive(files: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as archive:
        for name, data in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(data)
            archive.addfile(member, io.BytesIO(data))
    return buffer.getvalue()
