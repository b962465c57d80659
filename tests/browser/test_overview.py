import re

import pytest
from playwright.sync_api import expect

from tests.analytics.pages.conftest import fill
from tests.browser.conftest import PHONE, WIDE

pytestmark = pytest.mark.browser
CHARTS = "[data-testid=stVegaLiteChart]"


def open_overview(page, address, query=""):
    page.goto(f"{address}/{query}")
    expect(page.get_by_text("The numbers behind the charts")).to_be_visible()
    return page


@pytest.mark.parametrize("viewport", [WIDE, PHONE], ids=["wide", "phone"])
def test_the_page_draws_every_chart_within_its_width_and_asks_nobody_else(
    look, dashboard, viewport
):
    page, asked, errors = look(viewport), [], []
    page.on("request", lambda request: asked.append(request.url))
    page.on("pageerror", lambda error: errors.append(str(error)))
    open_overview(page, dashboard)
    expect(page.locator(f"{CHARTS} canvas, {CHARTS} svg.marks")).to_have_count(5)
    main = page.locator("[data-testid=stMain]")
    assert main.evaluate("main => main.scrollWidth <= main.clientWidth")
    assert [url for url in asked if not url.startswith((dashboard, "data:", "blob:"))] == []
    assert errors == []


def test_charts_say_in_words_what_they_show(look, dashboard):
    page = open_overview(look(), dashboard)
    expect(page.get_by_label(re.compile("^Cards loses most, "))).to_have_count(1)
    expect(page.get_by_label(re.compile("^Share reached per day, from "))).to_have_count(1)


def test_a_filter_goes_into_the_address_and_the_address_is_a_filter(look, dashboard):
    page = open_overview(look(), dashboard)
    page.get_by_role("button", name="Show Cards").click()
    expect(page.get_by_text(re.compile("escalations ended here · 1 queue"))).to_be_visible()
    expect(page).to_have_url(re.compile(r"\?queue=Cards$"))
    other = open_overview(look(), dashboard, "?queue=Cards&period=7+days")
    expect(other.get_by_text(re.compile("escalations ended here · 1 queue"))).to_be_visible()
    expect(other.get_by_role("radio", name="7 days")).to_be_checked()


def test_new_attempts_appear_by_themselves_and_no_chart_is_torn_down(look, dashboard, home):
    page = open_overview(look(), dashboard)
    page.evaluate(
        """selector => {
            window.torn = 0;
            const seen = records => records.forEach(record => record.removedNodes.forEach(node => {
                if (node.nodeType === 1 && (node.matches(selector) || node.querySelector(selector)))
                    window.torn += 1;
            }));
            new MutationObserver(seen).observe(document.body, {childList: true, subtree: true});
        }""",
        CHARTS,
    )
    fill(home, 50, seed=9)
    expect(page.get_by_text(re.compile("1,250 escalations ·"))).to_be_visible()
    assert page.evaluate("window.torn") == 0


def test_charts_follow_when_the_theme_is_switched(look, dashboard):
    page = open_overview(look(), dashboard)
    label = page.locator(f"{CHARTS} svg text, {CHARTS} canvas").first
    before = label.screenshot()
    page.emulate_media(color_scheme="dark")
    page.wait_for_timeout(6000)
    expect(page.get_by_text("The numbers behind the charts")).to_be_visible()
    ground = page.locator("[data-testid=stApp]").evaluate(
        "e => getComputedStyle(e).backgroundColor"
    )
    assert ground == "rgb(17, 21, 27)"
    assert label.screenshot() != before


def test_a_refresh_never_fades_what_is_on_the_page(look, dashboard, home):
    page = open_overview(look(), dashboard)
    page.wait_for_timeout(3000)
    page.evaluate(
        """() => {
            window.faintest = 1;
            setInterval(() => document.querySelectorAll('[data-testid=stMetric]').forEach(tile => {
                const box = tile.closest('[data-testid=stElementContainer]');
                window.faintest = Math.min(window.faintest, getComputedStyle(box).opacity);
            }), 50);
        }"""
    )
    before = page.get_by_text(re.compile("escalations · all queues")).inner_text()
    fill(home, 20, seed=11)
    expect(page.get_by_text(before)).to_have_count(0)
    page.wait_for_timeout(1000)
    assert page.evaluate("window.faintest") > 0.8
