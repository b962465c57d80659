"""The routing configuration: ordered rules, a default rule, and what context agents get."""

from connector.policy.fields import ContextField, Limits, Skill
from connector.policy.hours import Period, Span, minute_of_week, wall_time
from connector.policy.model import SERVICE_LEVEL_S, Policy
from connector.policy.opening import OpeningHours, is_open
from connector.policy.part import Part
from connector.policy.reading import Reading, load_policy, parse_policy, policy_error, read_policy
from connector.policy.rules import CONDITIONS, Canary, Confidence, FailurePath, Route, Rule
from connector.policy.steps import SkipIf, SkipReason, Step
from connector.policy.writing import dump_policy

__all__ = [
    "CONDITIONS",
    "SERVICE_LEVEL_S",
    "Canary",
    "Confidence",
    "ContextField",
    "FailurePath",
    "Limits",
    "OpeningHours",
    "Part",
    "Period",
    "Policy",
    "Reading",
    "Route",
    "Rule",
    "Skill",
    "SkipIf",
    "SkipReason",
    "Span",
    "Step",
    "dump_policy",
    "is_open",
    "load_policy",
    "minute_of_week",
    "parse_policy",
    "policy_error",
    "read_policy",
    "wall_time",
]
