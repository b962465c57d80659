"""The parts of the Mappings page."""
