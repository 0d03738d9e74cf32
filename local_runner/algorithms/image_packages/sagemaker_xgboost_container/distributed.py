"""Training on several hosts."""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from local_runner.algorithms.xgboost.cluster import Cluster


def rabit_run(
    exec_fun: Callable[..., Any],
    args: dict[str, Any],
    include_in_training: bool,
    hosts: Sequence[str],
    current_host: str,
    *_ports_and_limits: object,
    update_rabit_args: bool = False,
    **_other_ports_and_limits: object,
) -> None:
    """Call the function on every host that has data, joined by XGBoost's collective.

    update_rabit_args: whether to add ``is_master``, which is true on the host that saves the model.
    A host without data exits.
    """
    network = os.environ.get("LOCAL_NETWORK")
    all_hosts = Cluster(tuple(sorted(hosts)), current_host, Path(network) if network else None)
    cluster = all_hosts.with_data(bool(include_in_training))
    if not include_in_training:
        logging.warning("Host %s not being used for distributed training.", current_host)
        sys.exit(0)
    with cluster.joined("hosts-with-data"):
        exec_fun(**args, **({"is_master": cluster.is_master} if update_rabit_args else {}))
