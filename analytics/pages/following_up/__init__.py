"""Parts of the Follow-ups page."""
