"""Parts of the Context page."""
