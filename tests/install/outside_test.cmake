# Installs some rooms of a build, then configures, builds and runs an outside program against them.
#
# NAME what is tested; BUILD the build folder; ROOMS the rooms to install, joined by commas; SOURCE the program's folder;
# WITH files and folders to copy into it, joined by commas;
# RUN the command to run, with @BUILD@ and @PREFIX@; OUTPUT a regular expression that its output matches; WORK a folder
# for this test alone.
cmake_minimum_required(VERSION 3.25)
file(REMOVE_RECURSE ${WORK})
string(REPLACE "," ";" ROOMS "${ROOMS}")
string(REPLACE "," ";" WITH "${WITH}")

function(run what)
  execute_process(COMMAND ${ARGN} RESULT_VARIABLE status OUTPUT_VARIABLE output ERROR_VARIABLE output)
  if(NOT status EQUAL 0)
    message(FATAL_ERROR "${what} failed (${status}):\n${output}")
  endif()
  set(output "${output}" PARENT_SCOPE)
endfunction()

foreach(room IN LISTS ROOMS)
  run("installing ${room}" ${CMAKE_COMMAND} --install ${BUILD} --component ${room} --prefix ${WORK}/prefix)
endforeach()

# copied out of the source tree: the program must find the installed headers, not the sources
file(COPY ${SOURCE}/ ${WITH} DESTINATION ${WORK}/source)
run("configuring" ${CMAKE_COMMAND} -S ${WORK}/source -B ${WORK}/build -G ${GENERATOR}
  -D CMAKE_BUILD_TYPE=${BUILD_TYPE} -D CMAKE_CXX_COMPILER=${COMPILER} -D CMAKE_CXX_COMPILER_LAUNCHER=${LAUNCHER}
  "-DCMAKE_PREFIX_PATH=${WORK}/prefix;${PREFIX_PATH}")
run("building" ${CMAKE_COMMAND} --build ${WORK}/build)

string(REPLACE "@BUILD@" "${WORK}/build" RUN "${RUN}")
string(REPLACE "@PREFIX@" "${WORK}/prefix" RUN "${RUN}")
separate_arguments(RUN UNIX_COMMAND "${RUN}")
run("running" ${RUN})
if(NOT output MATCHES "${OUTPUT}")
  message(FATAL_ERROR "the program printed\n${output}\nwhich does not match ${OUTPUT}")
endif()
message(STATUS "${NAME}: ${output}")
