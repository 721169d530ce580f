#!/usr/bin/env bash
# Sets up, builds, and runs all tests except the slow ones; then the torch-free folders again under the address and
# undefined-behaviour sanitizers, and the multithreaded code under the thread sanitizer.
#
#   scripts/test.sh                  all of it
#   LUDUS_SANITIZERS=0               skip the sanitizers
#   LUDUS_JOBS=4                     number of parallel compile and test jobs (default: the number of cores)
#   LUDUS_DATA_DIR=DIR               folder of the data sets (default: ../shared/data relative to the repository)
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
. scripts/phases.sh

export LUDUS_DATA_DIR=${LUDUS_DATA_DIR:-$(realpath -m ../shared/data)}
jobs=${LUDUS_JOBS:-$(nproc)}

# test_preset PRESET [options of ctest]
test_preset() { ctest --preset "$1" --parallel "$jobs" --output-junit "$PWD/build/$1/tests.xml" "${@:2}"; }

phase "set up" bash scripts/setup.sh
phase "order of the folders" python3 scripts/folder_order.py
phase "layout of the sources" scripts/format.sh --check
phase "configure" cmake --preset release
phase "build" cmake --build --preset release --parallel "$jobs"
phase "test" test_preset release
if [ "${LUDUS_SANITIZERS:-1}" != 0 ]; then
  phase "configure with address and undefined-behaviour sanitizers" cmake --preset asan
  phase "build with address and undefined-behaviour sanitizers" cmake --build --preset asan --parallel "$jobs"
  phase "test with address and undefined-behaviour sanitizers" test_preset asan
  phase "configure with the thread sanitizer" cmake --preset tsan
  phase "build the threaded tests with the thread sanitizer" \
    cmake --build --preset tsan --parallel "$jobs" --target threads_tests
  phase "test with the thread sanitizer" test_preset tsan --label-regex '^threads$'
fi
show_phases
printf 'All tests passed.\n'
