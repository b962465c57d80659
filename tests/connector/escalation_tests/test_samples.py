import pytest

from connector.errors import DataFileError
from connector.escalation_tests import read_samples
from connector.policy import load_policy
from connector.publishing import SHIPPED


def test_the_shipped_samples_speak_of_intents_the_shipped_policy_routes():
    policy = load_policy(SHIPPED)
    known = {intent for rule in policy.rules for intent in rule.intents}
    samples = read_samples()
    assert 4 <= len(samples) <= 6
    assert {sample.intent for sample in samples} - known == {"unknown"}
    assert len({sample.name for sample in samples}) == len(samples)
    assert "es" in {sample.language for sample in samples}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("- {name: A}", "field `0.intent`: Field required"),
        ("- [", "is no YAML"),
        ("- {name: A, intent: b, category: c, messages: []}", "field `0.messages`"),
    ],
)
def test_a_file_of_samples_that_cannot_be_used_says_where(tmp_path, text, said):
    file = tmp_path / "samples.yaml"
    file.write_text(text)
    with pytest.raises(DataFileError, match=said):
        read_samples(file)


def test_a_file_that_is_not_there_is_told(tmp_path):
    with pytest.raises(DataFileError, match="cannot be read"):
        read_samples(tmp_path / "none.yaml")
