"""Drawn portraits for invented persons: nobody's face, and marked as simulated."""

import io
from random import Random

from PIL import Image, ImageDraw

WIDTH, HEIGHT = 240, 320
SKINS = ("#f3d6bf", "#e8c3a0", "#d8a987", "#c68e63", "#f0cdb0")
HAIRS = ("#1c1a19", "#2d2420", "#4a3a31", "#7a7672", "#b9b6b2")
SHIRTS = ("#34577f", "#7b3f4b", "#3f6b57", "#5b4d7a", "#8a6a2f", "#444c55")


def draw(random: Random) -> bytes:
    """A simple drawn head and shoulders as JPEG, with the word SIMULATED on it."""
    image = Image.new("RGB", (WIDTH, HEIGHT), "#e9eef3")
    pen = ImageDraw.Draw(image)
    skin, hair, shirt = random.choice(SKINS), random.choice(HAIRS), random.choice(SHIRTS)
    wide, tall = random.randrange(50, 62), random.randrange(66, 80)
    pen.ellipse((30, 225, 210, 420), fill=shirt)
    pen.rectangle((102, 180, 138, 240), fill=skin)
    pen.ellipse((120 - wide - 6, 140 - tall - 12, 126 + wide, 140 + tall // 2), fill=hair)
    pen.ellipse((120 - wide, 140 - tall, 120 + wide, 140 + tall), fill=skin)
    pen.pieslice((118 - wide, 130 - tall, 122 + wide, 150), 180, 360, fill=hair)
    for x in (97, 143):
        pen.ellipse((x - 7, 136, x + 7, 145), fill="#ffffff", outline="#555555")
        pen.ellipse((x - 3, 137, x + 3, 144), fill="#222222")
    pen.line((120, 148, 116, 168, 123, 169), fill="#9a7459", width=2)
    pen.arc((102, 172, 138, 192), 20, 160, fill="#a2544f", width=3)
    pen.rectangle((0, 296, WIDTH, HEIGHT), fill="#ffffff")
    pen.text((74, 301), "SIMULATED", fill="#7a1f1f", font_size=16)
    buffer = io.BytesIO()
    image.save(buffer, "JPEG", quality=80)
    return buffer.getvalue()
