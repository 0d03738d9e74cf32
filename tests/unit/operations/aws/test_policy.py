"""The operator's policy: exactly what the commands call, each on the narrowest resource."""

from __future__ import annotations

import ast
import fnmatch
import json
import re
from collections.abc import Callable, Iterator
from importlib.resources import files
from pathlib import Path
from string import Template
from typing import Any

import botocore.session
import pytest
from botocore import xform_name

import operations
from tests.support.archives import tiny_dataset
from tests.support.aws_samples import (
    ACCOUNT,
    BUCKET,
    GROUP,
    ID,
    START,
    SUCCEEDED,
    definition,
    evaluate_job,
    execution,
    execution_arn,
    job_name,
    listed_jobs,
    package,
    pipeline,
    processing_jobs,
    step,
    training_job,
    transform_job,
)
from tests.support.clean_room import ROOT
from tests.support.command_line import assert_refused, invoke
from tests.support.diff_samples import template
from tests.support.endpoint_samples import (
    ENDPOINT,
    EXECUTION,
    MACHINE,
    NAME,
    answered,
    deployed,
    history,
    list_hosting,
    listed,
    serve,
)
from tests.support.feedback_samples import scored_objects, serve_objects
from tests.support.scripted_aws import (
    POLICY,
    ScriptedAws,
    action,
    allowed_actions,
    error,
)

SERVICES = (
    "application-autoscaling",
    "cloudformation",
    "cloudwatch",
    "ec2",
    "ecr",
    "iam",
    "logs",
    "pricing",
    "s3",
    "sagemaker",
    "sagemaker-runtime",
    "service-quotas",
    "ssm",
    "stepfunctions",
    "sts",
)
NEEDS_NO_PERMISSION = {"sts:GetCallerIdentity"}
# Actions of boto3 methods that aren't operations of a service, or that need further ones.
MANAGED = {
    "copy_object": {"s3:GetObject"},
    "upload_fileobj": {"s3:AbortMultipartUpload", "s3:PutObject"},
}
FILLED = {
    "Account": ACCOUNT,
    "Bucket": BUCKET,
    "Partition": "aws",
    "Pipeline": "sentiment-dev",
    "Qualifier": "hnb659fds",
    "Region": "us-east-1",
    "SourceAccount": ACCOUNT,
    "SourceBucket": BUCKET,
    "SourcePipeline": "sentiment-test",
}


def operations_by_method() -> dict[str, str]:
    """The action of each method of the clients."""
    session = botocore.session.get_session()
    found: dict[str, str] = {}
    for service in SERVICES:
        for operation in session.get_service_model(service).operation_names:
            found[xform_name(operation)] = action(service, operation)
    return found


def called_actions() -> set[str]:
    """Actions that the code calls: client methods, and operation names for paginators."""
    known = operations_by_method()
    found: set[str] = set()
    for path in sorted(Path(operations.__file__).parent.joinpath("aws").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Attribute) and ast.unparse(node.value) == "re":
                continue  # re.search isn't SageMaker's Search
            name = node.attr if isinstance(node, ast.Attribute) else None
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                name = node.value
            found |= MANAGED.get(name or "", set())
            if name in known:
                found.add(known[name])
    return found


def statements() -> Iterator[tuple[str, str]]:
    """(action, resource) of the filled policy."""
    for statement in json.loads(Template(json.dumps(POLICY)).substitute(FILLED))["Statement"]:
        for one in _listed(statement["Action"]):
            for resource in _listed(statement["Resource"]):
                yield one, resource


def _listed(value: str | list[str]) -> list[str]:
    return [value] if isinstance(value, str) else value


def test_policy_allows_exactly_what_the_code_calls() -> None:
    called = called_actions() - NEEDS_NO_PERMISSION
    assert sorted(called) == sorted(allowed_actions())


def test_no_action_is_a_pattern() -> None:
    assert [action for action in allowed_actions() if "*" in action] == []


def test_statements_are_named_after_commands() -> None:
    names = [statement["Sid"] for statement in POLICY["Statement"]]
    assert len(set(names)) == len(names)
    for name in names:
        assert re.match(
            r"(Watch|Start|Scores|Approve|Promote|Clean|Deploy|Diff|Endpoint|Invoke|Prices|"
            r"Preflight)[A-Z]",
            name,
        )


def _size(*purposes: str, rest: bool = False) -> int:
    """Length with the longest names of the statements with these purposes, or of the others."""
    longest = {"Bucket": 63, "Partition": 10, "Pipeline": 26, "Qualifier": 10, "Region": 14}
    longest |= {"SourceBucket": 63, "SourcePipeline": 26, "Account": 12, "SourceAccount": 12}
    chosen = [
        statement
        for statement in POLICY["Statement"]
        if statement["Sid"].startswith(purposes) != rest
    ]
    text = json.dumps({**POLICY, "Statement": chosen}, separators=(",", ":"))
    return len(Template(text).substitute({name: "x" * it for name, it in longest.items()}))


def test_policy_fits_into_one_inline_policy_of_a_role_or_two_managed_policies() -> None:
    watch = ("Watch", "Start", "Scores")
    assert _size("") < 10_240
    assert max(_size(*watch), _size(*watch, rest=True)) < 6_144


def test_placeholders_are_documented() -> None:
    named = set(re.findall(r"\$\{(\w+)\}", json.dumps(POLICY)))
    assert named == set(FILLED)
    page = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
    assert [name for name in sorted(named) if f"`${{{name}}}`" not in page] == []


def test_statements_and_actions_are_documented() -> None:
    page = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
    rows = dict(re.findall(r"^\| `([A-Z]\w+)` \| (.*?) \|", page, flags=re.MULTILINE))
    written = {name: set(re.findall(r"`([a-z0-9-]+:\w+)`", cell)) for name, cell in rows.items()}
    assert written == {
        statement["Sid"]: set(_listed(statement["Action"])) for statement in POLICY["Statement"]
    }


def _reference() -> dict[str, Any]:
    """IAM's actions and their resource types, from cfn-lint."""
    path = files("cfnlint") / "data" / "AdditionalSpecs" / "Policies.json"
    reference: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return reference


# Metrics that aren't in a dataset of CloudWatch have no resource; a condition limits the namespace.
WITHOUT_THEIR_RESOURCE = {"cloudwatch:PutMetricData"}


def test_every_action_exists_and_wildcards_are_only_for_actions_without_resources() -> None:
    reference = _reference()
    for name, resource in statements():
        service, _, verb = name.partition(":")
        known = reference[service]["Actions"]
        assert verb.lower() in known, f"{name} doesn't exist"
        has_resource = known[verb.lower()].get("Resources") and name not in WITHOUT_THEIR_RESOURCE
        assert (resource == "*") == (not has_resource), name


# The resource of each call, by its request.
SAGEMAKER = f"arn:aws:sagemaker:us-east-1:{ACCOUNT}"
LOGS = f"arn:aws:logs:us-east-1:{ACCOUNT}:log-group"
RESOURCES: dict[str, Callable[[dict[str, Any]], str]] = {
    "BatchGetImage": lambda asked: (
        f"arn:aws:ecr:us-east-1:{asked['registryId']}:repository/{asked['repositoryName']}"
    ),
    "CopyObject": lambda asked: f"arn:aws:s3:::{asked['Bucket']}/{asked['Key']}",
    "CreateModelPackage": lambda asked: (
        f"{SAGEMAKER}:model-package-group/{asked['ModelPackageGroupName']}"
    ),
    "DeleteEndpoint": lambda asked: f"{SAGEMAKER}:endpoint/{asked['EndpointName']}",
    "DeleteEndpointConfig": lambda asked: (
        f"{SAGEMAKER}:endpoint-config/{asked['EndpointConfigName']}"
    ),
    "DeleteLogStream": lambda asked: (
        f"{LOGS}:{asked['logGroupName']}:log-stream:{asked['logStreamName']}"
    ),
    "DeleteModel": lambda asked: f"{SAGEMAKER}:model/{asked['ModelName']}",
    "DeleteModelPackage": lambda asked: str(asked["ModelPackageName"]),
    "DeregisterScalableTarget": lambda _: (
        f"arn:aws:application-autoscaling:us-east-1:{ACCOUNT}:scalable-target/1a2b"
    ),
    "DescribeEndpoint": lambda asked: f"{SAGEMAKER}:endpoint/{asked['EndpointName']}",
    "DescribeEndpointConfig": lambda asked: (
        f"{SAGEMAKER}:endpoint-config/{asked['EndpointConfigName']}"
    ),
    "DescribeExecution": lambda asked: str(asked["executionArn"]),
    "DescribeLogStreams": lambda asked: f"{LOGS}:{asked['logGroupName']}:log-stream:",
    "DescribeModel": lambda asked: f"{SAGEMAKER}:model/{asked['ModelName']}",
    "DescribeModelPackage": lambda asked: str(asked["ModelPackageName"]),
    "DescribePipeline": lambda asked: f"{SAGEMAKER}:pipeline/{asked['PipelineName']}",
    "DescribePipelineDefinitionForExecution": lambda asked: str(asked["PipelineExecutionArn"]),
    "DescribePipelineExecution": lambda asked: str(asked["PipelineExecutionArn"]),
    "DescribeProcessingJob": lambda asked: (
        f"{SAGEMAKER}:processing-job/{asked['ProcessingJobName']}"
    ),
    "DescribeRegions": lambda _: "*",
    "DescribeTrainingJob": lambda asked: f"{SAGEMAKER}:training-job/{asked['TrainingJobName']}",
    "DescribeTransformJob": lambda asked: f"{SAGEMAKER}:transform-job/{asked['TransformJobName']}",
    "GetExecutionHistory": lambda asked: str(asked["executionArn"]),
    "GetLogEvents": lambda asked: (
        f"{LOGS}:{asked['logGroupName']}:log-stream:{asked['logStreamName']}"
    ),
    "GetObject": lambda asked: f"arn:aws:s3:::{asked['Bucket']}/{asked['Key']}",
    "GetParameter": lambda asked: f"arn:aws:ssm:us-east-1:{ACCOUNT}:parameter{asked['Name']}",
    "GetProducts": lambda _: "*",
    "GetTemplate": lambda asked: (
        f"arn:aws:cloudformation:us-east-1:{ACCOUNT}:stack/{asked['StackName']}/"
    ),
    "HeadBucket": lambda asked: f"arn:aws:s3:::{asked['Bucket']}",
    "HeadObject": lambda asked: f"arn:aws:s3:::{asked['Bucket']}/{asked['Key']}",
    "InvokeEndpoint": lambda asked: f"{SAGEMAKER}:endpoint/{asked['EndpointName']}",
    "ListAWSDefaultServiceQuotas": lambda _: "*",
    "ListEndpointConfigs": lambda _: "*",
    "ListEndpoints": lambda _: "*",
    "ListExecutions": lambda asked: str(asked["stateMachineArn"]),
    "ListModelPackages": lambda asked: (
        f"{SAGEMAKER}:model-package/{asked['ModelPackageGroupName']}/"
    ),
    "ListModels": lambda _: "*",
    "ListObjectsV2": lambda asked: f"arn:aws:s3:::{asked['Bucket']}",
    "ListPipelineExecutionSteps": lambda asked: str(asked["PipelineExecutionArn"]),
    "ListPipelineParametersForExecution": lambda asked: str(asked["PipelineExecutionArn"]),
    "ListPipelineExecutions": lambda asked: f"{SAGEMAKER}:pipeline/{asked['PipelineName']}",
    "ListPipelines": lambda _: "*",
    "ListProcessingJobs": lambda _: "*",
    "ListServiceQuotas": lambda _: "*",
    "ListTrainingJobs": lambda _: "*",
    "ListTransformJobs": lambda _: "*",
    "PutMetricData": lambda _: "*",
    "PutObject": lambda asked: f"arn:aws:s3:::{asked['Bucket']}/{asked['Key']}",
    "RetryPipelineExecution": lambda asked: str(asked["PipelineExecutionArn"]),
    "StartExecution": lambda asked: str(asked["stateMachineArn"]),
    "StartPipelineExecution": lambda asked: f"{SAGEMAKER}:pipeline/{asked['PipelineName']}",
    "StopPipelineExecution": lambda asked: str(asked["PipelineExecutionArn"]),
    "UpdateModelPackage": lambda asked: str(asked["ModelPackageArn"]),
}


@pytest.fixture
def everything(aws: ScriptedAws) -> ScriptedAws:
    """A scripted AWS that answers every call of the commands."""
    serve(aws)
    folders = {"evaluation": "models", "scores": "scores", "drift": "scores"}
    aws.on("DescribeProcessingJob", processing_jobs(**folders))
    aws.on("DescribePipeline", lambda asked: {**pipeline(), "PipelineName": asked["PipelineName"]})
    arn = f"{SAGEMAKER}:model-package/{GROUP}/3"
    version = {
        "ModelPackageArn": arn,
        "ModelPackageVersion": 3,
        "ModelPackageStatus": "Completed",
        "ModelApprovalStatus": "Approved",
        "CreationTime": START,
    }
    uri = f"s3://{BUCKET}/models/{ID}/evaluation/evaluation.json"
    statistics = {"ContentType": "application/json", "S3Uri": uri}
    for kind in ("Processing", "Training", "Transform"):
        jobs = listed_jobs(
            f"{kind}Job", job_name("Train"), job_name("Preprocess"), job_name("Transform")
        )
        aws.pages(f"List{kind}Jobs", f"{kind}JobSummaries", jobs)
    aws.on("DescribePipelineDefinitionForExecution", {"PipelineDefinition": definition()})
    aws.on("DescribeTrainingJob", lambda asked: training_job(asked["TrainingJobName"]))
    aws.on("DescribeTransformJob", lambda asked: transform_job(asked["TransformJobName"]))
    models = [f"pipelines-{ID}-CreateModel-a", NAME]
    list_hosting(aws, endpoints=[ENDPOINT], configurations=[NAME], models=models)
    aws.pages("ListModelPackages", "ModelPackageSummaryList", [version])
    aws.on(
        "DescribeModelPackage",
        {
            "ModelPackageName": "x",
            "ModelPackageArn": arn,
            "CreationTime": START,
            "ModelPackageStatus": "Completed",
            "ModelPackageStatusDetails": {"ValidationStatuses": []},
            "ModelMetrics": {"ModelQuality": {"Statistics": statistics}},
        },
    )
    stream = {"logStreamName": f"{job_name('Train')}/algo-1"}
    aws.pages("DescribeLogStreams", "logStreams", [stream], token="nextToken")
    aws.on("GetLogEvents", {"events": [], "nextForwardToken": "f", "nextBackwardToken": "b"})
    aws.on("GetCallerIdentity", {"Arn": f"arn:aws:iam::{ACCOUNT}:user/x", "Account": ACCOUNT})
    aws.on("DescribeRegions", {"Regions": [{"OptInStatus": "opted-in"}]})
    values = {f"/{GROUP}/EndpointStateMachineArn": MACHINE}
    aws.on("GetParameter", lambda asked: {"Parameter": {"Value": values.get(asked["Name"], "28")}})
    aws.on("StartExecution", {"executionArn": EXECUTION, "startDate": START})
    aws.on("DescribeExecution", deployed("RUNNING"), deployed())
    aws.on("GetExecutionHistory", history("CreateModel"))
    aws.on("ListExecutions", lambda asked: listed(*([] if "statusFilter" in asked else ["FAILED"])))
    prediction = {"label": "pos", "probability": 0.5}
    aws.on("InvokeEndpoint", answered({"predictions": [prediction], "model_version": "3"}))
    aws.pages("ListServiceQuotas", "Quotas", [])
    aws.pages("ListAWSDefaultServiceQuotas", "Quotas", [])
    aws.on("GetProducts", {"PriceList": []})
    aws.on("BatchGetImage", {"images": [{}], "failures": []})
    aws.on("StartPipelineExecution", {"PipelineExecutionArn": execution_arn()})
    aws.on("StopPipelineExecution", {"PipelineExecutionArn": execution_arn()})
    aws.on("RetryPipelineExecution", {"PipelineExecutionArn": execution_arn()})
    aws.on("UpdateModelPackage", {"ModelPackageArn": arn})
    aws.on("GetTemplate", {"TemplateBody": json.dumps(template())})
    aws.on("HeadObject", error("404", "Not Found", "HeadObject", 404))
    for operation in (
        *("DeleteLogStream", "DeleteModel", "DeleteModelPackage", "HeadBucket", "PutObject"),
    ):
        aws.on(operation, {})
    return aws


def _tour(aws: ScriptedAws, archive: Path) -> None:
    """Run every command."""
    for arguments in (
        ("start", "--dataset", str(archive)),
        ("watch",),
        ("list",),
        ("logs", "Train"),
        ("report", "--html", str(archive.with_suffix(".html"))),
        ("compare", ID, ID),
        ("scores", "--output", str(archive.with_suffix(".csv"))),
        ("start", "--scoring", "--dataset", str(archive)),
        ("list", "--scoring"),
        ("versions",),
        ("approve", "3"),
        ("reject", "3"),
        ("cost",),
        ("clean", "--all-versions", "--logs", "--yes"),
        ("deploy", "3", "--wait", "--interval", "0.1"),
        ("endpoint",),
        ("invoke", "A good film."),
        ("undeploy", "--yes"),
    ):
        result = invoke(*arguments)
        assert result.exit_code == 0, result.output
    without_job = {**step("Train", status="Executing", AttemptCount=2), "Metadata": {}}
    aws.on("ListPipelineExecutionSteps", {"PipelineExecutionSteps": [without_job]})
    assert invoke("watch").exit_code == 0
    aws.pages("ListPipelineExecutionSteps", "PipelineExecutionSteps", SUCCEEDED, _MORE_STEPS)
    aws.on("DescribeProcessingJob", evaluate_job)
    aws.on("ListObjectsV2", {})
    expired = invoke("scores", "--predictions", "--output", "-")
    assert_refused(expired, 1, "don't exist any more")
    aws.on("DescribePipelineExecution", execution("Executing"), execution("Stopping"))
    assert invoke("stop", ID).exit_code == 0
    aws.on("DescribePipelineExecution", execution("Failed"), execution("Executing"))
    assert invoke("retry", ID).exit_code == 0
    _feedback(aws, archive.parent)
    _promote(aws)
    aws.on("DescribePipeline", pipeline(definition(DatasetUri=f"s3://{BUCKET}/raw/a.csv")))
    aws.on("ListObjectsV2", {"Contents": [{"Key": "raw/a.csv"}]})
    assert invoke("preflight").exit_code == 0
    assert invoke("diff", "deployed:dev", "deployed:dev").exit_code == 0
    assert invoke("prices", "--refresh").exit_code == 1  # the price list is empty
    aws.on("DescribePipeline", error("ResourceNotFound", "no"), pipeline())
    aws.pages("ListPipelines", "PipelineSummaries", [])
    assert invoke("list").exit_code == 1


def _promote(aws: ScriptedAws) -> None:
    """Run ``promote`` from test to dev."""
    arn = f"{SAGEMAKER}:model-package/sentiment-test/3"
    listed = {
        "ModelPackageArn": arn,
        "ModelPackageVersion": 3,
        "ModelPackageStatus": "Completed",
        "ModelApprovalStatus": "Approved",
        "CreationTime": START,
    }
    aws.on(
        "ListModelPackages",
        {"ModelPackageSummaryList": [listed]},
        {"ModelPackageSummaryList": []},
    )
    model = f"s3://{BUCKET}/models/{ID}/model.tar.gz"
    containers = [{"Image": "image", "ModelDataUrl": model}]
    aws.on(
        "DescribeModelPackage",
        package(3, ModelPackageVersion=3, InferenceSpecification={"Containers": containers}),
    )
    aws.on("ListObjectsV2", {"Contents": [{"Key": f"models/{ID}/model.tar.gz"}]})
    aws.on("CopyObject", {})
    made = f"{SAGEMAKER}:model-package/{GROUP}/3"
    aws.on("CreateModelPackage", {"ModelPackageArn": made})
    result = invoke("promote", "--from", "test", "--to", "dev")
    assert result.exit_code == 0, result.output


def _feedback(aws: ScriptedAws, folder: Path) -> None:
    """Run ``feedback`` with a new label, and with the texts."""
    objects = scored_objects(folder / "scored")
    objects[f"executions/{ID}/raw/a.csv"] = b"id,text\n1,Fine.\n"
    aws.on("ListPipelineExecutionSteps", {"PipelineExecutionSteps": [step("Download")]})
    aws.on("DescribeProcessingJob", processing_jobs(raw="executions"))
    serve_objects(aws, objects)
    labels = folder / "labels.csv"
    labels.write_text("id,label\n1,pos\n")
    result = invoke("feedback", str(labels), "--export", str(folder / "export.csv"))
    assert result.exit_code == 0, result.output


_MORE_STEPS = [step("Join")]


def test_policy_allows_the_resource_of_each_call(everything: ScriptedAws, tmp_path: Path) -> None:
    archive = tiny_dataset(tmp_path / "a.tar")
    everything.pages("ListPipelineExecutionSteps", "PipelineExecutionSteps", SUCCEEDED, _MORE_STEPS)
    _tour(everything, archive)
    allowed = list(statements())
    for operation, asked in everything.calls:
        if operation == "GetCallerIdentity":
            continue
        resource_of_call = RESOURCES[operation](asked)
        verb = action("", operation).removeprefix(":")
        assert any(
            name.endswith(f":{verb}") and fnmatch.fnmatchcase(resource_of_call, resource)
            for name, resource in allowed
        ), f"{operation} on {resource_of_call}"
    assert set(RESOURCES) == set(everything.names()) - {"GetCallerIdentity"}
