"""The call center of the "Anonymous Bank" (Technion; Brown et al., JASA 100:36-50, 2005).

A caller meets a machine, then a queue, then an agent: the path of bot, queue, agent.
"""

from __future__ import annotations

from analytics.history.anonymous_bank.importing import ImportReport, import_files
from analytics.history.anonymous_bank.replaying import Call, Calls, calls
from analytics.history.anonymous_bank.rows import ZONE

__all__ = ["ZONE", "Call", "Calls", "ImportReport", "calls", "import_files"]
