# The target `docs`: an API reference in build/…/docs/html by doxygen, which fails on any warning.
if(NOT LUDUS_BUILD_DOCS)
  return()
endif()
find_package(Doxygen)
if(NOT DOXYGEN_FOUND)
  add_custom_target(docs COMMAND ${CMAKE_COMMAND} -E echo "docs: doxygen is missing; install it (on Debian: sudo apt-get install doxygen) and configure again"
    COMMAND ${CMAKE_COMMAND} -E false VERBATIM)
  return()
endif()

# the headers that are installed
get_property(private_headers GLOBAL PROPERTY LUDUS_PRIVATE_HEADERS)
file(GLOB headers CONFIGURE_DEPENDS RELATIVE ${PROJECT_SOURCE_DIR} include/ludus/*.h)
foreach(room IN LISTS LUDUS_FOLDERS)
  file(GLOB_RECURSE room_headers CONFIGURE_DEPENDS RELATIVE ${PROJECT_SOURCE_DIR} ${PROJECT_SOURCE_DIR}/${room}/*.h)
  list(APPEND headers ${room_headers})
endforeach()
list(REMOVE_DUPLICATES headers)
list(REMOVE_ITEM headers ${private_headers})
list(TRANSFORM headers PREPEND ${PROJECT_SOURCE_DIR}/)
list(JOIN headers " " LUDUS_DOCS_INPUT)
set(LUDUS_DOCS_INPUT "${LUDUS_DOCS_INPUT} ${CMAKE_CURRENT_LIST_DIR}/DocsMainPage.md")

configure_file(${CMAKE_CURRENT_LIST_DIR}/Doxyfile.in ${PROJECT_BINARY_DIR}/Doxyfile @ONLY)
add_custom_target(docs COMMAND Doxygen::doxygen ${PROJECT_BINARY_DIR}/Doxyfile VERBATIM)
