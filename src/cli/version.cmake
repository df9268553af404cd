# Writes OUTPUT with the version and the commit, only when they changed.
if(NOT COMMIT)
  execute_process(COMMAND git -C ${SOURCE} describe --always --dirty --abbrev=12 --exclude=*
    OUTPUT_VARIABLE COMMIT OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
endif()
if(NOT COMMIT)
  set(COMMIT "unknown")
endif()
file(CONFIGURE OUTPUT ${OUTPUT} CONTENT "#define ESPDUMP_VERSION \"${VERSION}\"\n#define ESPDUMP_COMMIT \"${COMMIT}\"\n")
