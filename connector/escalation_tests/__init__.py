"""Test escalations: real handoffs that a person sends and watches, marked `test` in the log."""

from connector.escalation_tests.marking import marked_as_test
from connector.escalation_tests.samples import Sample, read_samples
from connector.escalation_tests.sending import EscalationTest, EscalationTests

__all__ = ["EscalationTest", "EscalationTests", "Sample", "marked_as_test", "read_samples"]
