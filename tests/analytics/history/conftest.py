"""Call files written by hand."""

import pytest

HEADER = (
    "vru+line\tcall_id\tcustomer_id\tpriority\ttype\tdate\tvru_entry\tvru_exit\tvru_time\t"
    "q_start\tq_exit\tq_time\toutcome\tser_start\tser_exit\tser_time\tserver"
)
CALL = {
    "line": "AA0101",
    "call_id": "1",
    "customer_id": "777",
    "priority": "1",
    "type": "PS",
    "date": "990105",
    "vru_entry": "10:00:00",
    "vru_exit": "10:00:10",
    "vru_time": "10",
    "q_start": "10:00:10",
    "q_exit": "10:00:40",
    "q_time": "30",
    "outcome": "AGENT",
    "ser_start": "10:00:40",
    "ser_exit": "10:02:40",
    "ser_time": "120",
    "server": "ANNA",
}


def call(**fields):
    """One row; by default a call that waited 30 s and was served for 120 s."""
    return "\t".join((CALL | {name: str(value) for name, value in fields.items()}).values())


def left(**fields):
    """A caller who hung up in the queue."""
    return call(**{"outcome": "HANG", "ser_time": 0, "server": "NO_SERVER"} | fields)


@pytest.fixture
def file(tmp_path):
    """Writes a call file of the given rows."""

    def write(*rows, name="calls.txt", header=HEADER, end="\r\n"):
        path = tmp_path / name
        path.write_bytes("".join(row + end for row in (header, *rows)).encode())
        return path

    return write
