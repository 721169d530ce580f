#!/usr/bin/env bash
# Sets up, builds, and runs every test but the slow ones; then the torch-free rooms once more under the sanitizers.
#
#   scripts/test.sh                  all of it
#   LUDUS_SANITIZERS=0               leave the sanitizers away
#   LUDUS_JOBS=4                     compile and test so many at a time (default: the cores there are)
#   LUDUS_DATA_DIR=DIR               where the data sets lie (default: ../shared/data beside the repository)
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
. scripts/phases.sh

export LUDUS_DATA_DIR=${LUDUS_DATA_DIR:-$(realpath -m ../shared/data)}
jobs=${LUDUS_JOBS:-$(nproc)}

test_preset() { ctest --preset "$1" --parallel "$jobs" --output-junit "$PWD/build/$1/tests.xml"; }

phase "set up" bash scripts/setup.sh
phase "configure" cmake --preset release
phase "build" cmake --build --preset release --parallel "$jobs"
phase "test" test_preset release
if [ "${LUDUS_SANITIZERS:-1}" != 0 ]; then
  phase "configure with address and undefined-behaviour sanitizers" cmake --preset asan
  phase "build with address and undefined-behaviour sanitizers" cmake --build --preset asan --parallel "$jobs"
  phase "test with address and undefined-behaviour sanitizers" test_preset asan
fi
show_phases
printf 'All tests passed.\n'
