# Installation, and the package that find_package(ludus) finds in it.
#
# Every room is a component of its own, with its own export set, so that a program that asks for `envs` alone needs
# neither libtorch nor SFML on its machine. Headers lie under one prefix: <ludus/envs.h> includes a room's public headers,
# <ludus/envs/core/env.h> is a single one.
include(CMakePackageConfigHelpers)

set(LUDUS_PACKAGE_DIR ${CMAKE_INSTALL_LIBDIR}/cmake/ludus)

# The room of a target is the folder that made it: ludus_nn_torch belongs to nn.
get_property(targets GLOBAL PROPERTY LUDUS_LIBRARIES)
set(LUDUS_ROOMS "")
foreach(target IN LISTS targets)
  get_target_property(folder ${target} SOURCE_DIR)
  get_filename_component(room ${folder} NAME)
  list(APPEND LUDUS_ROOMS ${room})
  install(TARGETS ${target} EXPORT ludus_${room} COMPONENT ${room}
    ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR} LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR})
endforeach()
list(REMOVE_DUPLICATES LUDUS_ROOMS)

get_property(private_headers GLOBAL PROPERTY LUDUS_PRIVATE_HEADERS)
foreach(room IN LISTS LUDUS_ROOMS)
  install(EXPORT ludus_${room} NAMESPACE ludus:: DESTINATION ${LUDUS_PACKAGE_DIR} FILE ludus_${room}.cmake
    COMPONENT ${room})
  # private headers serve the sources of their folder only
  file(GLOB_RECURSE headers CONFIGURE_DEPENDS RELATIVE ${PROJECT_SOURCE_DIR} ${PROJECT_SOURCE_DIR}/${room}/*.h)
  list(REMOVE_ITEM headers ${private_headers})
  list(APPEND headers include/ludus/${room}.h)
  # copied with the prefix in their includes first, then installed like any other folder
  set(staged ${PROJECT_BINARY_DIR}/installed_headers/${room})
  install(CODE "execute_process(COMMAND \"${CMAKE_COMMAND}\" \"-DSOURCE=${PROJECT_SOURCE_DIR}\" \"-DDESTINATION=${staged}\"
    \"-DHEADERS=${headers}\" \"-DROOMS=${LUDUS_ROOMS}\" -P \"${CMAKE_CURRENT_LIST_DIR}/InstallHeaders.cmake\"
    COMMAND_ERROR_IS_FATAL ANY)" COMPONENT ${room})
  install(DIRECTORY ${staged}/ DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/ludus COMPONENT ${room})
endforeach()

configure_package_config_file(${CMAKE_CURRENT_LIST_DIR}/ludusConfig.cmake.in ${PROJECT_BINARY_DIR}/ludusConfig.cmake
  INSTALL_DESTINATION ${LUDUS_PACKAGE_DIR})
write_basic_package_version_file(${PROJECT_BINARY_DIR}/ludusConfigVersion.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_BINARY_DIR}/ludusConfig.cmake ${PROJECT_BINARY_DIR}/ludusConfigVersion.cmake
  DESTINATION ${LUDUS_PACKAGE_DIR} COMPONENT base)
install(FILES ${PROJECT_SOURCE_DIR}/LICENSE DESTINATION ${CMAKE_INSTALL_DOCDIR} COMPONENT base)
