"""Where a command works: in a work folder on this machine, or in an environment on AWS.

IDs and ARNs decide by themselves. Without one, it's AWS if an environment is chosen, by option or
variable, and the work folder otherwise.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from operations.command_line.completion import complete_environments
from operations.environments import DEFAULT_ENVIRONMENT, ENVIRONMENT_VARIABLE, environment_of
from operations.errors import UsageError
from operations.options import json_option
from operations.program import WORKDIR

if TYPE_CHECKING:
    from operations.aws.client import Deployment

_LOCAL_ID = re.compile(r"local-\d+")
_AWS_ID = re.compile(r"[a-z0-9]{12}")
_ARN = re.compile(r"arn:[\w-]+:sagemaker:(?P<region>[^:]+):\d*:[\w-]+/(?P<resource>[^/]+)(/.*)?")
_LOCAL_REGION = "local-1"

Command = Callable[..., Any]


@dataclass(frozen=True)
class LocalTarget:
    """A work folder. scoring: executions of the scoring pipeline, not of the training pipeline."""

    workdir: Path
    scoring: bool = False


@dataclass(frozen=True)
class AwsTarget:
    """An environment on AWS. scoring: its scoring pipeline, not its training pipeline.

    region: None for the environment's default. region_source: where it comes from, for messages.
    """

    environment: str
    region: str | None = None
    scoring: bool = False
    region_source: str = "--region"

    def connected(self) -> AbstractContextManager[Deployment]:
        """Yield the deployment; AWS errors inside are raised as CliError."""
        from operations.aws.client import connected

        return connected(
            self.environment,
            self.region,
            scoring=self.scoring,
            region_source=self.region_source,
        )


Target = LocalTarget | AwsTarget


@dataclass(frozen=True)
class TargetOptions:
    """The options that choose a target; None for those that aren't given."""

    environment: str | None = None
    region: str | None = None
    scoring: bool = False
    local: bool = False
    workdir: Path | None = None

    @classmethod
    def of(cls, options: Mapping[str, Any]) -> TargetOptions:
        """Return those of a command's options."""
        return cls(**{name: options[name] for name in cls.__dataclass_fields__ if name in options})

    def target(self, name: str | None = None) -> Target:
        """Return the target of an execution or a model version; None for the options' target.

        Raise UsageError if the options contradict the name or each other.
        """
        [found] = self.targets([name])
        return found

    def targets(self, names: Sequence[str | None]) -> list[Target]:
        """Return the target of each name. An option must apply to at least one of them."""
        if self.local and self.environment:
            raise UsageError("--local and --environment contradict each other; omit one of them")
        found = [self._target(name) for name in names]
        listed = ", ".join(name for name in names if name is not None)
        for kind, options, elsewhere, remedy in (
            (LocalTarget, ("local", "workdir"), "AWS", "omit it or --environment"),
            (AwsTarget, ("environment", "region"), "this machine", "omit it or add --environment"),
        ):
            unused = next((option for option in options if getattr(self, option)), None)
            if unused and not any(isinstance(target, kind) for target in found):
                where = f"{listed}, which is on {elsewhere}" if listed else elsewhere
                remedy = "omit it" if listed else remedy
                raise UsageError(f"--{unused} doesn't apply to {where}; {remedy}")
        return found

    def aws_target(self, name: str | None = None) -> AwsTarget:
        """Return the target of a command that exists on AWS only. Raise UsageError."""
        if name is not None and _is_local(name):
            command = click.get_current_context().info_name
            raise UsageError(f"{name} is on this machine; `{command}` is for executions on AWS")
        return self._on_aws(name)

    def local_target(self, name: str | None = None) -> LocalTarget:
        """Return the target of a command that exists on this machine only. Raise UsageError."""
        if name is not None and _is_local(name) is False:
            command = click.get_current_context().command_path.partition(" ")[2]
            raise UsageError(f"{name} is on AWS; `{command}` is for executions on this machine")
        return LocalTarget(self.workdir or WORKDIR, self.scoring)

    def target_of_other(self, name: str) -> Target:
        """Return the target of another execution than the one that the options are about.

        They don't apply to a local one, nor to an ARN.
        """
        others = _is_local(name) or _ARN.fullmatch(name)
        return (TargetOptions() if others else self).target(name)

    def _target(self, name: str | None) -> Target:
        decided = None if name is None else _is_local(name)
        if self._is_local() if decided is None else decided:
            return LocalTarget(self.workdir or WORKDIR, self.scoring)
        return self._on_aws(name)

    def _is_local(self) -> bool:
        """Return whether the options choose the work folder."""
        if self.environment:
            return False
        return self.local or self.workdir is not None or not os.environ.get(ENVIRONMENT_VARIABLE)

    def _on_aws(self, name: str | None) -> AwsTarget:
        default = os.environ.get(ENVIRONMENT_VARIABLE) or DEFAULT_ENVIRONMENT
        parts = _ARN.fullmatch(name or "")
        if parts is None:
            return AwsTarget(self.environment or default, self.region, self.scoring)
        environment, is_scoring = environment_of(parts["resource"])
        for option, given, actual in (
            ("environment", self.environment, environment),
            ("region", self.region, parts["region"]),
        ):
            if given and actual and given != actual:
                raise UsageError(f"--{option} {given} contradicts {name}; omit it")
        return AwsTarget(
            environment or self.environment or default,
            parts["region"],
            self.scoring or is_scoring,
            "the ARN",
        )


def _is_local(name: str) -> bool | None:
    """Return whether the ID or ARN is local; None for what can be either, such as a number."""
    if parts := _ARN.fullmatch(name):
        return parts["region"] == _LOCAL_REGION
    if _LOCAL_ID.fullmatch(name):
        return True
    return False if _AWS_ID.fullmatch(name) else None


region_option = click.option(
    "--region",
    help="AWS region.  [default: that of the environment in cdk.json, else AWS_REGION, "
    "AWS_DEFAULT_REGION, or the AWS profile's]",
)


def _environment_option(default: str) -> Callable[[Command], Command]:
    return click.option(
        "--environment",
        "-e",
        shell_complete=complete_environments,
        help=f"Environment on AWS, of those in cdk.json.  [default: {ENVIRONMENT_VARIABLE}, else "
        f"{default}]",
    )


def target_options(command: Command) -> Command:
    """Add the options of a command for this machine and AWS, and --json.

    The command gets them as ``where``, together with --scoring if it has that.
    """
    options = (
        _environment_option("this machine"),
        click.option(
            "--local",
            is_flag=True,
            help=f"Use this machine, even if {ENVIRONMENT_VARIABLE} is set.",
        ),
        click.option(
            "--workdir",
            type=click.Path(file_okay=False, path_type=Path),
            show_default=str(WORKDIR),
            help="Folder for local executions and their outputs. Implies --local.",
        ),
        region_option,
        json_option,
    )
    return with_options(options, _collected(command))


def aws_options(command: Command) -> Command:
    """Add the options of a command for AWS alone, and --json; otherwise as `target_options`."""
    return with_options(
        (_environment_option(DEFAULT_ENVIRONMENT), region_option, json_option), _collected(command)
    )


def with_options(options: Sequence[Callable[[Command], Command]], command: Command) -> Command:
    """Return the command with options, which its help lists in this order."""
    for option in reversed(options):
        command = option(command)
    return command


def _collected(command: Command) -> Command:
    """Return the command with its target options in one argument."""

    @wraps(command)
    def call(**options: Any) -> Any:
        where = TargetOptions.of(options)
        others = options.keys() - TargetOptions.__dataclass_fields__.keys()
        return command(where=where, **{name: options[name] for name in others})

    return call
