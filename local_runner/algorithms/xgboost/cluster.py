"""The hosts of a training job, joined by XGBoost's collective, as in the image's distributed.py.

The first participating host, by name, runs the tracker, has rank 0 and saves the model. On AWS the
other hosts find it by its name and a fixed port; here it writes its port to a file in a folder that
all hosts see.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from xgboost import collective
from xgboost.tracker import RabitTracker

from local_runner.platform.atomic import atomic_path

_LOOPBACK = "127.0.0.1"
_POLL_SECONDS = 0.02


@dataclass(frozen=True)
class Cluster:
    """The job's hosts, sorted by name (``algo-10`` before ``algo-2``).

    network: the folder that all hosts see; not needed by a single host.
    """

    hosts: tuple[str, ...]
    current: str
    network: Path | None

    @classmethod
    def read(cls, config: Path, network: Path | None) -> Cluster:
        """Read the cluster from ``resourceconfig.json`` in the folder ``config``."""
        resources = json.loads((config / "resourceconfig.json").read_text(encoding="utf-8"))
        return cls(tuple(sorted(resources["hosts"])), resources["current_host"], network)

    @property
    def is_master(self) -> bool:
        """Whether this host saves the model."""
        return self.current == self.hosts[0]

    def with_data(self, has_data: bool) -> Cluster:
        """Return the cluster of the hosts that have data; every host must call this."""
        mine = self.current if has_data else ""
        with self.joined("all-hosts"):
            rank = collective.get_rank()
            names = [
                collective.broadcast(mine if other == rank else None, other)
                for other in range(len(self.hosts))
            ]
        return replace(self, hosts=tuple(sorted(filter(None, names))))

    @contextmanager
    def joined(self, group: str) -> Iterator[None]:
        """Connect XGBoost to the other hosts of the group for the duration of the block."""
        if len(self.hosts) == 1:
            yield
            return
        assert self.network is not None
        tracker = _tracker(len(self.hosts), self.network / group) if self.is_master else None
        collective.init(
            dmlc_tracker_uri=_LOOPBACK,
            dmlc_tracker_port=_port(self.network / group),
            dmlc_task_id=str(self.hosts.index(self.current)),
        )
        yield
        # Not after an error: it would wait for hosts that may have ended.
        collective.finalize()
        if tracker:
            tracker.wait_for()


def _tracker(hosts: int, address: Path) -> RabitTracker:
    """Start a tracker and write its port to the file ``address``."""
    tracker = RabitTracker(hosts, _LOOPBACK, sortby="task")
    tracker.start()
    with atomic_path(address) as staging:
        staging.write_text(str(tracker.worker_args()["dmlc_tracker_port"]))
    return tracker


def _port(address: Path) -> int:
    """Wait for the tracker's port; if it never comes, the runner ends this host."""
    while not address.is_file():
        time.sleep(_POLL_SECONDS)
    return int(address.read_text())
