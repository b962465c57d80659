"""Connecting a tenant: does it work, what is wrong and how to mend it, and set-up in 8x8."""

from connector.connection.check import STEPS, Check, Status
from connector.connection.checks import check_connection
from connector.connection.saving import change_connection
from connector.connection.setup import (
    CHANNEL_NAME,
    WEBHOOK_NAME,
    SetupStep,
    apply_setup,
    plan_setup,
)

__all__ = [
    "CHANNEL_NAME",
    "STEPS",
    "WEBHOOK_NAME",
    "Check",
    "SetupStep",
    "Status",
    "apply_setup",
    "change_connection",
    "check_connection",
    "plan_setup",
]
