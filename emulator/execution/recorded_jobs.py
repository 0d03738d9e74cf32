"""The jobs of an execution: local_runner's jobs, recorded for the service that describes them."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from typing import Any

from botocore.exceptions import ClientError

from emulator.clients import Clients
from emulator.execution.job_logs import job_log
from emulator.execution.job_quotas import require_quota
from emulator.execution.request import Request
from emulator.sagemaker.jobs import IN_PROGRESS, OF, write_record
from emulator.sagemaker.names import now, random_id
from local_runner.errors import JobFailed
from local_runner.execution.executor import JOBS
from local_runner.jobs.context import Arguments, Job, JobContext, Properties
from local_runner.jobs.model_package import require_model_archives
from local_runner.jobs.model_resource import (
    container_of,
    package_arn,
    require_model_archive,
    with_package,
)
from local_runner.jobs.tuning_job import create_tuning_job
from local_runner.platform.containers import HostContainer
from local_runner.platform.json_file import write_json_atomically

_LONGEST_NAME = 63


@dataclass(frozen=True)
class Services:
    """The services that jobs need, for one execution."""

    clients: Clients
    request: Request

    def client(self, service: str) -> Any:
        """Return a client in the execution's account and region."""
        return self.clients(service, self.request.place)

    def tags(self) -> list[dict[str, str]]:
        """Return the tags of everything that the execution creates."""
        arn = self.request.pipeline_arn
        return [
            {"Key": "sagemaker:pipeline-arn", "Value": arn},
            {
                "Key": "sagemaker:pipeline-execution-arn",
                "Value": f"{arn}/execution/{self.request.execution_id}",
            },
        ]


def jobs(services: Services) -> Mapping[str, Job]:
    """Return the jobs by step type."""
    return {
        "Processing": _recorded("Processing", services),
        "Training": _recorded("Training", services),
        "Transform": _recorded("Transform", services, _write_model),
        "Model": lambda arguments, context: _create_model(arguments, context, services),
        "Tuning": partial(create_tuning_job, train=_recorded("Training", services)),
        "ForEach": JOBS["ForEach"],
        "Cleanup": JOBS["Cleanup"],
        "RegisterModel": lambda arguments, context: _register(arguments, context, services),
    }


def job_name(execution: str, step: str, _attempt: int) -> str:
    """Return a unique name, as pipelines give to each attempt at a job."""
    return f"{f'pipelines-{execution}-{step}'[: _LONGEST_NAME - 11]}-{random_id(10)}"


def _recorded(
    step_type: str,
    services: Services,
    before: Callable[[Arguments, JobContext, Services], None] = lambda *_: None,
) -> Job:
    kind, job = f"{step_type}Job", JOBS[step_type]

    def run(arguments: Arguments, context: JobContext) -> Properties:
        require_quota(step_type, arguments, services.client("service-quotas"))
        record = _JobRecord(step_type, arguments, context, services)
        with record.recorded(), job_log(services.client("logs"), kind, context.name) as log:
            before(arguments, context, services)
            properties = job(arguments, replace(context, container=HostContainer(log.write)))
            record.add(properties)
        return properties

    return run


class _JobRecord:
    """The description of a job, written at its start and at its end."""

    def __init__(
        self, step_type: str, arguments: Arguments, context: JobContext, services: Services
    ) -> None:
        self._type = step_type
        self._kind = f"{step_type}Job"
        self._folder = services.request.jobs
        identity = context.identity.arn(f"{step_type.lower()}-job", context.name)
        time = now()
        step = context.log.stem
        self._job: dict[str, Any] = {
            **arguments,
            OF: [services.request.execution_id, step],
            f"{self._kind}Arn": identity,
            f"{self._kind}Name": context.name,
            f"{step_type}StartTime": time,
            "CreationTime": time,
        }
        services.client("sagemaker").add_tags(ResourceArn=identity, Tags=services.tags())

    @contextmanager
    def recorded(self) -> Iterator[None]:
        """Record the job's start, and its end with status and reason."""
        self._save(IN_PROGRESS)
        try:
            yield
        except JobFailed as error:
            self._end("Failed", str(error))
            raise
        except KeyboardInterrupt:
            self._end("Stopped")
            raise
        self._end("Completed")

    def add(self, properties: Properties) -> None:
        """Add the properties that the job returned."""
        self._job = {**properties, **self._job}

    def _end(self, status: str, reason: str | None = None) -> None:
        time = now()
        self._job[f"{self._type}EndTime"] = time
        if reason:
            self._job["FailureReason"] = reason
        if self._type == "Training":
            started: datetime = self._job["TrainingStartTime"]
            seconds = math.ceil((time - started).total_seconds())
            self._job |= {"TrainingTimeInSeconds": seconds, "BillableTimeInSeconds": seconds}
        self._save(status)

    def _save(self, status: str) -> None:
        self._job |= {f"{self._kind}Status": status}
        if self._type != "Transform":
            self._job["LastModifiedTime"] = now()
        if self._type == "Training":
            self._job["SecondaryStatus"] = "Training" if status == IN_PROGRESS else status
        write_record(self._folder, self._job)


def _create_model(arguments: Arguments, context: JobContext, services: Services) -> Properties:
    require_model_archive(container_of(_filled(arguments, services)), context)
    client = services.client("sagemaker")
    request = {**arguments, "ModelName": context.name, "Tags": _tags(arguments, services)}
    with _client_errors():
        client.create_model(**request)
        return _described(client.describe_model(ModelName=context.name))


def _register(arguments: Arguments, context: JobContext, services: Services) -> Properties:
    require_model_archives(arguments, context)
    client = services.client("sagemaker")
    with _client_errors():
        created = client.create_model_package(**{**arguments, "Tags": _tags(arguments, services)})
        return _described(
            client.describe_model_package(ModelPackageName=created["ModelPackageArn"])
        )


def _write_model(arguments: Arguments, context: JobContext, services: Services) -> None:
    """Write the service's description of the model where Transform reads it."""
    name = arguments["ModelName"]
    with _client_errors():
        described = _described(services.client("sagemaker").describe_model(ModelName=name))
    write_json_atomically(context.models / f"{name}.json", _filled(described, services))


def _filled(described: Arguments, services: Services) -> Arguments:
    """Return the model's description, with the container of its version if it refers to one.

    AWS deploys approved versions only; the words of its error aren't known.
    """
    package = package_arn(described)
    if package is None:
        return described
    with _client_errors():
        version = services.client("sagemaker").describe_model_package(ModelPackageName=package)
    if version["ModelApprovalStatus"] != "Approved":
        raise JobFailed(f"ClientError: ModelPackage {package} is not approved")
    return with_package(described, _described(version))


def _tags(arguments: Arguments, services: Services) -> list[dict[str, str]]:
    return [*arguments.get("Tags", ()), *services.tags()]


def _described(response: Mapping[str, Any]) -> Properties:
    """Return a service's response as JSON values."""
    return {
        key: value.isoformat() if isinstance(value, datetime) else value
        for key, value in response.items()
        if key != "ResponseMetadata"
    }


@contextmanager
def _client_errors() -> Iterator[None]:
    """Fail the job with the error that a service responds with."""
    try:
        yield
    except ClientError as error:
        raise JobFailed(f"ClientError: {error.response['Error']['Message']}") from None
