#!/usr/bin/env bash
# Makes the images of docs/learning/images.md, docs/learning/zoo.md and docs/learning/style.md with the built program.
#
#   scripts/vision_images.sh DATA
#
# DATA/photos/chelsea_cat.png and coffee.png are scikit-image's "chelsea" and "coffee", both CC0;
# DATA/weights/mobilenet_v2_1.0_224.fp16.safetensors holds the weights of TensorFlow's MobileNetV2,
# DATA/weights/squeezenet1_1.fp16.safetensors those of forresti/SqueezeNet; DATA/style/style_starry_night.jpg is public
# domain.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
data=${1:?"the folder of the photographs and weights is missing"}
ludus=build/release/bin/ludus
out=docs/images/vision
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
mkdir -p "$out"

"$ludus" image resize "$data/photos/chelsea_cat.png" "$scratch/cat.png" --side 96
make() { "$ludus" image "$1" "$scratch/cat.png" "$out/$1.jpg" --quality 85 "${@:2}"; }
make convert
make blur
make sharpen
make edge
make sobel
make emboss
make grey
make saturation --factor 2
make hue --shift 0.3
make flip_horizontal
make crop --height 96 --width 96
make augment --seed 3

"$ludus" image resize "$data/photos/coffee.png" "$scratch/coffee.png" --side 200
"$ludus" classify "$scratch/coffee.png" --model mobilenet_v2_folded --top 3 --annotate "$scratch/annotated" \
  --weights "$data/weights/mobilenet_v2_1.0_224.fp16.safetensors"
"$ludus" image convert "$scratch/annotated/coffee.png" "$out/annotated.jpg" --quality 85

out=docs/images/style
mkdir -p "$out"
"$ludus" style "$data/style/content_coffee.png" "$data/style/style_starry_night.jpg" "$scratch/result.png" --size 250 \
  --total-variation 1000 --steps 80 --seed 1 --weights "$data/weights/squeezenet1_1.fp16.safetensors" --run "$scratch/style"
"$ludus" image convert "$scratch/result.png" "$out/result.jpg" --quality 85
"$ludus" image resize "$data/style/content_coffee.png" "$scratch/content.png" --side 167
"$ludus" image convert "$scratch/content.png" "$out/content.jpg" --quality 85
"$ludus" image resize "$data/style/style_starry_night.jpg" "$scratch/painting.png" --side 167
"$ludus" image convert "$scratch/painting.png" "$out/style.jpg" --quality 85
