"""One more version, written once or not at all."""

import threading
from dataclasses import dataclass
from datetime import timedelta

import pytest

from connector import audit
from connector.access import Actor, Role
from connector.clock import utc_now
from connector.errors import NotAllowed, PolicyError, PublishRefused, StaleBase
from connector.log.lake import Lake
from connector.policy import Policy
from connector.publishing import current, difference, history, publish, roll_back, version
from connector.queues import QueueBook, QueueState

from .conftest import ANN
from .drafts import base, waiting, with_rule

ADMIN = Actor("Ada", Role.ADMIN)


@dataclass(frozen=True)
class Finding:
    severity: str

    def __str__(self):
        return f"{self.severity} in `refund`"


@pytest.fixture
def newest(lake):
    return current(lake)


def publish_as(lake, draft, newest, **given):
    wanted = {"actor": ANN, "note": "why not", "base": newest.version}
    return publish(lake, draft, **(wanted | given))


def test_a_draft_becomes_the_next_version_and_is_current(lake, newest):
    published = publish_as(lake, waiting(newest, "One moment."), newest)

    assert published.version == newest.version + 1
    assert current(lake) == published
    assert published.waiting_message == "One moment."
    assert version(lake, newest.version) == newest


def test_the_history_has_every_version_newest_first_with_author_note_and_base(lake, newest):
    publish_as(lake, waiting(newest, "Wait 'here'; please"), newest, note=' it\'s "better" ')

    entries = history(lake)

    last = entries[0]
    assert [entry.version for entry in entries] == list(range(newest.version + 1, 0, -1))
    assert (last.published_by, last.note) == ("Ann", 'it\'s "better"')
    assert (last.based_on, last.restored) == (newest.version, None)
    assert timedelta() <= utc_now() - last.published_at < timedelta(minutes=1)


def test_an_outdated_base_is_refused_with_what_both_changed(lake, newest):
    publish_as(lake, waiting(newest, "Theirs."), newest)
    mine = waiting(newest, "Mine.").model_copy(update={"zone": "Europe/Paris"})

    with pytest.raises(StaleBase) as refused:
        publish_as(lake, mine, newest)

    apart = refused.value.apart
    assert apart.theirs == difference(newest, current(lake))
    assert apart.yours == difference(newest, mine)
    assert apart.both == ("waiting message",)
    assert "Theirs." in str(refused.value)
    assert current(lake).waiting_message == "Theirs."


def test_a_draft_that_changes_nothing_is_refused(lake, newest):
    with pytest.raises(PublishRefused, match=f"what version {newest.version} says already"):
        publish_as(lake, newest, newest)


def test_a_base_nobody_published_is_told(lake, newest):
    with pytest.raises(PolicyError, match="No policy has version 999"):
        publish_as(lake, waiting(newest, "?"), newest, base=999)


def test_a_draft_put_together_in_memory_is_held_to_the_rules_of_a_file(lake, newest):
    twice = newest.model_copy(update={"rules": (newest.rules[0], newest.rules[0])})
    with pytest.raises(PolicyError, match="two rules have the name"):
        publish_as(lake, twice, newest)


@pytest.mark.parametrize("note", ["", "  \n"])
def test_a_version_without_a_reason_is_refused(lake, newest, note):
    with pytest.raises(PublishRefused, match="note"):
        publish_as(lake, waiting(newest, "?"), newest, note=note)


def test_a_viewer_may_neither_publish_nor_roll_back(lake, newest):
    eve = Actor("Eve", Role.VIEWER)
    with pytest.raises(NotAllowed, match="Eve"):
        publish_as(lake, waiting(newest, "?"), newest, actor=eve)
    with pytest.raises(NotAllowed, match="Eve"):
        roll_back(lake, 1, actor=eve, note="why not")
    assert current(lake) == newest


def test_errors_block_and_warnings_pass_unless_strict(lake, newest):
    draft = waiting(newest, "With findings.")
    with pytest.raises(PublishRefused, match="error in `refund`"):
        publish_as(lake, draft, newest, findings=[Finding("warning"), Finding("error")])
    with pytest.raises(PublishRefused, match="warning in `refund`"):
        publish_as(lake, draft, newest, findings=[Finding("warning")], strict=True)
    assert publish_as(lake, draft, newest, findings=[Finding("warning")]) == current(lake)


def test_rolling_back_publishes_the_old_content_as_the_next_version(lake, newest):
    publish_as(lake, waiting(newest, "A mistake."), newest)

    restored = roll_back(lake, newest.version, actor=ANN, note="as it was")

    assert difference(restored, newest) == ()
    assert restored.version == newest.version + 2
    assert current(lake) == restored
    last = history(lake)[0]
    assert (last.restored, last.based_on) == (newest.version, newest.version + 1)


def test_rolling_back_to_what_is_in_force_is_refused(lake, newest):
    with pytest.raises(PublishRefused, match="Nothing to publish"):
        roll_back(lake, newest.version, actor=ANN, note="once more")


def test_the_audit_has_the_values_before_and_after(lake, newest):
    before = utc_now()
    published = publish_as(lake, waiting(newest, "Audited."), newest, note="for the audit")

    [entry] = audit.read(lake, ADMIN, since=before)

    assert entry.happened_at >= before
    assert (entry.actor, entry.action) == ("Ann", "publish policy")
    assert entry.subject == f"version {published.version}"
    assert entry.before == {"waiting message": newest.waiting_message}
    assert entry.after == {"waiting message": "Audited."}
    assert entry.note == "for the audit"


def test_the_audit_is_for_admins(lake):
    with pytest.raises(NotAllowed, match="read the audit"):
        audit.read(lake, ANN)


def test_queue_names_get_their_ids_where_the_tenant_is_known(lake, newest):
    names = {"101": "General", "102": "Cards", "103": "Cards fast", "104": "High"}
    book = QueueBook.of(QueueState(id, name) for id, name in names.items())
    draft = Policy.model_validate(
        with_rule(
            base(), "balance", canary={"share": 0.1, "steps": [{"queue": "cards"}]}
        ).model_dump()
        | {"priority_twins": {"Cards": {"high": "Cards fast"}}, "waiting_message": "Cards"}
    )

    published = publish_as(lake, draft, newest, book=book)

    refund, card, balance = published.rules
    assert refund.steps[0].queue == "Billing", "a queue this tenant lacks stays as written"
    assert [step.queue for step in card.steps] == ["Cards (102)", "General (101)"]
    assert balance.canary.steps[0].queue == "Cards (102)"
    assert published.default_queue == "General (101)"
    assert published.priority_twins == {"Cards (102)": {"high": "Cards fast (103)"}}
    assert published.waiting_message == "Cards"
    with pytest.raises(PublishRefused, match="Nothing to publish"):
        publish_as(lake, draft, published, book=book)


def test_of_those_who_publish_at_once_exactly_one_wins(home, lake, newest):
    lakes = [Lake.open(home.settings) for _ in range(2)]
    ready, told = threading.Barrier(len(lakes)), []

    def work(number, own):
        ready.wait()
        try:
            told.append(publish_as(own, waiting(newest, f"Publisher {number}."), newest))
        except StaleBase as refused:
            told.append(refused)

    threads = [threading.Thread(target=work, args=pair) for pair in enumerate(lakes)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    for own in lakes:
        own.close()

    won = [one for one in told if isinstance(one, Policy)]
    lost = [one for one in told if isinstance(one, StaleBase)]
    assert (len(won), len(lost)) == (1, 1)
    assert current(lake) == won[0]
    assert [one.apart.both for one in lost] == [("waiting message",)]
    assert [entry.version for entry in history(lake)].count(newest.version + 1) == 1


def test_machines_that_share_no_file_lock_do_not_both_win(home, lake, newest):
    """The other one commits between our look at the newest version and our own commit."""
    elsewhere = Lake.open(home.settings)
    elsewhere._lock = None

    class Slow(Lake):
        def transaction(self, work):
            met = []

            def late(cursor):
                written = work(cursor)
                if not met:
                    met.append(publish_as(elsewhere, waiting(newest, "Quicker."), newest))
                return written

            return super().transaction(late)

    slow = Slow.open(home.settings)
    slow._lock = None
    with pytest.raises(StaleBase):
        publish_as(slow, waiting(newest, "Slower."), newest)
    assert current(lake).waiting_message == "Quicker."
    for own in (slow, elsewhere):
        own.close()
