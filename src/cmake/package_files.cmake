# Run by cpack between installing into its scratch tree and packing it: makes of each component what Debian wants.
cmake_minimum_required(VERSION 3.25)

function(package_run)
  execute_process(COMMAND ${ARGV} COMMAND_ERROR_IS_FATAL ANY)
endfunction()

# The time of everything in the packages, as https://reproducible-builds.org/specs/source-date-epoch/ has it: that of
# the commit, unless somebody says another. cpack reads it from the environment, too.
if(NOT DEFINED ENV{SOURCE_DATE_EPOCH})
  execute_process(COMMAND git -C ${CPACK_ESPDUMP_SOURCE} log -1 --format=%ct OUTPUT_VARIABLE epoch
    OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
  if(epoch MATCHES "^[0-9]+$")
    set(ENV{SOURCE_DATE_EPOCH} ${epoch})
  endif()
endif()
string(TIMESTAMP package_date "%a, %d %b %Y %H:%M:%S +0000" UTC)

# Debian's form of the licence: a blank before each line, a dot where one is empty.
file(READ ${CPACK_ESPDUMP_SOURCE}/LICENSE licence)
string(REGEX MATCH "Copyright \\(c\\) ([^\n]+)\n+(.*)$" matched "${licence}")
set(holders "${CMAKE_MATCH_1}")
string(STRIP "${CMAKE_MATCH_2}" licence)
string(REPLACE "\n" "\n " licence " ${licence}")
string(REPLACE "\n \n" "\n .\n" licence "${licence}")
if(NOT holders)
  message(FATAL_ERROR "LICENSE names no holder of the copyright")
endif()

foreach(component ${CPACK_COMPONENTS_ALL})
  string(TOUPPER ${component} upper)
  set(package ${CPACK_DEBIAN_${upper}_PACKAGE_NAME})
  set(root ${CPACK_TEMPORARY_DIRECTORY}/${component}/usr)
  set(doc ${root}/share/doc/${package})

  file(WRITE ${doc}/copyright "Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/
Upstream-Name: espdump

Files: *
Copyright: ${holders}
License: BSD-3-clause
${licence}
")
  file(WRITE ${doc}/changelog.Debian
    "espdump (${CPACK_PACKAGE_VERSION}-${CPACK_DEBIAN_PACKAGE_RELEASE}) unstable; urgency=medium

  * Packaged by espdump's own build. What changed in espdump itself is in
    changelog.gz.

 -- ${CPACK_PACKAGE_CONTACT}  ${package_date}
")
  if(component STREQUAL "program")
    # Words are built out of parts of eight bytes between instructions, which look like misspelt ones.
    file(WRITE ${root}/share/lintian/overrides/${package}
      "# Machine code that makes words out of their parts, no text.\n"
      "${package}: spelling-error-in-binary * [usr/bin/espdump]\n")
  endif()
  file(COPY_FILE ${CPACK_ESPDUMP_SOURCE}/docs/CHANGELOG.md ${doc}/changelog)
  file(GLOB compressed ${root}/share/man/man1/*.1)
  package_run(gzip -9 --no-name --force ${doc}/changelog ${doc}/changelog.Debian ${compressed})
  file(REMOVE ${doc}/LICENSE)  # is `copyright` here

  # Neither names nor the compiler's version help who cannot rebuild the program.
  file(GLOB programs ${root}/bin/*)
  if(programs)
    package_run(${CPACK_ESPDUMP_STRIP} --remove-section=.comment --remove-section=.note ${programs})
  endif()
  file(GLOB_RECURSE archives ${root}/lib/*.a)
  if(archives)
    package_run(${CPACK_ESPDUMP_STRIP} --strip-debug --enable-deterministic-archives --remove-section=.comment
      --remove-section=.note ${archives})
  endif()
  # Debian's zsh does not look into site-functions, which are the administrator's there.
  if(EXISTS ${root}/share/zsh/site-functions)
    file(RENAME ${root}/share/zsh/site-functions ${root}/share/zsh/vendor-completions)
  endif()

  # Whatever the umask of who packs.
  package_run(chmod --recursive u=rwX,go=rX ${CPACK_TEMPORARY_DIRECTORY}/${component})
endforeach()
