# cmake -DSOURCE=folder -DDESTINATION=folder -DHEADERS="a/b.h;…" -DROOMS="base;envs;…" -P InstallHeaders.cmake: copies headers,
# with their folders, so that they include each other under the prefix ludus/.
#
# In the repository they include each other from its root, "base/text.h". Installed like that, a user's include path
# would have to hold a folder base/, which any other library may have too. So each copy says "ludus/base/text.h".
cmake_minimum_required(VERSION 3.25)
list(JOIN ROOMS "|" any_room)
file(REMOVE_RECURSE ${DESTINATION})
foreach(header IN LISTS HEADERS)
  file(READ ${SOURCE}/${header} text)
  string(REGEX REPLACE "(#include )\"((${any_room})/[^\"\n]+)\"" "\\1\"ludus/\\2\"" text "${text}")
  string(REGEX REPLACE "^include/ludus/" "" installed ${header})  # the umbrella headers
  file(WRITE ${DESTINATION}/${installed} "${text}")
endforeach()
