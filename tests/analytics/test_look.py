import tomllib

import pytest

from analytics.look import DARK, LIGHT, palette
from tests.conftest import PROJECT

THEME = tomllib.loads((PROJECT / ".streamlit/config.toml").read_text())["theme"]


@pytest.mark.parametrize(("name", "colours"), [("light", LIGHT), ("dark", DARK)])
def test_charts_and_theme_use_the_same_colours(name, colours):
    theme = THEME[name]
    assert (theme["textColor"], theme["backgroundColor"]) == (colours.ink, colours.ground)
    assert theme["blueColor"] == theme["greenColor"] == colours.accent
    assert theme["orangeColor"] == theme["redColor"] == colours.loss


def test_an_unknown_theme_is_light():
    assert palette(None) is palette("light") is LIGHT
    assert palette("dark") is DARK


def _luminance(colour):
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [p / 12.92 if p <= 0.03928 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def _contrast(one, other):
    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("colours", [LIGHT, DARK], ids=["light", "dark"])
def test_text_on_charts_can_be_read(colours):
    """WCAG 2.2 asks for 4.5 for text and 3 for marks that carry meaning."""
    assert _contrast(colours.ink, colours.ground) >= 4.5
    assert _contrast(colours.muted, colours.ground) >= 4.5
    assert _contrast(colours.accent, colours.ground) >= 3
    assert _contrast(colours.loss, colours.ground) >= 3


def test_the_font_comes_with_its_licence():
    assert (PROJECT / "static/inter.woff2").read_bytes()[:4] == b"wOF2"
    assert "SIL OPEN FONT LICENSE Version 1.1" in (PROJECT / "static/inter-OFL.txt").read_text()
