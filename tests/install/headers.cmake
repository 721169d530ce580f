# Checks of the installed headers, for the outside programs of this folder.
include(CheckIncludeFileCXX)

# check_prefix(ludus::envs): headers are found under ludus/, and only there.
function(check_prefix target)
  set(CMAKE_REQUIRED_LIBRARIES ${target})
  set(CMAKE_REQUIRED_FLAGS -std=c++20)
  check_include_file_cxx(ludus/base/text.h finds_prefixed)
  if(NOT finds_prefixed)
    message(FATAL_ERROR "#include <ludus/base/text.h> does not compile")
  endif()
  check_include_file_cxx(base/text.h finds_bare)
  if(finds_bare)
    message(FATAL_ERROR "#include <base/text.h> compiles: the include path holds ludus's folders without their prefix")
  endif()
endfunction()

# add_headers_library(ludus::envs GLOB_RECURSE ludus/*.h): compiles one source that includes each header that matches. A header
# that includes one that was not installed does not compile.
function(add_headers_library target glob pattern)
  get_target_property(include_folders ${target} INTERFACE_INCLUDE_DIRECTORIES)
  list(GET include_folders 0 include_folder)
  file(${glob} headers RELATIVE ${include_folder} ${include_folder}/${pattern})
  if(NOT headers)
    message(FATAL_ERROR "no header in ${include_folder} matches ${pattern}")
  endif()
  list(TRANSFORM headers REPLACE "(.+)" "#include <\\1>\n" OUTPUT_VARIABLE includes)
  list(JOIN includes "" includes)
  file(WRITE ${CMAKE_BINARY_DIR}/headers.cpp "${includes}")
  add_library(headers OBJECT ${CMAKE_BINARY_DIR}/headers.cpp)
  target_link_libraries(headers PRIVATE ${target})
endfunction()
