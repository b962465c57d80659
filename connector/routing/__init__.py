"""Which rule serves a handoff, and which queues it tries: values in, values out."""

from connector.routing.deciding import canary_draw, conditions_read, decide, first_rule
from connector.routing.decision import Decision, PlannedStep
from connector.routing.emergencies import under_emergency
from connector.routing.planning import default_queue, queue_for
from connector.routing.schedules import schedules_of
from connector.routing.skipping import skip_reason

__all__ = [
    "Decision",
    "PlannedStep",
    "canary_draw",
    "conditions_read",
    "decide",
    "default_queue",
    "first_rule",
    "queue_for",
    "schedules_of",
    "skip_reason",
    "under_emergency",
]
