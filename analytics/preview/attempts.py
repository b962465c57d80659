"""The attempts of a period as columns, and each as the handoff that a policy would see."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from pyarrow import compute

from analytics.preview.alike import Codes, Flags, Moments, combined, firsts
from connector.handoff import Handoff
from connector.routing import canary_draw

ANY = Handoff(handoff_id="any")
HANDOFF = ("handoff_id", "intent", "category", "channel", "language", "confidence")


@dataclass(frozen=True)
class Attempts:
    """Attempts by start (naive UTC). Columns of `table`: `reading.COLUMNS`.

    `variables` goes from a policy version to the variables its conditions read; of an attempt that
    version decided, these and no others are recorded.
    """

    table: pa.Table
    variables: Mapping[int, frozenset[str]] = field(default_factory=dict)
    _drawn: dict[int, NDArray[np.float64]] = field(default_factory=dict, repr=False)

    def __len__(self) -> int:
        return int(self.table.num_rows)

    @property
    def started(self) -> Moments:
        found: Moments = self.table["started_at"].to_numpy()
        return found.astype("datetime64[us]")

    @property
    def confidence(self) -> NDArray[np.float64]:
        """NaN where the bot gave none."""
        return np.array(self.table["confidence"].to_numpy(), dtype=np.float64)

    def codes(self, name: str) -> Codes:
        """A code per value of a column; null is a value too."""
        encoded = self.table[name].combine_chunks().dictionary_encode(null_encoding="encode")
        return np.array(encoded.indices.to_numpy(zero_copy_only=False), dtype=np.int64)

    def places(self, name: str, values: Sequence[str | None]) -> Codes:
        """The place in `values` of what a column holds; -1 where it is none of them."""
        column = self.table[name]
        found = compute.index_in(column, value_set=pa.array(values, column.type))
        return np.array(found.fill_null(-1).to_numpy(), dtype=np.int64)

    def is_one_of(self, name: str, values: Iterable[str]) -> Flags:
        """Where a column holds one of the values."""
        return self.places(name, list(values)) >= 0

    def at(self, places: Codes) -> Attempts:
        """Those at these places."""
        return Attempts(self.table.take(pa.array(places)), self.variables)

    def rows(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.table.to_pylist()
        return found

    def handoffs(self) -> list[tuple[Handoff, datetime]]:
        """Each as the handoff it was, as far as it is recorded, and when it began."""
        rows = self.table.select([*HANDOFF, "inputs", "started_at"]).to_pylist()
        moments = [row.pop("started_at") for row in rows]
        given = [row | {"variables": _inputs(row.pop("inputs"))} for row in rows]
        # What is in the log was checked when it came in, or comes from elsewhere as it is.
        return list(zip((ANY.model_copy(update=row) for row in given), moments, strict=True))

    def draws(self, version: int, where: Flags) -> NDArray[np.float64]:
        """The canary draw under a policy version where it is asked for; elsewhere it may be NaN."""
        drawn = self._drawn.setdefault(version, np.full(len(self), np.nan))
        lacking = where & np.isnan(drawn)
        ids = self.table["handoff_id"].filter(pa.array(lacking)).to_pylist()
        drawn[lacking] = [canary_draw(handoff_id, version) for handoff_id in ids]
        return drawn

    def known(self, names: Iterable[str]) -> Known:
        """What the record holds of these variables."""
        pairs = combined([self.codes("inputs"), self.codes("policy_version")])
        rows = self.at(firsts(pairs)).table.select(["inputs", "policy_version"]).to_pylist()
        wanted = frozenset(names)
        codes: dict[tuple[frozenset[str], tuple[str | None, ...]], int] = {}
        answers: list[int] = []
        unknown: list[frozenset[str]] = []
        for row in rows:
            given = _inputs(row["inputs"])
            recorded = self.variables.get(row["policy_version"], frozenset())
            lacking = wanted.difference(recorded, given)
            key = (lacking, tuple(given.get(name) for name in sorted(wanted)))
            if key not in codes:
                codes[key] = len(codes)
                unknown.append(lacking)
            answers.append(codes[key])
        return Known(np.array(answers, dtype=np.int64)[pairs], unknown)


@dataclass(frozen=True)
class Known:
    """A code per attempt, equal where variables have equal values; per code those not recorded."""

    codes: Codes
    unknown: list[frozenset[str]]


@lru_cache(maxsize=4096)
def _inputs(recorded: str | None) -> dict[str, str]:
    found = json.loads(recorded) if recorded else None
    return {str(name): str(value) for name, value in (found or {}).items()}
