# How every target of ludus is made: one library per folder, one test program per folder.
include_guard(GLOBAL)
include(GNUInstallDirs)

set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
set(CMAKE_RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/bin)
set(CMAKE_ARCHIVE_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/lib)
set(CMAKE_LIBRARY_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/lib)

if(NOT CMAKE_BUILD_TYPE AND NOT CMAKE_CONFIGURATION_TYPES)
  set(CMAKE_BUILD_TYPE Release CACHE STRING "Build type" FORCE)
endif()

find_program(LUDUS_CCACHE ccache)
if(LUDUS_CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  set(CMAKE_CXX_COMPILER_LAUNCHER ${LUDUS_CCACHE})
endif()

if(LUDUS_SANITIZE)
  add_compile_options(-fsanitize=${LUDUS_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all)
  add_link_options(-fsanitize=${LUDUS_SANITIZE})
endif()

if(LUDUS_FUZZ)
  if(NOT CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
    message(FATAL_ERROR "LUDUS_FUZZ needs Clang, whose libFuzzer it uses: cmake --preset fuzz, or -DCMAKE_CXX_COMPILER=clang++")
  endif()
  add_compile_options(-fsanitize=fuzzer-no-link)
endif()

# Flags of our own code. Floating-point contraction would change the last bit of trajectories between
# machines with and without fused multiply-add, so it is off everywhere. GCC 12 vectorises two neighbouring
# double(float(x)) of doubles into nothing (wrong code: the rounding to float is lost), so straight-line code is not
# vectorised; loops still are. GCC 12 sees overlapping copies in
# "text" + std::string where there are none (GCC bug 105651).
function(ludus_flags target)
  target_compile_options(${target} PRIVATE
    -Wall -Wextra -Wpedantic -Wshadow -Wconversion -ffp-contract=off
    $<$<CXX_COMPILER_ID:GNU>:-fno-tree-slp-vectorize>
    # raised in error by GCC 12 over variants, vectors and strings that it has inlined (GCC bugs 105329, 105562, 105593, 105651)
    $<$<AND:$<CXX_COMPILER_ID:GNU>,$<VERSION_LESS:$<CXX_COMPILER_VERSION>,13>>:-Wno-maybe-uninitialized;-Wno-array-bounds;-Wno-restrict>
    $<$<BOOL:${LUDUS_WERROR}>:-Werror>)
endfunction()

macro(ludus_find_dependencies)
  find_package(Threads REQUIRED)
  find_package(nlohmann_json REQUIRED)
  find_package(fmt REQUIRED)
  find_package(Eigen3 REQUIRED NO_MODULE)
  find_package(ZLIB REQUIRED)
  find_package(JPEG REQUIRED)
  find_package(PNG REQUIRED)
  find_path(LUDUS_TOMLPLUSPLUS_INCLUDE toml++/toml.h REQUIRED)
  if(LUDUS_WITH_BOX2D)
    find_package(box2d REQUIRED)
  endif()
  if(LUDUS_WITH_TORCH)
    find_package(Torch REQUIRED)
    find_package(CLI11 REQUIRED)
  endif()
  if(LUDUS_WITH_RENDER)
    find_package(SFML 2.5 COMPONENTS graphics window system REQUIRED)
    find_package(PkgConfig REQUIRED)
    pkg_check_modules(CAIRO REQUIRED IMPORTED_TARGET cairo)
  endif()
  if(LUDUS_BUILD_TESTS)
    find_package(GTest REQUIRED)
  endif()
endmacro()

# ludus_together(agents 6 ^search/ ^tabular/): with LUDUS_UNITY, the target's sources that match the first pattern are compiled
# six at a time, in their order, then those that match the second, so that what they all include is read once. Names in
# their anonymous namespaces must differ. A source with the property SKIP_UNITY_BUILD_INCLUSION stays alone.
function(ludus_together target size)
  if(NOT LUDUS_UNITY)
    return()
  endif()
  set_target_properties(${target} PROPERTIES UNITY_BUILD ON UNITY_BUILD_MODE GROUP)
  get_target_property(sources ${target} SOURCES)
  foreach(pattern IN LISTS ARGN)
    set(matching ${sources})
    list(FILTER matching INCLUDE REGEX ${pattern})
    set(count 0)
    foreach(source IN LISTS matching)
      math(EXPR place "${count} % ${size}")
      if(place EQUAL 0)
        string(MAKE_C_IDENTIFIER ${source} group)  # named after its first file
      endif()
      set_property(SOURCE ${source} PROPERTY UNITY_GROUP ${group})
      math(EXPR count "${count} + 1")
    endforeach()
  endforeach()
endfunction()

# ludus_library(envs SOURCES … PUBLIC … PRIVATE … PRIVATE_HEADERS … [FOLDERS …]): the library ludus_envs, known as ludus::envs,
# and the component of this name in the installed package. FOLDERS: where its headers are, from the root; by default the folder
# of its name. Private headers, which only sources of the library include, are not installed.
function(ludus_library name)
  cmake_parse_arguments(ARG "" "" "SOURCES;PUBLIC;PRIVATE;PRIVATE_HEADERS;FOLDERS" ${ARGN})
  if(NOT ARG_FOLDERS)
    set(ARG_FOLDERS ${name})
  endif()
  set(target ludus_${name})
  add_library(${target} STATIC ${ARG_SOURCES})
  add_library(ludus::${name} ALIAS ${target})
  set_target_properties(${target} PROPERTIES EXPORT_NAME ${name})
  target_compile_features(${target} PUBLIC cxx_std_20)
  target_include_directories(${target} PUBLIC
    $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}> $<BUILD_INTERFACE:${PROJECT_BINARY_DIR}/include>
    $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>)
  target_link_libraries(${target} PUBLIC ${ARG_PUBLIC} PRIVATE ${ARG_PRIVATE})
  ludus_flags(${target})
  ludus_installed(${target} ${name})
  set_property(GLOBAL PROPERTY LUDUS_FOLDERS_${name} ${ARG_FOLDERS})

  # <ludus/envs.h> and <ludus/envs/core/env.h>, as the installed package has them: links to the sources
  file(MAKE_DIRECTORY ${PROJECT_BINARY_DIR}/include/ludus)
  foreach(folder IN LISTS ARG_FOLDERS)
    string(REGEX REPLACE "/.*" "" folder ${folder})
    file(CREATE_LINK ${PROJECT_SOURCE_DIR}/${folder} ${PROJECT_BINARY_DIR}/include/ludus/${folder} SYMBOLIC)
  endforeach()
  file(CREATE_LINK ${PROJECT_SOURCE_DIR}/include/ludus/${name}.h ${PROJECT_BINARY_DIR}/include/ludus/${name}.h SYMBOLIC)
  file(RELATIVE_PATH here ${PROJECT_SOURCE_DIR} ${CMAKE_CURRENT_SOURCE_DIR})
  foreach(header IN LISTS ARG_PRIVATE_HEADERS)
    set_property(GLOBAL APPEND PROPERTY LUDUS_PRIVATE_HEADERS ${here}/${header})
  endforeach()
endfunction()

# ludus_installed(ludus_nn_torch nn): the target is installed with the component.
function(ludus_installed target component)
  set_target_properties(${target} PROPERTIES LUDUS_COMPONENT ${component})
  set_property(GLOBAL APPEND PROPERTY LUDUS_LIBRARIES ${target})
endfunction()

# ludus_test(envs_tests SOURCES … LINK … [LABELS …] [TIMEOUT seconds] [TOGETHER n] [WHOLE]): one GoogleTest program, each of
# its cases a CTest test; with WHOLE the program is one CTest test, which spares a program that loads torch half a second a
# case. TOGETHER: its sources are compiled n at a time, see ludus_together.
function(ludus_test name)
  cmake_parse_arguments(ARG "WHOLE" "TIMEOUT;TOGETHER" "SOURCES;LINK;LABELS" ${ARGN})
  if(NOT ARG_TIMEOUT)
    set(ARG_TIMEOUT 300)
  endif()
  add_executable(${name} ${ARG_SOURCES})
  target_link_libraries(${name} PRIVATE ${ARG_LINK} GTest::gtest GTest::gtest_main)
  target_compile_definitions(${name} PRIVATE LUDUS_TEST_DATA="${PROJECT_SOURCE_DIR}/tests/data"
    LUDUS_SOURCE_DIR="${PROJECT_SOURCE_DIR}" LUDUS_BINARY_DIR="${PROJECT_BINARY_DIR}")
  ludus_flags(${name})
  if(ARG_TOGETHER)
    ludus_together(${name} ${ARG_TOGETHER} .)
  endif()
  if("threads" IN_LIST ARG_LABELS)
    add_dependencies(threads_tests ${name})
  endif()
  if(ARG_WHOLE)
    add_test(NAME ${name} COMMAND ${name})
    set_tests_properties(${name} PROPERTIES TIMEOUT ${ARG_TIMEOUT} LABELS "${ARG_LABELS}")
    return()
  endif()
  include(GoogleTest)
  if(ARG_LABELS)
    gtest_discover_tests(${name} DISCOVERY_TIMEOUT 120 PROPERTIES TIMEOUT ${ARG_TIMEOUT} LABELS "${ARG_LABELS}")
  else()
    gtest_discover_tests(${name} DISCOVERY_TIMEOUT 120 PROPERTIES TIMEOUT ${ARG_TIMEOUT})
  endif()
endfunction()

# ludus_window_test(render_window render_window_tests TIMEOUT seconds [NORESET] [ENVIRONMENT NAME=value …]): runs a test program
# of windows as one CTest test, under an X server of its own, which xvfb-run starts and ends; the keys are xdotool's. The CPU
# draws, whatever graphics card there is. NORESET: the server outlives its last client, for programs that start others.
function(ludus_window_test name program)
  cmake_parse_arguments(ARG "NORESET" "TIMEOUT" "ENVIRONMENT" ${ARGN})
  find_program(LUDUS_XVFB_RUN xvfb-run)
  find_program(LUDUS_XDOTOOL xdotool)
  if(NOT LUDUS_XVFB_RUN OR NOT LUDUS_XDOTOOL)
    message(WARNING "${name} is NOT run: xvfb-run or xdotool is missing. "
      "Install them (on Debian: sudo apt-get install xvfb xauth xdotool) and configure again.")
    add_test(NAME ${name} COMMAND ${CMAKE_COMMAND} -E echo
      "SKIPPED: xvfb-run or xdotool is missing (apt-get install xvfb xauth xdotool)")
    set_tests_properties(${name} PROPERTIES SKIP_REGULAR_EXPRESSION "SKIPPED")
    return()
  endif()
  set(server "-screen 0 1280x1024x24 -nolisten tcp")
  if(ARG_NORESET)
    string(APPEND server " -noreset")
  endif()
  add_test(NAME ${name} COMMAND ${LUDUS_XVFB_RUN} -a -s ${server} $<TARGET_FILE:${program}>)
  set_tests_properties(${name} PROPERTIES TIMEOUT ${ARG_TIMEOUT}
    ENVIRONMENT "LIBGL_ALWAYS_SOFTWARE=1;${ARG_ENVIRONMENT}")
endfunction()
