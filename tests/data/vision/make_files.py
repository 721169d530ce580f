#!/usr/bin/env python3
"""Makes the images and expected values beside it with PIL and NumPy, for tests/nn/io/image_file_test.cpp and tests/nn/vision/.

  python3 tests/data/vision/make_files.py      needs python3-pil and python3-numpy; the files are committed, so tests need neither

The values here come from Pillow 9.4 (libjpeg-turbo 2.1.5) and NumPy 1.24.
"""
import struct
import zlib
from pathlib import Path

import numpy as np
from PIL import Image, ImageEnhance, ImageFilter

HERE = Path(__file__).resolve().parent
HEIGHT, WIDTH = 23, 31
y, x = np.mgrid[0:HEIGHT, 0:WIDTH]
random = np.random.default_rng(5)
smooth = np.stack([8 * x, 11 * y, 128 + 100 * np.sin(x * y / 40)], axis=2)
RGB = np.clip(smooth + random.normal(0, 12, smooth.shape), 0, 255).astype(np.uint8)
GREY = RGB[:, :, 1].copy()
ALPHA = ((x * 8) % 256).astype(np.uint8)
expected = {"rgb": RGB, "grey": GREY[:, :, None]}
rgb, grey = Image.fromarray(RGB), Image.fromarray(GREY)


def keep(name, image):
    array = np.asarray(image)
    expected[name] = array if array.ndim == 3 else array[:, :, None]


# resizing
FILTERS = {"nearest": Image.NEAREST, "bilinear": Image.BILINEAR, "bicubic": Image.BICUBIC, "area": Image.BOX}
for name, filter_ in FILTERS.items():
    for height, width in ((11, 14), (40, 53), (7, 31), (1, 1)):
        keep(f"resize_{name}_{height}x{width}", rgb.resize((width, height), filter_))
        if name != "nearest":
            floats = Image.fromarray((GREY / np.float32(255)).astype(np.float32))
            keep(f"resize_float_{name}_{height}x{width}", floats.resize((width, height), filter_))

# orientation in space
keep("flip_horizontal", rgb.transpose(Image.FLIP_LEFT_RIGHT))
keep("flip_vertical", rgb.transpose(Image.FLIP_TOP_BOTTOM))
keep("transpose", rgb.transpose(Image.TRANSPOSE))
for turns in (1, 2, 3):
    expected[f"rotate90_{turns}"] = np.rot90(RGB, turns).copy()

# colour
for factor in (0.0, 0.5, 1.7):
    keep(f"brightness_{factor}", ImageEnhance.Brightness(rgb).enhance(factor))
    keep(f"contrast_{factor}", ImageEnhance.Contrast(rgb).enhance(factor))
    keep(f"saturation_{factor}", ImageEnhance.Color(rgb).enhance(factor))
keep("luma", rgb.convert("L"))
for shift in (0.1, -0.3, 0.5):  # torchvision.transforms.functional_pil.adjust_hue
    h, s, v = rgb.convert("HSV").split()
    moved = np.asarray(h) + np.uint8(int(shift * 255) % 256)
    keep(f"hue_{shift}", Image.merge("HSV", (Image.fromarray(moved), s, v)).convert("RGB"))

# kernels, without the border, which PIL leaves as it is; PIL's rows run from the bottom up
KERNELS = {"blur": ([1, 2, 1, 2, 4, 2, 1, 2, 1], 16), "sharpen": ([0, -1, 0, -1, 5, -1, 0, -1, 0], 1),
           "edge": ([-1, -1, -1, -1, 8, -1, -1, -1, -1], 1), "sobel": ([1, 2, 1, 0, 0, 0, -1, -2, -1], 1),
           "sobel_left": ([1, 0, -1, 2, 0, -2, 1, 0, -1], 1), "emboss": ([-2, -1, 0, -1, 1, 1, 0, 1, 2], 1)}
for name, (weights, scale) in KERNELS.items():
    flipped = weights[6:] + weights[3:6] + weights[:3]
    filtered = rgb.filter(ImageFilter.Kernel((3, 3), flipped, scale))
    keep(f"kernel_{name}", np.asarray(filtered)[1:-1, 1:-1].copy())

# random numbers
expected["beta_small"] = np.array([np.random.default_rng(s).beta(0.4, 0.4) for s in range(5)])
expected["beta_large"] = np.array([np.random.default_rng(s).beta(2.5, 2.5) for s in range(5)])

# JPEG files
rgb.save(HERE / "color.jpg", quality=90)
rgb.save(HERE / "progressive.jpg", quality=80, progressive=True, subsampling=0)
grey.save(HERE / "grey.jpg", quality=90)
rgb.convert("CMYK").save(HERE / "cmyk.jpg", quality=90)
for name in ("color", "progressive", "grey"):
    keep(f"{name}.jpg", Image.open(HERE / f"{name}.jpg"))
keep("cmyk.jpg", Image.open(HERE / "cmyk.jpg").convert("RGB"))
TURNS = {2: Image.FLIP_LEFT_RIGHT, 3: Image.ROTATE_180, 4: Image.FLIP_TOP_BOTTOM, 5: Image.TRANSPOSE,
         6: Image.ROTATE_270, 7: Image.TRANSVERSE, 8: Image.ROTATE_90}  # as PIL's ImageOps.exif_transpose
for orientation in (3, 6, 8, 5, 7, 2, 4):
    exif = Image.Exif()
    exif[0x0112] = orientation
    file = HERE / f"orientation_{orientation}.jpg"
    Image.fromarray(RGB[:8, :12]).save(file, quality=70, exif=exif)
    keep(file.name, Image.open(file).transpose(TURNS[orientation]))


# PNG files
def chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png(name, pixels, depth, color_type, interlaced=False, extra=b""):
    """Writes an array of shape (height, width, channels) with filter 0."""
    dtype = ">u2" if depth == 16 else "u1"
    height, width = pixels.shape[:2]
    passes = [(0, 0, 1, 1)]
    if interlaced:
        passes = [(0, 0, 8, 8), (0, 4, 8, 8), (4, 0, 8, 4), (0, 2, 4, 4), (2, 0, 4, 2), (0, 1, 2, 2), (1, 0, 2, 1)]
    rows = b""
    for top, left, down, across in passes:
        part = pixels[top::down, left::across].astype(dtype)
        if part.size:
            rows += b"".join(b"\0" + row.tobytes() for row in part)
    header = struct.pack(">IIBBBBB", width, height, depth, color_type, 0, 0, int(interlaced))
    (HERE / name).write_bytes(b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + extra + chunk(b"IDAT", zlib.compress(rows, 9))
                              + chunk(b"IEND", b""))
    expected[name] = pixels


DEEP = (RGB.astype(np.uint16) * 257 + (x % 7)[:, :, None].astype(np.uint16)).clip(0, 65535).astype(np.uint16)
png("grey8.png", GREY[:, :, None], 8, 0)
png("grey_alpha8.png", np.dstack([GREY, ALPHA]), 8, 4)
png("rgb8.png", RGB, 8, 2)
png("rgba8.png", np.dstack([RGB, ALPHA]), 8, 6)
png("grey16.png", DEEP[:, :, :1], 16, 0)
png("rgb16.png", DEEP, 16, 2)
png("rgba16.png", np.dstack([DEEP, ALPHA.astype(np.uint16) * 257]), 16, 6)
png("interlaced.png", RGB, 8, 2, interlaced=True)
exif = b"MM\0*" + struct.pack(">I", 8) + struct.pack(">HHHIHHI", 1, 0x0112, 3, 1, 6, 0, 0)
png("oriented.png", RGB, 8, 2, extra=chunk(b"eXIf", exif))
expected["oriented.png"] = np.rot90(RGB, -1).copy()
palette = rgb.quantize(16)
palette.save(HERE / "palette.png")
keep("palette.png", palette.convert("RGB"))
palette.save(HERE / "palette_alpha.png", transparency=3)
keep("palette_alpha.png", Image.open(HERE / "palette_alpha.png").convert("RGBA"))
one_bit = grey.convert("1")
one_bit.save(HERE / "one_bit.png")
keep("one_bit.png", one_bit.convert("L"))

np.savez_compressed(HERE / "expected.npz", **expected)
