"""What the service tells a Prometheus server."""

from __future__ import annotations

from collections.abc import Iterator

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from connector.escalation import Connector


class Figures(Collector):
    """Reads a connector each time it is asked."""

    def __init__(self, connector: Connector) -> None:
        self._connector = connector

    def describe(self) -> Iterator[Metric]:
        yield from ()

    def collect(self) -> Iterator[Metric]:
        connector = self._connector
        yield CounterMetricFamily(
            "handoff_webhook_events_refused",
            "Webhook events whose signature, key, age or tenant was wrong.",
            value=connector.bad_signatures,
        )
        entered = hasattr(connector, "switchboard")
        yield GaugeMetricFamily(
            "handoff_attempts_open",
            "Attempts and engagements this process serves now.",
            value=len(connector.switchboard) if entered else 0,
        )
        yield GaugeMetricFamily(
            "handoff_policy_version",
            "Version of the policy in force.",
            value=connector.policy.version if entered else 0,
        )
