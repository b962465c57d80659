from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from connector.service.description import description
from tests.connector.service.conftest import Bot


@pytest.mark.full
def test_the_service_is_as_its_description_says(bot: Bot, tmp_path: Path):
    """Schemathesis plays every operation with good and bad input, and checks each answer."""
    script = Path(sys.executable).parent / "schemathesis"
    options = "--checks all --phases coverage,fuzzing --max-examples 5 --seed 1 --no-color"
    bounds = "--request-timeout 30 --generation-database none"
    done = subprocess.run(
        [script, "run", f"{bot.address}/openapi.json", *options.split(), *bounds.split()],
        capture_output=True,
        text=True,
        timeout=400,
        cwd=tmp_path,
    )
    assert done.returncode == 0, done.stdout


def test_every_operation_has_a_name_and_a_sentence():
    for path, methods in description()["paths"].items():
        for method, operation in methods.items():
            assert operation["operationId"], (path, method)
            assert operation["summary"].endswith("."), (path, method)
