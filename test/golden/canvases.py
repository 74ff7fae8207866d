"""Resampled images as Pillow makes them: antialiased triangle, Catmull-Rom and Lanczos; smaller, larger, one side each. For packages/data."""

import numpy
from PIL import Image

from golden import write

WIDTH, HEIGHT, SIZE, LARGER, BETWEEN = 90, 70, 24, 103, 80
x, y, c = numpy.meshgrid(numpy.arange(WIDTH), numpy.arange(HEIGHT), numpy.arange(3))
pixels = ((x * (2 + c) + y * (3 - c) + (x // 9 + y // 7) % 2 * 60) % 200 + 20).astype(numpy.uint8)
image = Image.fromarray(pixels)
kernels = {"linear": Image.BILINEAR, "cubic": Image.BICUBIC, "lanczos3": Image.LANCZOS}
stretch = {name: numpy.asarray(image.resize((SIZE, SIZE), kernel)).ravel().tolist() for name, kernel in kernels.items()}
enlarge = {
    f"{name} {side}": numpy.asarray(image.resize((side, side), kernels[name])).ravel().tolist()
    for name in ("linear", "cubic")
    for side in (LARGER, BETWEEN)
}

write(__file__, ["pillow", "numpy"], {"width": WIDTH, "height": HEIGHT, "size": SIZE, "stretch": stretch, "enlarge": enlarge})
