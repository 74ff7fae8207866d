"""Small images of every kind of numbers, with the pixels that they declare; those that declare too little, or that few read, with none. For packages/data."""

import base64
import io
import struct

import numpy
import tifffile
from PIL import Image, ImageCms, ImageOps

from golden import write

SIDE = 8
y, x = numpy.mgrid[0:SIDE, 0:SIDE]
rgb = numpy.stack([(x * 29 + 20) % 256, (y * 31 + 9) % 256, ((x + y) * 16 + 3) % 256], -1).astype(numpy.uint8)
grey = ((x * 21 + y * 13 + 7) % 256).astype(numpy.uint8)
alpha = (x * 36 + 3).astype(numpy.uint8)
cover = alpha[..., None] / 255
over = numpy.round(rgb * cover + 255 * (1 - cover))
grey_over = numpy.round(grey * cover[..., 0] + 255 * (1 - cover[..., 0]))
premultiplied = numpy.round(rgb * cover).astype(numpy.uint8)
extra = [alpha[..., None]]
files: dict[str, dict] = {}


def add(name: str, data: bytes, pixels=None) -> None:
    """pixels: [SIDE, SIDE] grey or [SIDE, SIDE, 3]; None where the file must be refused."""
    files[name] = {"file": base64.b64encode(data).decode()}
    if pixels is not None:
        pixels = numpy.asarray(pixels)
        pixels = numpy.stack([pixels] * 3, -1) if pixels.ndim == 2 else pixels
        files[name]["pixels"] = pixels.astype(int).ravel().tolist()


def tiff(name: str, data, pixels=None, **options) -> None:
    stream = io.BytesIO()
    tifffile.imwrite(stream, data, metadata=None, software=None, **{"photometric": "rgb" if data.shape[-1] in (3, 4) else "minisblack", **options})
    add(f"tiff {name}", stream.getvalue(), pixels)


def saved(kind: str, name: str, image: Image.Image, pixels="as Pillow reads it", **options) -> None:
    stream = io.BytesIO()
    image.save(stream, kind, **options)
    if isinstance(pixels, str):
        read = ImageOps.exif_transpose(Image.open(stream)).convert("RGBA")
        ground = Image.new("RGBA", read.size, "white")
        ground.alpha_composite(read)
        pixels = numpy.asarray(ground.convert("RGB"))
    add(f"{kind.lower()} {name}", stream.getvalue(), pixels)


def tag(number: int, kind: int, *values):
    return (number, kind, len(values), values if len(values) > 1 else values[0], True)


def grey_profile(gamma: float) -> bytes:
    """An ICC profile of version 2 with nothing but a curve."""
    curve = b"curv\0\0\0\0" + struct.pack(">IHH", 1, round(gamma * 256), 0)
    white = b"XYZ \0\0\0\0" + struct.pack(">iii", 63190, 65536, 54061)
    body = struct.pack(">I4sII4sII", 2, b"kTRC", 156, 16, b"wtpt", 172, 20) + curve + white
    head = struct.pack(">I4xI4s4s4s12x4s", 128 + len(body), 0x02400000, b"mntr", b"GRAY", b"XYZ ", b"acsp").ljust(68, b"\0") + white[8:]
    return head.ljust(128, b"\0") + body


# Floats: 0..1, or what the file says.
for bits in (16, 32):
    tiff(f"float{bits}, rgb", (rgb / 255).astype(f"f{bits // 8}"), rgb)
    tiff(f"float{bits}, grey", (grey / 255).astype(f"f{bits // 8}"), None if bits == 16 else grey)
tiff("float32, predictor", (rgb / 255).astype("f4"), rgb, predictor=3, compression="zlib")
tiff("float32, planes", numpy.moveaxis(rgb / 255, -1, 0).astype("f4"), rgb, photometric="rgb", planarconfig="separate")
tiff("float32, white is zero", (1 - grey / 255).astype("f4"), grey, photometric="miniswhite")
tiff("float32, alpha", numpy.concatenate([rgb / 255, cover], -1).astype("f4"), over, extrasamples=[2])
tiff("float32, associated alpha", numpy.concatenate([rgb / 255 * cover, cover], -1).astype("f4"), over, extrasamples=[1])
tiff("float32, on its side", (rgb / 255).astype("f4"), numpy.rot90(rgb, -1), extratags=[tag(274, 3, 6)])
tiff("float32, declared 0..255", rgb.astype("f4"), rgb, extratags=[tag(340, 11, 0.0, 0.0, 0.0), tag(341, 11, 255.0, 255.0, 255.0)])
tiff("float16, planes", numpy.moveaxis(rgb / 255, -1, 0).astype("f2"), photometric="rgb", planarconfig="separate")
tiff("float32, dark bytes", (grey // 8 / 255).astype("f4"), grey // 8)
tiff("float32 of 0..255", rgb.astype("f4"))
tiff("float32 of -1..1", (grey / 127.5 - 1).astype("f4"))
tiff("float32, nowhere light", (grey / 255 / 16).astype("f4"))
tiff("float32, not a number", numpy.where(x == 3, numpy.nan, grey / 255).astype("f4"))
tiff("float64", (rgb / 255).astype("f8"))
tiff("complex", (grey / 255).astype("c8"))
# Integers.
tiff("uint16, grey", grey.astype("u2") * 257, grey)
tiff("uint16, rgb", rgb.astype("u2") * 257, rgb)
tiff("uint16, alpha", numpy.concatenate([rgb, *extra], -1).astype("u2") * 257, over, extrasamples=[2])
tiff("uint16, dark bytes", (grey // 8).astype("u2") * 257, grey // 8)
tiff("uint16, dark bytes shifted", (grey // 8).astype("u2") * 256, grey // 8)
tiff("uint16, dark, all bits declared", grey.astype("u2") * 32, grey // 8, extratags=[tag(340, 3, 0), tag(341, 3, 65535)])
srgb = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
tiff("uint16, sRGB profile", rgb.astype("u2") * 257, rgb, iccprofile=srgb)
tiff("uint16, alpha, sRGB profile", numpy.concatenate([rgb, *extra], -1).astype("u2") * 257, over, extrasamples=[2], iccprofile=srgb)
light = (grey / 255) ** 1.8
curved = numpy.round(numpy.where(light <= 0.0031308, light * 12.92, 1.055 * light ** (1 / 2.4) - 0.055) * 255)
tiff("uint16, grey profile", grey.astype("u2") * 257, curved, iccprofile=grey_profile(1.8))
saved("PNG", "16 bits, grey profile", Image.fromarray(grey.astype("u2") * 257), curved, icc_profile=grey_profile(1.8))
saved("PNG", "8 bits, grey profile", Image.fromarray(grey), curved, icc_profile=grey_profile(1.8))
tiff("uint16, black", numpy.zeros((SIDE, SIDE), "u2"), grey * 0)
tiff("uint32, grey", grey.astype("u4") * 0x1010101, grey)
tiff("uint32, rgb", rgb.astype("u4") * 0x1010101, rgb)
tiff("uint32, alpha", numpy.concatenate([rgb, *extra], -1).astype("u4") * 0x1010101, over, extrasamples=[2])
tiff("uint32, associated alpha", numpy.concatenate([premultiplied, *extra], -1).astype("u4") * 0x1010101, extrasamples=[1])
tiff("uint32, white is zero", (0xFFFFFFFF - grey.astype("u8") * 0x1010101).astype("u4"), grey, photometric="miniswhite")
tiff("uint64", grey.astype("u8"))
for bits in (10, 12, 14):
    few = (grey.astype("u4") * (2**bits - 1) // 255).astype("u2")
    tiff(f"{bits} bits in 16", few)
    tiff(f"{bits} bits in 16, declared", few, grey, extratags=[tag(340, 3, 0), tag(341, 3, 2**bits - 1)])
    tiff(f"{bits} bits in 16, largest declared", few, grey, extratags=[tag(281, 3, 2**bits - 1)])
    saved("PNG", f"{bits} bits in 16", Image.fromarray(few), None)
tiff("12 bits in 32", grey.astype("u4") * 16)
tiff("int8", (grey.astype("i2") - 128).astype("i1"))
tiff("int16", grey.astype("i2") * 128)
tiff("int32", grey.astype("i4") << 23)
tiff("int16, declared", grey.astype("i2") * 10, grey, extratags=[tag(340, 8, 0), tag(341, 8, 2550)])
# Bands.
tiff("five bands, rgb first", numpy.concatenate([rgb, rgb[..., :2]], -1), rgb, photometric="rgb", extrasamples=[0, 0])
tiff("five bands, alpha among them", numpy.concatenate([rgb, *extra, rgb[..., :1]], -1), over, photometric="rgb", extrasamples=[2, 0])
tiff("seven bands, rgb first", numpy.concatenate([rgb, rgb, rgb[..., :1]], -1), rgb, photometric="rgb", extrasamples=[0] * 4, planarconfig="contig")
tiff("five bands, none declared", numpy.concatenate([rgb, rgb[..., :2]], -1), photometric="minisblack", planarconfig="contig")
tiff("fourth band, no alpha", numpy.concatenate([rgb, *extra], -1), rgb, extrasamples=[0])
tiff("alpha", numpy.concatenate([rgb, *extra], -1), over, extrasamples=[2])
tiff("associated alpha", numpy.concatenate([premultiplied, *extra], -1), premultiplied.astype(int) + 255 - alpha[..., None], extrasamples=[1])
tiff("grey, alpha", numpy.stack([grey, alpha], -1), grey_over, photometric="minisblack", extrasamples=[2], planarconfig="contig")
tiff("white is zero", 255 - grey, grey, photometric="miniswhite")
tiff("white is zero, 16 bits", 65535 - grey.astype("u2") * 257, grey, photometric="miniswhite")
# How they lie.
tiff("planes", numpy.moveaxis(rgb, -1, 0).copy(), rgb, photometric="rgb", planarconfig="separate")
tiff("tiles", rgb, rgb, tile=(16, 16))
tiff("tiles of planes", numpy.moveaxis(rgb, -1, 0).copy(), photometric="rgb", planarconfig="separate", tile=(16, 16))
tiff("pages", numpy.stack([rgb, 255 - rgb]), rgb, photometric="rgb")
tiff("BigTIFF, big-endian", rgb.astype("u2") * 257, rgb, bigtiff=True, byteorder=">")
for compression in ("lzw", "zlib", "packbits", "zstd", "lerc", "lzma", "jpegxl"):
    read = compression in ("lzw", "zlib", "packbits")
    tiff(f"{compression}, strips of three rows", rgb, rgb if read else None, compression=compression, rowsperstrip=3)
tiff("lzw, predictor", rgb, rgb, compression="lzw", predictor=2)
image = Image.fromarray(rgb)
palette = image.quantize(16)
lab = ImageCms.buildTransform(ImageCms.createProfile("sRGB"), ImageCms.createProfile("LAB"), "RGB", "LAB")
saved("TIFF", "CIELab", ImageCms.applyTransform(image, lab), None)
saved("TIFF", "YCbCr", image.convert("YCbCr"), None)
saved("TIFF", "jpeg", image, compression="jpeg")
saved("TIFF", "group4", Image.fromarray(grey).convert("1"), compression="group4")
for kind in ("TIFF", "PNG", "BMP", "GIF"):
    saved(kind, "palette", palette)
    saved(kind, "one bit", Image.fromarray(grey).convert("1"))
    saved(kind, "grey", Image.fromarray(grey))
# Other formats.
translucent = Image.fromarray(numpy.dstack([rgb, alpha]))
saved("PNG", "alpha", translucent, over)
saved("PNG", "grey, alpha", Image.fromarray(numpy.dstack([grey, alpha]), "LA"), grey_over)
saved("PNG", "16 bits", Image.fromarray(grey.astype("u2") * 257), grey)
saved("PNG", "transparent color", image, transparency=tuple(int(value) for value in rgb[5, 5]))
saved("PNG", "transparent palette", palette, transparency=bytes([0, 60, 120, 200]))
saved("PNG", "animated", image, rgb, save_all=True, append_images=[Image.fromarray(255 - rgb)])
saved("GIF", "animated", palette, save_all=True, append_images=[Image.fromarray(255 - rgb).quantize(16)])
saved("GIF", "transparent", palette, transparency=3)
saved("WEBP", "lossless, alpha", translucent, over, lossless=True, exact=True)
saved("WEBP", "animated", image, rgb, lossless=True, save_all=True, append_images=[Image.fromarray(255 - rgb)])
saved("AVIF", "animated", image, None, save_all=True, append_images=[Image.fromarray(255 - rgb)])
for name, options in {"usual": {}, "progressive": {"progressive": True}, "restarts": {"restart_marker_blocks": 1}, "stored as RGB": {"keep_rgb": True}}.items():
    saved("JPEG", name, image, quality=95, **options)
saved("JPEG", "grey", Image.fromarray(grey), quality=95)
for kind in ("TIFF", "PNG", "WEBP"):
    exif = Image.Exif()
    exif[0x112] = 7
    saved(kind, "orientation 7", image, exif=exif, **({"lossless": True} if kind == "WEBP" else {}))

write(__file__, ["pillow", "numpy", "tifffile"], {"side": SIDE, "files": files})
