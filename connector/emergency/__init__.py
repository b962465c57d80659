"""Emergencies: until a time, handoffs go to another queue or to a failure path."""

from connector.emergency.declaring import LONGEST, declare, end
from connector.emergency.intents import known_intents
from connector.emergency.model import Declared, Emergency
from connector.emergency.table import emergencies, in_force
from connector.emergency.wording import concerned, instead, sentence

__all__ = [
    "LONGEST",
    "Declared",
    "Emergency",
    "concerned",
    "declare",
    "emergencies",
    "end",
    "in_force",
    "instead",
    "known_intents",
    "sentence",
]
