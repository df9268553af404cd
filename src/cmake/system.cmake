# Takes out of a list of sources those that are made for another system: files that name one.
function(espdump_for_this_system list)
  if(CMAKE_SYSTEM_NAME STREQUAL "Linux")
    list(FILTER ${list} EXCLUDE REGEX "_portable\\.cpp$")
  else()
    list(FILTER ${list} EXCLUDE REGEX "_linux\\.cpp$")
  endif()
  set(${list} ${${list}} PARENT_SCOPE)
endfunction()
