"""A definition executed here, shown on stderr while it runs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from local_runner.errors import DefinitionError, LocalRunnerError, ParameterError
from local_runner.execution.record import PipelineExecution
from local_runner.plan import Plan
from local_runner.run import prepare, run
from local_runner.workdir import Workdir
from operations.datasets import dataset_uri
from operations.errors import CliError, Interrupted, UsageError
from operations.local import deployment_values
from operations.local.progress import observer
from operations.progress import Progress


@dataclass(frozen=True)
class Request:
    """What the user asked for; None is for what was left open.

    is_labelled: whether the dataset is one to train on, with a class for each review.
    """

    dataset: str | None
    parameters: Mapping[str, str]
    definition: Path
    workdir: Path
    max_parallel_steps: int | None = None
    is_labelled: bool = True


def execute(request: Request, *, quiet: bool, first_line: str = "") -> PipelineExecution:
    """Runs the definition to its end; on stderr ``first_line`` and the steps, unless ``quiet``.

    Raises UsageError or CliError before anything ran, DatasetError for the dataset.
    """
    workdir = Workdir(request.workdir.resolve())
    text = _read(request.definition)
    # A wrong request is refused before any work begins.
    planned(text, request.parameters, deployment_values.SHOWN)
    try:
        plan = planned(text, request.parameters, deployed(request, workdir))
        with Progress(quiet=quiet) as progress:
            if first_line:
                progress.say(first_line)
            return run(plan, workdir, observer(progress), request.max_parallel_steps)
    except LocalRunnerError as error:
        raise CliError(str(error)) from None
    except OSError as error:
        raise CliError(f"{error.filename or workdir.root}: {error.strerror}") from None
    except KeyboardInterrupt:
        raise Interrupted(
            "stopped; the same command starts anew from what the cache holds"
        ) from None


def shown(definition: Path, parameters: Mapping[str, str]) -> Plan:
    """The plan, with words for what isn't laid ready yet. Raises UsageError."""
    return planned(_read(definition), parameters, deployment_values.SHOWN)


def deployed(request: Request, workdir: Workdir) -> dict[str, str]:
    """The deployment's values, with the code and the dataset laid ready."""
    values = deployment_values.deployed(workdir)
    if deployment_values.DATASET not in request.parameters:
        folder = workdir.root / "datasets"
        values[deployment_values.DATASET] = dataset_uri(
            request.dataset, folder, is_labelled=request.is_labelled
        )
    return values


def planned(text: str, chosen: Mapping[str, str], deployed: Mapping[str, str]) -> Plan:
    """The plan with the user's values, and the deployment's for what the definition leaves open."""
    try:
        return prepare(text, chosen, deployed)
    except (DefinitionError, ParameterError) as error:
        raise UsageError(str(error)) from None


def _read(definition: Path) -> str:
    try:
        return definition.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{definition}: can't be read ({error})") from None
