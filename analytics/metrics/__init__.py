"""Every number on every page, in the command line and in notebooks comes from here.

All functions read through a DuckDB connection whose tables are those of the lake, such as
`analytics.connect()` gives; a thread uses a cursor of its own.
"""

from __future__ import annotations

from analytics.metrics.context import carried_fields, unmarked_variables
from analytics.metrics.counts import attempts_by, fields_by, steps_by
from analytics.metrics.definitions import MEANINGS, OUTCOMES
from analytics.metrics.filters import Filters, moment
from analytics.metrics.frames import records
from analytics.metrics.log import LogSpan, choices, latest_attempts, log_span, queues
from analytics.metrics.overview import (
    Comparison,
    compare,
    missing_context,
    queue_table,
    trend,
)
from analytics.metrics.report import COLUMNS, GROUPS, STEP_COLUMNS, report
from analytics.metrics.rules import rule_numbers

__all__ = [
    "COLUMNS",
    "GROUPS",
    "MEANINGS",
    "OUTCOMES",
    "STEP_COLUMNS",
    "Comparison",
    "Filters",
    "LogSpan",
    "attempts_by",
    "carried_fields",
    "choices",
    "compare",
    "fields_by",
    "latest_attempts",
    "log_span",
    "missing_context",
    "moment",
    "queue_table",
    "queues",
    "records",
    "report",
    "rule_numbers",
    "steps_by",
    "trend",
    "unmarked_variables",
]
