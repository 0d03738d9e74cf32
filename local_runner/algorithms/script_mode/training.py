"""Training in script mode: run the user's program on the channels.

The program of a source archive gets the hyperparameters as arguments and everything else in
variables ``SM_*``, as the SageMaker Training Toolkit gives them.
"""

from __future__ import annotations

import json
import os
import shlex
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NoReturn

from local_runner.algorithms.script_mode.source import prepare

_OF_SAGEMAKER = ("sagemaker_", "_tuning_objective_metric")
_LOG_LEVEL = 20  # logging.INFO


def train(opt_ml: Path) -> NoReturn:
    """Become the user's program."""
    hyperparameters = _read(opt_ml, "hyperparameters.json")
    decoded = {name: decode(value) for name, value in hyperparameters.items()}
    program = str(decoded.get("sagemaker_program") or os.environ["SAGEMAKER_PROGRAM"])
    code = prepare(opt_ml, _source(decoded))
    if not (code / program).is_file():
        sys.exit(f"error: the source archive has no file {program!r}; check sagemaker_program")
    users = {name: decoded[name] for name in sorted(decoded) if not name.startswith(_OF_SAGEMAKER)}
    arguments = command_arguments(users)
    os.environ.update(
        variables({**description(opt_ml, users), "user_args": arguments}, program, decoded)
    )
    os.environ["PYTHONPATH"] = os.pathsep.join([str(code), os.environ.get("PYTHONPATH", "")])
    os.chdir(code)
    sys.stdout.flush()
    if program.endswith(".py"):
        os.execv(sys.executable, [sys.executable, program, *arguments])  # noqa: S606
    Path(program).chmod(0o755)
    # The toolkit's way, too: a shell runs scripts without a first line that names a program.
    os.execv("/bin/sh", ["sh", "-c", shlex.join([f"./{program}", *arguments])])  # noqa: S606


def _source(hyperparameters: Mapping[str, Any]) -> str:
    environment = os.environ.get("SAGEMAKER_SUBMIT_DIRECTORY", "")
    return str(hyperparameters.get("sagemaker_submit_directory") or environment)


def decode(value: str) -> Any:
    """Return a hyperparameter's value: JSON, as the SDK writes them, or else the text itself.

    >>> decode('"train.py"'), decode("5"), decode("gini")
    ('train.py', 5, 'gini')
    """
    try:
        return json.loads(value)
    except ValueError:
        return value


def command_arguments(hyperparameters: Mapping[str, Any]) -> list[str]:
    """Return the program's arguments, in the order of the hyperparameters' names.

    >>> command_arguments({"k": True, "depth": 5, "map": {"b": 1, "a": 2}, "none": None})
    ['--depth', '5', '-k', 'True', '--map', 'a=2,b=1', '--none', '']
    """
    arguments = []
    for name, value in sorted(hyperparameters.items()):
        if isinstance(value, dict):
            value = ",".join(f"{key}={item}" for key, item in sorted(value.items()))
        arguments += [f"-{name}" if len(name) == 1 else f"--{name}", "" if value is None else value]
    return [str(argument) for argument in arguments]


def description(opt_ml: Path, hyperparameters: Mapping[str, Any]) -> dict[str, Any]:
    """Return the job's folders, channels, hosts and hyperparameters."""
    channels = _read(opt_ml, "inputdataconfig.json")
    resources = _read(opt_ml, "resourceconfig.json")
    folders = {name: str(opt_ml / "input" / "data" / name) for name in sorted(channels)}
    for folder in ("output/data", "output/intermediate"):
        (opt_ml / folder).mkdir(parents=True, exist_ok=True)
    return {
        "channel_input_dirs": folders,
        "current_host": resources["current_host"],
        "current_instance_type": resources["current_instance_type"],
        "hosts": resources["hosts"],
        "hyperparameters": dict(hyperparameters),
        "input_config_dir": str(opt_ml / "input" / "config"),
        "input_data_config": channels,
        "input_dir": str(opt_ml / "input"),
        "log_level": _LOG_LEVEL,
        "model_dir": str(opt_ml / "model"),
        "network_interface_name": resources["network_interface_name"],
        "num_cpus": os.cpu_count(),
        "num_gpus": 0,
        "output_data_dir": str(opt_ml / "output" / "data"),
        "output_dir": str(opt_ml / "output"),
        "output_intermediate_dir": str(opt_ml / "output" / "intermediate"),
        "resource_config": resources,
    }


def variables(
    job: Mapping[str, Any], program: str, hyperparameters: Mapping[str, Any]
) -> dict[str, str]:
    """Return the variables ``SM_*`` of a job; values other than text are JSON."""
    facts = {
        **job,
        "channels": list(job["channel_input_dirs"]),
        "framework_params": {},
        "hps": job["hyperparameters"],
        "log_level": hyperparameters.get("sagemaker_container_log_level", job["log_level"]),
        "module_dir": _source(hyperparameters),
        "module_name": program.removesuffix(".py"),
        "user_entry_point": program,
    }
    facts["training_env"] = {**facts}
    facts |= {f"channel_{name}": path for name, path in job["channel_input_dirs"].items()}
    facts |= {f"hp_{name}": value for name, value in job["hyperparameters"].items()}
    for name in ("channel_input_dirs", "hyperparameters"):
        del facts[name]
    return {f"SM_{name.upper()}": _text(value) for name, value in facts.items()}


def _text(value: Any) -> str:
    if value is None:
        return ""
    is_text = isinstance(value, str)
    return value if is_text else json.dumps(value, sort_keys=True, separators=(",", ":"))


def _read(opt_ml: Path, name: str) -> dict[str, Any]:
    path = opt_ml / "input" / "config" / name
    content: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return content
