"""Drawn pages hold everything they were given, whatever the style."""

from dataclasses import replace

import numpy as np
import pytest

from training.drawing.fonts import reading_fonts
from training.pairs.report_page import RULES, ReportPage, draw_page, draw_style

FONTS = reading_fonts()[:2]
TABLE = (("", "2019", "2018"), ("Net sales", "$ 1,204", "$ 1,101"), ("Costs", "877", "812"))
SHEET = ReportPage("Net sales by region", TABLE, ("Sales rose. " * 20, "Costs rose too. " * 20), "7")


def style(seed=0, **changes):
    return replace(draw_style(np.random.default_rng(seed), FONTS, 400), **changes)


def ink(image, top=0.0, bottom=1.0):
    gray = np.asarray(image.convert("L"))
    part = gray[int(top * len(gray)) : int(bottom * len(gray))]
    return int((part < gray.max() - 60).sum())


def test_the_same_seed_gives_the_same_style_and_page():
    assert style(3) == style(3) != style(4)
    assert draw_page(SHEET, style(3)).tobytes() == draw_page(SHEET, style(3)).tobytes()


def test_the_long_side_is_kept():
    for seed in range(8):
        assert max(draw_page(SHEET, style(seed)).size) == 400


@pytest.mark.parametrize("rules", RULES)
@pytest.mark.parametrize("columns", [1, 2])
def test_every_style_draws(rules, columns):
    assert ink(draw_page(SHEET, style(rules=rules, columns=columns))) > 500


def test_rules_and_shade_make_a_difference():
    drawn = {rules: draw_page(SHEET, style(rules=rules, is_shaded=False)).tobytes() for rules in RULES}
    assert len(set(drawn.values())) == len(RULES)


def test_the_table_may_come_first_or_last():
    first, last = (draw_page(SHEET, style(table_first=each, rules="grid")) for each in (True, False))
    assert first.tobytes() != last.tobytes()


def test_what_does_not_fit_is_made_smaller():
    long = replace(SHEET, paragraphs=("Sales rose again and again. " * 60,))
    plain = style(size=20.0, columns=1, height=500, width=400, margin=30, table_first=True)
    assert ink(draw_page(replace(long, footer=""), plain), 0.965) == 0


def test_pages_may_lack_a_table_or_paragraphs():
    bare = draw_page(ReportPage("Title", (), (), "1"), style())
    assert 0 < ink(bare) < ink(draw_page(SHEET, style()))
    assert ink(draw_page(ReportPage("", (("only one cell",),), (), "1"), style())) > 0
