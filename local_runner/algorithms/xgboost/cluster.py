"""The hosts of a training job, joined by XGBoost's collective as the image joins them.

The first host of those that take part, by name, runs the tracker, has rank 0 and saves the model.
On AWS the others find it by its name at a port that never changes; here at an address that it
writes into a folder which all hosts see.
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

_LOOPBACK = "127.0.0.1"
_POLL_SECONDS = 0.02


@dataclass(frozen=True)
class Cluster:
    """The job's hosts in the order of their names (``algo-10`` before ``algo-2``).

    network: the folder that all of them see; not needed by a single one.
    """

    hosts: tuple[str, ...]
    current: str
    network: Path | None

    @classmethod
    def read(cls, config: Path, network: Path | None) -> Cluster:
        """The cluster that ``resourceconfig.json`` in the folder ``config`` tells of."""
        resources = json.loads((config / "resourceconfig.json").read_text(encoding="utf-8"))
        return cls(tuple(sorted(resources["hosts"])), resources["current_host"], network)

    @property
    def is_master(self) -> bool:
        """Whether this host saves the model."""
        return self.current == self.hosts[0]

    def with_data(self, has_data: bool) -> Cluster:
        """Those hosts that have data; each has to ask, and to tell of its own."""
        mine = self.current if has_data else ""
        with self.joined("all-hosts"):
            rank = collective.get_rank()
            told = [
                collective.broadcast(mine if other == rank else None, other)
                for other in range(len(self.hosts))
            ]
        return replace(self, hosts=tuple(sorted(filter(None, told))))

    @contextmanager
    def joined(self, group: str) -> Iterator[None]:
        """What XGBoost does inside, it does together with the other hosts of the group."""
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
        # Not after an error: it would wait for hosts that may be gone.
        collective.finalize()
        if tracker:
            tracker.wait_for()


def _tracker(hosts: int, address: Path) -> RabitTracker:
    """A tracker that listens, its port written into the file ``address``."""
    tracker = RabitTracker(hosts, _LOOPBACK, sortby="task")
    tracker.start()
    arriving = address.with_suffix(".arriving")
    arriving.write_text(str(tracker.worker_args()["dmlc_tracker_port"]))
    arriving.replace(address)
    return tracker


def _port(address: Path) -> int:
    """The tracker's port, as soon as it is there; the runner ends a host that waits in vain."""
    while not address.is_file():
        time.sleep(_POLL_SECONDS)
    return int(address.read_text())
