"""Photographs made of gradients, noise and silhouettes: mountains, coasts, night skies and towns."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw, ImageFilter

from training.drawing.surface import Colour, colour

Size = tuple[int, int]
Shades = npt.NDArray[np.floating]


@dataclass(frozen=True, slots=True)
class Light:
    """The colours of an hour: sky above, sky at the horizon, sun or moon, what is far and what is near."""

    zenith: Colour
    horizon: Colour
    sun: Colour
    far: Colour
    near: Colour


DAWN = Light(colour("#2f4a7a"), colour("#f6b58a"), colour("#fff1d0"), colour("#b08aa0"), colour("#141d33"))
NOON = Light(colour("#2d74b8"), colour("#cfe6f2"), colour("#ffffff"), colour("#8fb2c4"), colour("#163a36"))
DUSK = Light(colour("#1d1b45"), colour("#e0637a"), colour("#ffd7a8"), colour("#7d4a78"), colour("#0d0c1f"))
MIST = Light(colour("#8ca0ad"), colour("#e6e4dc"), colour("#ffffff"), colour("#b9c2c4"), colour("#2b3b40"))
NIGHT = Light(colour("#04070f"), colour("#15304f"), colour("#e8eefc"), colour("#0f2136"), colour("#02040a"))


def mountains(size: Size, light: Light, rng: np.random.Generator, layers: int = 6) -> Image.Image:
    """Ridge behind ridge, paler with distance, under a low sun."""
    scene = _sky(size, light, rng, sun=(rng.uniform(0.25, 0.75), 0.42))
    for layer in range(layers):
        depth = (layer + 1) / layers
        ridge = _ridge(size[0], rng, roughness=0.5 + 0.1 * depth)
        height = size[1] * (0.42 + 0.50 * depth**1.3 - 0.20 * ridge * (1.25 - depth))
        _fill_below(scene, height, _mix(light.far, light.near, depth))
    return _as_photograph(scene, rng)


def coast(size: Size, light: Light, rng: np.random.Generator) -> Image.Image:
    """A headland, the sea, and the sun's path on the water."""
    sun_x = rng.uniform(0.3, 0.7)
    scene = _sky(size, light, rng, sun=(sun_x, 0.40))
    horizon = round(size[1] * 0.55)
    scene[horizon:] = _water(size, horizon, light, sun_x, rng)
    headland = _ridge(size[0], rng, 0.5) * np.linspace(1.0, -0.5, size[0]) ** 3
    _fill_below_to(
        scene, horizon - np.clip(headland, 0, None) * size[1] * 0.3, horizon, _mix(light.far, light.near, 0.6)
    )
    rocks = size[1] * (1.02 - 0.16 * _ridge(size[0], rng, 0.62) * np.linspace(0.2, 1.2, size[0]))
    _fill_below(scene, rocks, light.near[:3])
    return _as_photograph(scene, rng)


def night_sky(size: Size, light: Light, rng: np.random.Generator, *, aurora: bool = False) -> Image.Image:
    """Stars, the band of the Milky Way or an aurora, over a dark ridge."""
    scene = _vertical(size, light.zenith, light.horizon)
    scene += _curtains(size, rng) if aurora else _milky_way(size, rng)
    _scatter_stars(scene, size[0] * size[1] // 700, rng)
    _fill_below(scene, size[1] * (0.97 - 0.14 * _ridge(size[0], rng, 0.55)), light.near[:3])
    return _as_photograph(scene, rng)


def town(size: Size, light: Light, rng: np.random.Generator) -> Image.Image:
    """Houses with lit windows in three rows, mirrored in a harbour."""
    scene = _sky(size, light, rng, sun=(rng.uniform(0.2, 0.8), 0.5))
    picture = Image.fromarray(_to_bytes(scene))
    quay = round(size[1] * 0.68)
    for row in range(3):
        _row_of_houses(
            picture, quay - (2 - row) * size[1] // 26, _mix(light.far, light.near, 0.3 + 0.28 * row), rng
        )
    mirrored = picture.crop((0, 2 * quay - size[1], size[0], quay)).transpose(Image.Transpose.FLIP_TOP_BOTTOM)
    blurred = mirrored.filter(ImageFilter.BoxBlur(size[0] // 250)).point(
        [round(v * 0.62) for v in range(256)] * 3
    )
    picture.paste(blurred, (0, quay))
    return _as_photograph(np.asarray(picture, dtype=np.float32) / 255, rng)


def darkened(picture: Image.Image, strength: float = 0.75, *, from_top: bool = False) -> Image.Image:
    """The picture, darker towards its lower edge (or its upper), so that light text can be read there."""
    fall = np.linspace(0, 1, picture.height, dtype=np.float32) ** 1.3
    fade = 1 - strength * (fall[::-1] if from_top else fall)
    return Image.fromarray(_to_bytes(np.asarray(picture, dtype=np.float32) / 255 * fade[:, None, None]))


def _sky(size: Size, light: Light, rng: np.random.Generator, sun: tuple[float, float]) -> Shades:
    sky = _vertical(size, light.zenith, light.horizon, end=0.55)
    x, y = _grid(size)
    distance = np.hypot((x - sun[0]) * size[0] / size[1], y - sun[1])
    glow = 0.75 * np.exp(-distance / 0.16) + 1.2 * (distance < 0.035)
    clouds = np.clip(_cloud_noise(size, rng) - 0.52, 0, 1) * 1.6 * np.clip(1 - y / 0.6, 0, 1)
    sun_colour = np.array(light.sun[:3], dtype=np.float32)
    veil = np.clip(glow + 0.55 * clouds, 0, 1)[..., None]
    return np.asarray(sky * (1 - veil) + sun_colour * veil, dtype=np.float32)


def _water(size: Size, horizon: int, light: Light, sun_x: float, rng: np.random.Generator) -> Shades:
    rows = size[1] - horizon
    sea = _vertical(
        (size[0], rows),
        Colour(*_mix(light.horizon, light.zenith, 0.45)),
        Colour(*_mix(light.zenith, light.near, 0.6)),
    )
    waves = _cloud_noise((max(8, size[0] // 5), rows), rng)
    waves = np.asarray(Image.fromarray(waves).resize((size[0], rows), Image.Resampling.BICUBIC))
    x, y = _grid((size[0], rows))
    path = np.exp(-(((x - sun_x) / (0.03 + 0.10 * y)) ** 2)) * np.clip(waves - 0.42, 0, 1) * 4
    sea += ((waves - 0.5) * 0.14)[..., None]
    return np.asarray(
        sea + path[..., None] * np.array(light.sun[:3], dtype=np.float32) * 0.8, dtype=np.float32
    )


def _milky_way(size: Size, rng: np.random.Generator) -> Shades:
    x, y = _grid(size)
    band = np.exp(-(((y - 0.15 - 0.6 * x) / 0.16) ** 2)) * (0.25 + 0.9 * _cloud_noise(size, rng))
    tint = np.array([0.36, 0.33, 0.42], dtype=np.float32)
    return np.asarray(band[..., None] * tint, dtype=np.float32)


def _curtains(size: Size, rng: np.random.Generator) -> Shades:
    x, y = _grid(size)
    folds = 0.28 + 0.12 * np.sin(5 * x + rng.uniform(0, 6)) + 0.05 * np.sin(17 * x + rng.uniform(0, 6))
    below = np.clip(folds + 0.16 - y, 0, None)
    veil = np.exp(-below / 0.16) * (y < folds + 0.16) * (0.45 + 0.55 * _ridge(size[0], rng, 0.7)[None, :])
    tint = np.array([0.16, 0.85, 0.52], dtype=np.float32)
    soft = Image.fromarray(_to_bytes(veil)).filter(ImageFilter.GaussianBlur(size[0] / 260))
    return np.asarray(np.asarray(soft)[..., None] / 255 * tint * 0.85, dtype=np.float32)


def _scatter_stars(scene: Shades, count: int, rng: np.random.Generator) -> None:
    height, width = scene.shape[:2]
    x, y = rng.integers(1, width - 1, count), rng.integers(1, height - 1, count)
    shine = (rng.pareto(1.6, count) * 0.12 + 0.05).clip(0, 1.1)[:, None].astype(np.float32)
    tint = np.array([[0.9, 0.95, 1.0]], dtype=np.float32)
    scene[y, x] += shine * tint
    for dy, dx in ((0, 1), (1, 0), (0, -1), (-1, 0)):
        scene[y + dy, x + dx] += np.clip(shine - 0.3, 0, 1) * 0.7 * tint


def _row_of_houses(
    picture: Image.Image, base: int, wall: tuple[float, float, float], rng: np.random.Generator
) -> None:
    pen, x, width = ImageDraw.Draw(picture), -20, picture.width
    while x < width:
        breadth, height = int(width * rng.uniform(0.05, 0.09)), int(picture.height * rng.uniform(0.08, 0.16))
        shade = tuple(round(255 * min(1, c * rng.uniform(0.8, 1.2))) for c in wall)
        roof = tuple(round(c * 0.7) for c in shade)
        top, eaves = base - height, int(breadth * rng.uniform(0.2, 0.55))
        pen.rectangle((x, top, x + breadth, base), fill=shade)
        pen.polygon([(x - 2, top), (x + breadth / 2, top - eaves), (x + breadth + 2, top)], fill=roof)
        _windows(pen, (x, top, breadth, height), rng)
        x += breadth + int(rng.integers(0, 3))


def _windows(pen: ImageDraw.ImageDraw, house: tuple[int, int, int, int], rng: np.random.Generator) -> None:
    left, top, breadth, height = house
    step = max(8, breadth // 4)
    for y in range(top + step // 2, top + height - step, step):
        for x in range(left + step // 2, left + breadth - step // 2, step):
            lit = rng.random() < 0.42
            pen.rectangle(
                (x, y, x + step * 0.42, y + step * 0.55), fill=(250, 205, 120) if lit else (30, 34, 48)
            )


def _ridge(width: int, rng: np.random.Generator, roughness: float) -> Shades:
    """A profile from 0 to 1: noise of eight octaves, each `roughness` times as strong as the one before."""
    x = np.linspace(0, 1, width)
    line = np.zeros(width)
    for octave in range(8):
        knots = rng.normal(size=2 ** (octave + 1) + 2)
        line += roughness**octave * np.interp(x, np.linspace(0, 1, knots.size), knots)
    return np.asarray((line - line.min()) / (line.max() - line.min()), dtype=np.float32)


def _cloud_noise(size: Size, rng: np.random.Generator) -> Shades:
    field = np.zeros((size[1], size[0]), dtype=np.float32)
    for octave in range(5):
        knots = rng.random((2 ** (octave + 2), 2 ** (octave + 1))).astype(np.float32)
        field += np.asarray(Image.fromarray(knots).resize(size, Image.Resampling.BICUBIC)) * 0.5**octave
    return np.asarray((field - field.min()) / (field.max() - field.min()), dtype=np.float32)


def _vertical(size: Size, top: Colour, bottom: Colour, end: float = 1.0) -> Shades:
    share = np.clip(np.linspace(0, 1 / end, size[1], dtype=np.float32), 0, 1)[:, None]
    column = (
        np.array(top[:3], dtype=np.float32) * (1 - share) + np.array(bottom[:3], dtype=np.float32) * share
    )
    return np.repeat(column[:, None, :], size[0], axis=1).astype(np.float32)


def _grid(size: Size) -> tuple[Shades, Shades]:
    x = np.linspace(0, 1, size[0], dtype=np.float32)[None, :]
    y = np.linspace(0, 1, size[1], dtype=np.float32)[:, None]
    return x, y


def _fill_below(scene: Shades, height: Shades, paint: tuple[float, ...]) -> None:
    _fill_below_to(scene, height, scene.shape[0], paint)


def _fill_below_to(scene: Shades, height: Shades, end: int, paint: tuple[float, ...]) -> None:
    rows = np.arange(scene.shape[0], dtype=np.float32)[:, None]
    cover = np.clip(rows - height[None, :], 0, 1) * (rows < end)
    scene += cover[..., None] * (np.array(paint[:3], dtype=np.float32) - scene)


def _mix(first: Colour, second: Colour, share: float) -> tuple[float, float, float]:
    red, green, blue = (a * (1 - share) + b * share for a, b in zip(first[:3], second[:3], strict=True))
    return red, green, blue


def _as_photograph(scene: Shades, rng: np.random.Generator) -> Image.Image:
    """Grain and a darker rim, as a lens leaves them."""
    x, y = _grid((scene.shape[1], scene.shape[0]))
    rim = 1 - 0.28 * ((x - 0.5) ** 2 + (y - 0.5) ** 2) * 2
    grain = rng.normal(0, 0.008, scene.shape[:2]).astype(np.float32)
    return Image.fromarray(_to_bytes(scene * rim[..., None] + grain[..., None]))


def _to_bytes(scene: Shades) -> npt.NDArray[np.uint8]:
    return (np.clip(scene, 0, 1) * 255).astype(np.uint8)
