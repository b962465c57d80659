"""Parts of the Test escalation page."""
