#!/usr/bin/env bash
# Installs the build and test dependencies of ludus on Debian 12. Does nothing if all are installed, so it can be run
# repeatedly. On other systems it reports the missing libraries and their versions.
#
#   scripts/setup.sh            install the missing packages
#   scripts/setup.sh --list     print the packages, one a line, and install nothing
#
# Exit codes: 0 everything is installed, 1 the installation failed, 2 the system is not supported (a message explains).
set -euo pipefail

packages=(
  # building
  build-essential cmake ninja-build ccache git pkg-config
  # arithmetic: Eigen, libtorch, and OpenBLAS, six times as fast as the reference BLAS that libtorch-dev brings along
  libeigen3-dev libtorch-dev libblas-dev libopenblas0-pthread
  # the program: command line, JSON, TOML
  libcli11-dev nlohmann-json3-dev libtomlplusplus-dev
  # messages
  libfmt-dev
  # files of data: gzip, ZIP archives
  zlib1g-dev
  # images: JPEG and PNG
  libjpeg-dev libpng-dev
  # the Box2D environments
  libbox2d-dev
  # windows (with the software renderer of machines without a graphics card), images and their fonts, videos, plots
  libsfml-dev libx11-dev libgl1-mesa-dri libcairo2-dev fonts-dejavu-core ffmpeg gnuplot-nox
  # tests: GoogleTest, a display without a screen and hands for its windows, independent readers of checkpoints and ONNX
  libgtest-dev xvfb xauth xdotool python3 python3-numpy python3-onnx
  # the layout of the sources
  clang-format
  # benchmarks
  libbenchmark-dev
  # fuzzing: libFuzzer comes with clang
  clang libclang-rt-dev
)

say() { printf '%s\n' "setup: $*" >&2; }

# Dependencies on a system without Debian's packages: a name with its version, then the test for its
# presence: cmd:PROGRAM in the path, inc:HEADER for the compiler, lib:NAME for the linker, py:MODULE for Python.
needs=(
  "a C++20 compiler (GCC 12 or Clang 15)|cmd:${CXX:-c++}"
  "CMake 3.25|cmd:cmake"
  "Ninja 1.11|cmd:ninja"
  "pkg-config|cmd:pkg-config"
  "Eigen 3.4|inc:eigen3/Eigen/Core inc:Eigen/Core"
  "libtorch 1.13 or later (https://pytorch.org, C++ distribution)|inc:torch/version.h inc:torch/csrc/api/include/torch/version.h"
  "OpenBLAS 0.3|lib:openblas lib:blas"
  "CLI11 2.1|inc:CLI/CLI.hpp"
  "nlohmann-json 3.11|inc:nlohmann/json.hpp"
  "fmt 9|inc:fmt/core.h"
  "toml++ 3.3|inc:toml++/toml.h"
  "zlib 1.2|inc:zlib.h"
  "libjpeg-turbo 2.1|inc:jpeglib.h"
  "libpng 1.6|inc:png.h"
  "Box2D 2.4|inc:box2d/box2d.h"
  "SFML 2.5 or 2.6|inc:SFML/Graphics.hpp"
  "the X11 library|inc:X11/Xlib.h"
  "Cairo 1.16|inc:cairo.h inc:cairo/cairo.h"
  "GoogleTest 1.12|inc:gtest/gtest.h"
  "ffmpeg (videos)|cmd:ffmpeg"
  "gnuplot (plots)|cmd:gnuplot"
  "xvfb-run and xauth (tests of the window)|cmd:xvfb-run"
  "xdotool (tests of the window)|cmd:xdotool"
  "Python 3 with NumPy (tests of checkpoints)|py:numpy"
  "Python 3 with onnx (tests of ONNX files)|py:onnx"
)

# Whether one of the signs of a need is seen. Headers and libraries are also looked for under CMAKE_PREFIX_PATH.
seen() {
  local prefix sign flags=()
  for prefix in $(tr ';:' '  ' <<<"${CMAKE_PREFIX_PATH:-}"); do
    flags+=("-I$prefix/include" "-L$prefix/lib")
  done
  for sign in $1; do
    case $sign in
      cmd:*) command -v "${sign#cmd:}" >/dev/null ;;
      py:*) python3 -c "import ${sign#py:}" >/dev/null 2>&1 ;;
      inc:*) printf '#if !__has_include(<%s>)\n#error missing\n#endif\n' "${sign#inc:}" |
        "${CXX:-c++}" "${flags[@]}" -x c++ -fsyntax-only - >/dev/null 2>&1 ;;
      lib:*) echo 'int main() {}' |
        "${CXX:-c++}" -x c++ - "${flags[@]}" "-l${sign#lib:}" -o /dev/null >/dev/null 2>&1 ;;
    esac && return 0
  done
  return 1
}

# Other systems: report the missing dependencies, and install nothing.
report_other_system() {
  local need missing=()
  for need in "${needs[@]}"; do
    seen "${need#*|}" || missing+=("${need%%|*}")
  done
  if [ ${#missing[@]} -eq 0 ]; then
    say "$1, but everything that ludus needs is installed; continue with: cmake --preset release"
    exit 0
  fi
  say "$1, so nothing was installed. Missing here:"
  printf '  - %s\n' "${missing[@]}" >&2
  say "install these with the tools of your system, then run: cmake --preset release" \
    "(-DCMAKE_PREFIX_PATH=… names unusual places; LUDUS_WITH_RENDER, LUDUS_WITH_BOX2D, LUDUS_WITH_TORCH and" \
    "LUDUS_BUILD_TESTS leave parts away)"
  exit 2
}

case ${1:-} in
  --list) printf '%s\n' "${packages[@]}"; exit 0 ;;
  '') ;;
  *) say "unknown option \"$1\"; the only option is --list"; exit 2 ;;
esac

if ! command -v apt-get >/dev/null || ! command -v dpkg-query >/dev/null; then
  report_other_system "this system has no apt-get"
fi

# one query for all: dpkg-query complains of packages it has never heard of, and prints "ii" for the installed ones
installed=$(dpkg-query --show --showformat '${db:Status-Abbrev}|${binary:Package}\n' "${packages[@]}" 2>/dev/null |
  sed -n 's/^ii *|\([^:]*\).*/\1/p') || true
missing=()
for package in "${packages[@]}"; do
  grep -qxF "$package" <<<"$installed" || missing+=("$package")
done
if [ ${#missing[@]} -eq 0 ]; then
  say "all ${#packages[@]} packages are installed"
  exit 0
fi
say "to install: ${missing[*]}"

as_root=(env DEBIAN_FRONTEND=noninteractive)
if [ "$(id -u)" -ne 0 ]; then
  if ! command -v sudo >/dev/null; then
    say "these packages can only be installed by root, and there is no sudo here; as root, run:" \
      "apt-get install --no-install-recommends ${missing[*]}"
    exit 2
  fi
  # without a terminal no password can be typed: fail at once instead of waiting for one
  if [ -t 0 ]; then as_root=(sudo "${as_root[@]}"); else as_root=(sudo -n "${as_root[@]}"); fi
  if ! "${as_root[@]}" true; then
    say "sudo refused; as root, run: apt-get install --no-install-recommends ${missing[*]}"
    exit 2
  fi
fi
apt() { "${as_root[@]}" apt-get -o DPkg::Lock::Timeout=300 -o Acquire::Retries=3 "$@" </dev/null; }

if ! apt update -qq; then
  say "the package lists could not be fetched; is the network up, and is /etc/apt/sources.list right?"
  exit 1
fi
unknown=()
for package in "${missing[@]}"; do
  apt-cache show --no-all-versions "$package" >/dev/null 2>&1 || unknown+=("$package")
done
if [ ${#unknown[@]} -gt 0 ]; then
  system=$(sed -n 's/^PRETTY_NAME="\(.*\)"/\1/p' /etc/os-release)
  report_other_system "${system:-this system} has no package ${unknown[*]} (Debian 12 has)"
fi
if ! apt install -qq -y --no-install-recommends "${missing[@]}"; then
  say "apt-get could not install the packages; its messages stand above"
  exit 1
fi
say "installed ${#missing[@]} packages"
