"""Lint: what a draft would do wrong in this tenant, found before it is published."""

from connector.lint.facts import LogFacts, Patience, TenantFacts, Traffic
from connector.lint.finding import Fix, LintFinding, Severity
from connector.lint.linting import lint
from connector.lint.reading import ask_tenant, tenant_facts

__all__ = [
    "Fix",
    "LintFinding",
    "LogFacts",
    "Patience",
    "Severity",
    "TenantFacts",
    "Traffic",
    "ask_tenant",
    "lint",
    "tenant_facts",
]
