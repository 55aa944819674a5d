"""Heat maps, by their pixels."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from vdr.search.heatmap import heat_of, heatmap
from vdr.types import Box, Region

SIZE = (200, 280)
sides = st.floats(0.0, 1.0)
boxes = st.builds(
    lambda a, b, c, d: Box(min(a, b), min(c, d), max(a, b), max(c, d)), sides, sides, sides, sides
)
regions = st.builds(Region, boxes, st.floats(0.0, 1.0))


def alpha(*shown):
    return np.asarray(heatmap(shown, SIZE))[:, :, 3]


def within(box, heat):
    """The part of a map that lies in a box."""
    height, width = heat.shape
    return heat[
        round(box.y0 * height) : round(box.y1 * height), round(box.x0 * width) : round(box.x1 * width)
    ]


def test_no_regions_are_a_transparent_image_of_the_size():
    image = heatmap((), SIZE)
    assert (image.mode, image.size) == ("RGBA", SIZE)
    assert not np.asarray(image)[:, :, 3].any()


def test_the_peak_lies_within_the_heaviest_region():
    best = Region(Box(0.6, 0.7, 0.8, 0.75), 1.0)
    others = [Region(Box(0.1, 0.05 * n, 0.4, 0.05 * n + 0.04), 0.8) for n in range(6)]
    heat = alpha(*others, best)
    peak = np.argwhere(heat == heat.max())
    assert (peak >= (0.7 * 280 - 1, 0.6 * 200 - 1)).all()
    assert (peak <= (0.75 * 280, 0.8 * 200)).all()


def test_a_region_is_as_opaque_as_it_weighs():
    half, whole = Region(Box(0.1, 0.1, 0.3, 0.2), 0.5), Region(Box(0.1, 0.6, 0.3, 0.7), 1.0)
    heat = heat_of([half, whole], SIZE)
    assert np.allclose(within(half.box, heat), 0.5)
    assert np.allclose(within(whole.box, heat), 1.0)
    assert (alpha(half).max(), alpha(whole).max()) == (70, 140)  # of 255, and print still shows through


def test_heat_falls_off_evenly_around_a_region():
    row = heat_of([Region(Box(0.4, 0.4, 0.6, 0.6), 1.0)], SIZE)[140]
    assert (np.diff(row[:100]) >= 0).all()
    assert np.diff(row).max() < 0.3
    assert np.allclose(row, row[::-1])


def test_regions_over_each_other_are_hotter_than_each():
    box = Box(0.2, 0.2, 0.4, 0.4)
    heat = heat_of([Region(box, 0.5), Region(box, 0.4)], SIZE)
    assert np.allclose(within(box, heat), 0.7)  # 1 - 0.5 * 0.6


def test_a_region_at_the_edge_does_not_wrap():
    heat = alpha(Region(Box(0.9, 0.95, 1.0, 1.0), 1.0))
    assert heat[-1, -1] == heat.max()
    assert not heat[:140].any()
    assert not heat[:, :100].any()


def test_what_lies_off_the_page_is_not_shown():
    assert not alpha(Region(Box(1.2, 0.1, 1.4, 0.2), 1.0)).any()


def test_a_page_of_one_pixel_has_a_map():
    assert heatmap([Region(Box(0.0, 0.0, 1.0, 1.0), 1.0)], (1, 1)).size == (1, 1)


def test_colours_get_lighter_with_heat_for_every_kind_of_eye():
    # Lightness tells the grades apart where hues do not.
    shown = [Region(Box(0.1 * n, 0.4, 0.1 * n + 0.05, 0.6), n / 9) for n in range(1, 10)]
    pixels = np.asarray(heatmap(shown, SIZE))[140, [20 * n + 5 for n in range(1, 10)], :3]
    lightness = pixels @ (0.2126, 0.7152, 0.0722)
    assert (np.diff(lightness) > 0).all()


@given(st.lists(regions, max_size=8))
def test_heat_is_between_nothing_and_one(shown):
    heat = heat_of(shown, (40, 56))
    assert heat.min() >= 0
    assert heat.max() <= 1
