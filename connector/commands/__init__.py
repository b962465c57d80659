"""What the `handoff` command does, one file per command."""
