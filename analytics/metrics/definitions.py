"""The one place where every number is defined, as SQL over `attempts` and `attempt_steps`.

A definition may use the names defined before it. Shares are 0-1 and null where their denominator
is 0; durations are seconds. `MEANINGS` says the same in words, for pages and documentation.
"""

from __future__ import annotations

OUTCOMES = (
    "accepted",
    "timed_out",
    "no_agents",
    "abandoned",
    "rejected",
    "failed",
    "unknown",
)

ATTEMPTS: dict[str, str] = {
    "attempts": "count(*)",
    **{outcome: f"count(*) FILTER (outcome = '{outcome}')" for outcome in OUTCOMES},
    "closed": "count(*) FILTER (outcome = 'no_agents' AND failure_reason = 'closed')",
    "success_rate": "accepted / nullif(attempts, 0)",
    "timeout_rate": "timed_out / nullif(attempts, 0)",
    "waits": "count(wait_s)",
    "wait_mean_s": "avg(wait_s)",
    "wait_deviation_s": "stddev_samp(wait_s)",
    "wait_p50_s": "quantile_cont(wait_s, 0.5)",
    "wait_p95_s": "quantile_cont(wait_s, 0.95)",
    "measured": "count(completeness)",
    "completeness": "avg(completeness)",
    "completeness_deviation": "stddev_samp(completeness)",
    "complete": "count(*) FILTER (completeness = 1)",
    "complete_share": "complete / nullif(measured, 0)",
}

ENGAGEMENTS: dict[str, str] = {
    "handled": "count(handle_s)",
    "handle_mean_s": "avg(handle_s)",
    "handle_deviation_s": "stddev_samp(handle_s)",
}

STEPS: dict[str, str] = {
    "offered": "count(*) FILTER (NOT starts_with(result, 'skipped'))",
    "accepted": "count(*) FILTER (result = 'accepted')",
    "step_timeout": "count(*) FILTER (result = 'step_timeout')",
    "skipped": "count(*) FILTER (starts_with(result, 'skipped'))",
    "reached": "accepted / nullif(offered, 0)",
    "step_timeout_rate": "step_timeout / nullif(offered, 0)",
}

FIELDS: dict[str, str] = {
    "required": "count(*)",
    "present": "count(*) FILTER (is_present)",
    "present_share": "present / nullif(required, 0)",
    "delivered": "count(*) FILTER (is_present AND was_delivered)",
    "cut": "count(*) FILTER (is_cut)",
    "missing": "required - present",
    "missing_share": "missing / nullif(required, 0)",
}

# Share: successes and trials of its Wilson interval. Mean: its t interval's count and deviation.
SHARES: dict[str, tuple[str, str]] = {
    "success": ("accepted", "attempts"),
    "timeout": ("timed_out", "attempts"),
    "complete": ("complete", "measured"),
    "reached": ("accepted", "offered"),
    "step_timeout": ("step_timeout", "offered"),
    "present": ("present", "required"),
    "missing": ("missing", "required"),
    "unmarked": ("sent", "attempts"),
}
MEANS: dict[str, tuple[str, str, str]] = {
    "wait_mean": ("waits", "wait_mean_s", "wait_deviation_s"),
    "handle_mean": ("handled", "handle_mean_s", "handle_deviation_s"),
    "completeness": ("measured", "completeness", "completeness_deviation"),
}

MEANINGS: dict[str, str] = {
    "attempts": "Handoffs served, from the request to the outcome.",
    "accepted": "An agent joined.",
    "timed_out": "A queue was tried and its time ran out, whatever else was skipped.",
    "no_agents": "Every queue was skipped: closed, nobody logged in, or all busy.",
    "closed": "Every queue was skipped because it was closed.",
    "abandoned": "The customer left before an agent joined.",
    "rejected": "8x8 refused: a wrong key or tenant, or another 4xx answer.",
    "failed": "8x8 failed or could not be reached after retries, or a bug.",
    "unknown": "The connector died and 8x8 could not tell what became of it.",
    "success_rate": "Escalation success: accepted / attempts.",
    "timeout_rate": "Timed out / attempts.",
    "wait_mean_s": "Mean time spent waiting, over all attempts whatever their outcome.",
    "wait_p50_s": "Half of all attempts spent at most this long waiting.",
    "wait_p95_s": "95 of 100 attempts spent at most this long waiting.",
    "handle_mean_s": "Mean handle time of accepted attempts that have one.",
    "completeness": "Mean share of required context fields that the payload carried, "
    "over attempts that require any.",
    "complete_share": "Attempts that carried every required field / attempts that require any.",
    "offered": "Times a queue was tried; skipped steps are not offers.",
    "reached": "Accepted / offered, per queue.",
    "step_timeout": "Offers that ended because the step's time ran out.",
    "step_timeout_rate": "Step timeouts / offered, per queue.",
    "skipped": "Steps not tried: the queue was closed or had nobody to take it.",
    "required": "Attempts that require the field.",
    "present": "Attempts whose payload carried the field.",
    "present_share": "Present / required.",
    "delivered": "Attempts whose payload carried the field and was taken by 8x8.",
    "cut": "Attempts whose field was shortened, or left out because 8x8 takes no more.",
    "missing": "Attempts that require the field and whose payload did not carry it.",
    "missing_share": "Missing / required.",
    "unmarked_share": "Attempts whose bot sent the variable though nobody marked it for handoff, "
    "of all attempts.",
}


def select(definitions: dict[str, str]) -> str:
    """The definitions as a SELECT list."""
    return ",\n        ".join(f"{sql} AS {name}" for name, sql in definitions.items())
