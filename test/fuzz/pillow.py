"""Says of each path on standard input what Pillow makes of it: one line of JSON each. Used by pillow.ts."""

import base64
import json
import sys
import warnings

from PIL import Image, ImageOps

warnings.simplefilter("ignore")
for line in sys.stdin:
    try:
        with Image.open(line.strip()) as image:
            mode = image.mode
            read = ImageOps.exif_transpose(image).convert("RGBA")
            ground = Image.new("RGBA", read.size, "white")
            ground.alpha_composite(read)
            answer = {"mode": mode, "width": read.width, "height": read.height, "pixels": base64.b64encode(ground.convert("RGB").tobytes()).decode()}
    except Exception as error:
        answer = {"refused": f"{type(error).__name__}: {error}"}
    print(json.dumps(answer), flush=True)
