"""The tenant as the grid and the checks see it, asked at most once a minute."""

from __future__ import annotations

import asyncio

import streamlit as st

from analytics.pages.parts import reading
from connector.errors import EightError
from connector.lint import TenantFacts, ask_tenant
from connector.policy import Policy
from connector.settings import Settings

KEPT_S = 60


def tenant(policy: Policy) -> TenantFacts | None:
    """Queues, channels and schedules; None when nobody is connected or 8x8 does not answer."""
    settings = reading.settings()
    if not settings.configured:
        return None
    key = settings.api_key.get_secret_value() if settings.api_key else ""
    asked = (settings.api_base, settings.tenant_id, hash(key), str(settings.queue_map))
    scheduled = bool(policy.schedule or policy.schedules)
    return _tenant((*asked, settings.default_queue, scheduled), _settings=settings, _policy=policy)


@st.cache_data(ttl=KEPT_S, max_entries=8, show_spinner=False)
def _tenant(
    asked: tuple[object, ...], *, _settings: Settings, _policy: Policy
) -> TenantFacts | None:
    try:
        return asyncio.run(ask_tenant(_settings, _policy))
    except EightError:
        return None
