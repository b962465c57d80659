"""What is worth saying about a period, worked out from the counts: who loses how many customers.

A group is named only when it has enough attempts and its interval, widened for the number of groups
looked at, lies apart from that of the others. When nothing does, nothing is said.
"""

from analytics.findings.finding import Difference, Finding, Group, difference, mean_difference
from analytics.findings.lead import lead, lead_of_queues, most_timeouts
from analytics.findings.losses import findings

__all__ = [
    "Difference",
    "Finding",
    "Group",
    "difference",
    "findings",
    "lead",
    "lead_of_queues",
    "mean_difference",
    "most_timeouts",
]
