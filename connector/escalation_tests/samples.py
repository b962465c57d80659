"""Sample conversations to test with; those of the product are in `data/samples.yaml`."""

from __future__ import annotations

from pathlib import Path

import yaml
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from connector.errors import DataFileError
from connector.handoff import Customer, Message

SHIPPED = Path(__file__).parents[2] / "data" / "samples.yaml"


class Sample(BaseModel):
    """One conversation, as a bot would hand it over; `name` is for whoever chooses."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    intent: str
    category: str
    channel: str = "web"
    language: str = "en"
    customer: Customer = Customer()
    variables: dict[str, str] = Field(default_factory=dict)
    messages: tuple[Message, ...] = Field(min_length=1)


_SAMPLES = TypeAdapter(tuple[Sample, ...])


def read_samples(file: Path = SHIPPED) -> tuple[Sample, ...]:
    """The samples in order. Raises DataFileError."""
    try:
        return _SAMPLES.validate_python(yaml.safe_load(file.read_text(encoding="utf-8")))
    except OSError as error:
        raise DataFileError(f"cannot be read: {error.strerror}.", file=file) from None
    except yaml.YAMLError as error:
        raise DataFileError(f"is no YAML: {error}", file=file) from None
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        place = ".".join(str(part) for part in first["loc"])
        raise DataFileError(f"{first['msg']}.", file=file, field=place) from None
