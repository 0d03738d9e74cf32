"""Tags by ARN."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from emulator.service import Call, Handler


class Tags:
    """The tags of every resource."""

    def __init__(self) -> None:
        self._tags: dict[str, dict[str, str]] = {}

    def handlers(self) -> dict[str, Handler]:
        """Return the operations by name."""
        return {"AddTags": self._add, "DeleteTags": self._delete, "ListTags": self._list}

    def put(self, arn: str, tags: Sequence[Mapping[str, str]]) -> None:
        """Add tags to a resource."""
        known = self._tags.setdefault(arn, {})
        known.update({tag["Key"]: tag["Value"] for tag in tags})

    def forget(self, arn: str) -> None:
        """Remove the tags of a deleted resource."""
        self._tags.pop(arn, None)

    def _add(self, call: Call) -> dict[str, Any]:
        self.put(call["ResourceArn"], call["Tags"])
        return {"Tags": self._of(call["ResourceArn"])}

    def _delete(self, call: Call) -> dict[str, Any]:
        for key in call["TagKeys"]:
            self._tags.get(call["ResourceArn"], {}).pop(key, None)
        return {}

    def _list(self, call: Call) -> dict[str, Any]:
        return {"Tags": self._of(call["ResourceArn"])}

    def _of(self, arn: str) -> list[dict[str, str]]:
        return [{"Key": key, "Value": value} for key, value in self._tags.get(arn, {}).items()]
