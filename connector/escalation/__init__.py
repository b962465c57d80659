"""Performs handoffs: the connector, and the life of an attempt."""

from connector.escalation.blocking import BlockingConnector
from connector.escalation.connector import Connector
from connector.escalation.signals import BotEvent

__all__ = ["BlockingConnector", "BotEvent", "Connector"]
