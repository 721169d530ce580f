# Installation, and the package that find_package(ludus) finds in it.
#
# Every library is a component of its own, with its own export set, so that a program that asks for `envs` alone needs
# neither libtorch nor SFML on its machine. Headers lie under one prefix: <ludus/envs.h> includes a component's public headers,
# <ludus/envs/core/env.h> is a single one.
include(CMakePackageConfigHelpers)

set(LUDUS_PACKAGE_DIR ${CMAKE_INSTALL_LIBDIR}/cmake/ludus)

get_property(targets GLOBAL PROPERTY LUDUS_LIBRARIES)
set(LUDUS_COMPONENTS "")
foreach(target IN LISTS targets)
  get_target_property(component ${target} LUDUS_COMPONENT)
  list(APPEND LUDUS_COMPONENTS ${component})
  install(TARGETS ${target} EXPORT ludus_${component} COMPONENT ${component}
    ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR} LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR})
endforeach()
list(REMOVE_DUPLICATES LUDUS_COMPONENTS)

# The folders of all components, and the folders of the root, with which an include begins.
set(LUDUS_FOLDERS "")
foreach(component IN LISTS LUDUS_COMPONENTS)
  get_property(folders GLOBAL PROPERTY LUDUS_FOLDERS_${component})
  list(APPEND LUDUS_FOLDERS ${folders})
endforeach()
set(roots ${LUDUS_FOLDERS})
list(TRANSFORM roots REPLACE "/.*" "")
list(REMOVE_DUPLICATES roots)

get_property(private_headers GLOBAL PROPERTY LUDUS_PRIVATE_HEADERS)
foreach(component IN LISTS LUDUS_COMPONENTS)
  install(EXPORT ludus_${component} NAMESPACE ludus:: DESTINATION ${LUDUS_PACKAGE_DIR} FILE ludus_${component}.cmake
    COMPONENT ${component})
  # private headers serve the sources of their folder only; a folder inside another may be a component of its own
  get_property(folders GLOBAL PROPERTY LUDUS_FOLDERS_${component})
  set(headers "")
  foreach(folder IN LISTS folders)
    file(GLOB_RECURSE folder_headers CONFIGURE_DEPENDS RELATIVE ${PROJECT_SOURCE_DIR} ${PROJECT_SOURCE_DIR}/${folder}/*.h)
    foreach(inner IN LISTS LUDUS_FOLDERS)
      if(inner MATCHES "^${folder}/")
        list(FILTER folder_headers EXCLUDE REGEX "^${inner}/")
      endif()
    endforeach()
    list(APPEND headers ${folder_headers})
  endforeach()
  list(REMOVE_ITEM headers ${private_headers})
  list(APPEND headers include/ludus/${component}.h)
  # copied with the prefix in their includes first, then installed like any other folder
  set(staged ${PROJECT_BINARY_DIR}/installed_headers/${component})
  install(CODE "execute_process(COMMAND \"${CMAKE_COMMAND}\" \"-DSOURCE=${PROJECT_SOURCE_DIR}\" \"-DDESTINATION=${staged}\"
    \"-DHEADERS=${headers}\" \"-DROOMS=${roots}\" -P \"${CMAKE_CURRENT_LIST_DIR}/InstallHeaders.cmake\"
    COMMAND_ERROR_IS_FATAL ANY)" COMPONENT ${component})
  install(DIRECTORY ${staged}/ DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/ludus COMPONENT ${component})
endforeach()

configure_package_config_file(${CMAKE_CURRENT_LIST_DIR}/ludusConfig.cmake.in ${PROJECT_BINARY_DIR}/ludusConfig.cmake
  INSTALL_DESTINATION ${LUDUS_PACKAGE_DIR})
write_basic_package_version_file(${PROJECT_BINARY_DIR}/ludusConfigVersion.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_BINARY_DIR}/ludusConfig.cmake ${PROJECT_BINARY_DIR}/ludusConfigVersion.cmake
  DESTINATION ${LUDUS_PACKAGE_DIR} COMPONENT base)
install(FILES ${PROJECT_SOURCE_DIR}/LICENSE DESTINATION ${CMAKE_INSTALL_DOCDIR} COMPONENT base)
