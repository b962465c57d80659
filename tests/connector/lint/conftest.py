"""A sandbox tenant whose facts lint reads over HTTP, as it reads those of 8x8."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from connector.eight import Eight
from connector.lint import lint, tenant_facts
from connector.sandbox import Sandbox, load_world
from connector.sandbox.parts import Queue
from connector.settings import Settings


class Tenant:
    """The sandbox as lint sees it."""

    def __init__(self, sandbox, home):
        self.settings = Settings(home=home, **sandbox.connection)

    def facts(self, policy, **settings):
        async def read():
            given = self.settings.model_copy(update=settings)
            async with Eight(
                self.settings.api_base, self.settings.api_key, self.settings.tenant_id
            ) as eight:
                return await tenant_facts(eight, policy, given)

        return asyncio.run(read())

    def lint(self, policy, log=None, **settings):
        """What there is to say, but for what needs a log when none is given."""
        found = lint(policy, tenant=self.facts(policy, **settings), log=log)
        return [one for one in found if one.check != "not_checked"]

    def only(self, policy, log=None, **settings):
        [finding] = self.lint(policy, log, **settings)
        return finding

    def mended(self, policy, finding, log=None, **settings):
        """The policy with the finding's fix, after which that is not found again."""
        done = finding.fix.apply(policy)
        assert type(policy).model_validate(done.model_dump()) == done != policy
        left = self.lint(done, log, **settings)
        told = (finding.check, finding.rule, finding.text)
        assert told not in [(one.check, one.rule, one.text) for one in left]
        return done


@pytest.fixture(scope="session")
def tenant(tmp_path_factory):
    """The shipped world around the clock, with one queue more that nobody serves."""
    world = load_world().around_the_clock()
    office = load_world().schedules
    with_empty = replace(
        world, schedules=office, queues=(*world.queues, Queue(id="110", name="Archive"))
    )
    with Sandbox(with_empty) as sandbox:
        yield Tenant(sandbox, tmp_path_factory.mktemp("home"))
