"""The end of a ForEach step: the results of its iterations."""

from __future__ import annotations

from local_runner.errors import JobFailed
from local_runner.jobs.context import Arguments, JobContext, Properties


def combine_iterations(arguments: Arguments, _context: JobContext) -> Properties:
    """Return the outputs of all iterations, and of the one that the selector picks."""
    outputs = arguments["IterationOutputs"]
    steps = sum(map(len, outputs))
    results = {
        "FailedStepCount": 0,
        "InputItemCount": len(outputs),
        "IterationOutputs": outputs,
        "Status": "Succeeded",
        "StoppedStepCount": 0,
        "SucceededStepCount": steps,
        "TotalStepCount": steps,
    }
    if not arguments.get("Fields"):
        return results
    pick = max if arguments["Pick"] == "MaxBy" else min
    try:
        values = [float(value) for value in arguments["Fields"]]
    except (TypeError, ValueError) as error:
        raise JobFailed(f"ClientError: the Selector's Field must be a number ({error})") from None
    return {**results, "Selected": outputs[values.index(pick(values))][arguments["Body"]]}
