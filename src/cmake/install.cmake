# Program, library, headers, and the files by which find_package(espdump) and pkg-config find them. Each is of the
# component `program` or `development`: package.cmake makes a package of each.
include(CMakePackageConfigHelpers)
set(package_directory ${CMAKE_INSTALL_LIBDIR}/cmake/espdump)

install(TARGETS espdump_cli RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR} COMPONENT program)
# A shared library is what the program needs, and not only those who build with it.
install(TARGETS espdump_library EXPORT espdump
  ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR} COMPONENT development
  LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR} COMPONENT program NAMELINK_COMPONENT development
  RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR} COMPONENT program)
install(DIRECTORY ${PROJECT_SOURCE_DIR}/include/espdump DESTINATION ${CMAKE_INSTALL_INCLUDEDIR} COMPONENT development)
install(EXPORT espdump NAMESPACE espdump:: FILE espdump-targets.cmake DESTINATION ${package_directory}
  COMPONENT development)
# As in the tree, so that the links between them hold.
install(FILES ${PROJECT_SOURCE_DIR}/README.md ${PROJECT_SOURCE_DIR}/LICENSE DESTINATION ${CMAKE_INSTALL_DOCDIR}
  COMPONENT program)
install(DIRECTORY ${PROJECT_SOURCE_DIR}/docs DESTINATION ${CMAKE_INSTALL_DOCDIR} COMPONENT program
  FILES_MATCHING PATTERN "*.md" PATTERN "*.cpp")

# Who links the static library links what it uses, too; the shared one brings that along.
set(ESPDUMP_CONFIG_DEPENDENCIES "")
if(NOT BUILD_SHARED_LIBS)
  set(ESPDUMP_CONFIG_DEPENDENCIES "include(CMakeFindDependencyMacro)
find_dependency(OpenSSL 3.0 COMPONENTS Crypto)
find_dependency(ZLIB)
find_dependency(fmt 9)
find_dependency(PkgConfig)
pkg_check_modules(SODIUM QUIET REQUIRED IMPORTED_TARGET libsodium)
pkg_check_modules(PCAP QUIET REQUIRED IMPORTED_TARGET libpcap)")
  foreach(dependency "gcrypt=pkg_check_modules(GCRYPT QUIET REQUIRED IMPORTED_TARGET libgcrypt)"
      "nettle=pkg_check_modules(NETTLE QUIET REQUIRED IMPORTED_TARGET nettle)"
      "xz=find_dependency(LibLZMA)" "bzip2=find_dependency(BZip2)"
      "zstd=pkg_check_modules(ZSTD QUIET REQUIRED IMPORTED_TARGET libzstd)"
      "lz4=pkg_check_modules(LZ4 QUIET REQUIRED IMPORTED_TARGET liblz4)")
    string(REGEX MATCH "^([^=]+)=(.*)$" matched "${dependency}")
    if(CMAKE_MATCH_1 IN_LIST ESPDUMP_CIPHERS OR CMAKE_MATCH_1 IN_LIST ESPDUMP_COMPRESSIONS)
      string(APPEND ESPDUMP_CONFIG_DEPENDENCIES "\n${CMAKE_MATCH_2}")
    endif()
  endforeach()
endif()
configure_package_config_file(${CMAKE_CURRENT_LIST_DIR}/espdump-config.cmake.in
  ${CMAKE_CURRENT_BINARY_DIR}/espdump-config.cmake INSTALL_DESTINATION ${package_directory})
write_basic_package_version_file(${CMAKE_CURRENT_BINARY_DIR}/espdump-config-version.cmake
  COMPATIBILITY SameMinorVersion)
install(FILES ${CMAKE_CURRENT_BINARY_DIR}/espdump-config.cmake
  ${CMAKE_CURRENT_BINARY_DIR}/espdump-config-version.cmake DESTINATION ${package_directory} COMPONENT development)

# The same for pkg-config, with paths relative to the file, as those of the CMake files are: the tree may be moved. What
# the static library uses is no private matter, for whoever links it has to link that whether or not all is static.
set(ESPDUMP_PC_REQUIRES "")
set(ESPDUMP_PC_LIBRARIES "")
if(NOT BUILD_SHARED_LIBS)
  set(ESPDUMP_PC_REQUIRES libsodium zlib "libcrypto >= 3.0")
  if(NOT ESPDUMP_FMT_HEADER_ONLY)
    list(APPEND ESPDUMP_PC_REQUIRES "fmt >= 9")
  endif()
  # libpcap's file names D-Bus and systemd for --static, which Debian's package of it does not bring along; on macOS it
  # says where the library is. Debian 12 has no file of libbz2 and libipsec-mb.
  if(CMAKE_SYSTEM_NAME STREQUAL "Linux")
    list(APPEND ESPDUMP_PC_LIBRARIES -lpcap)
  else()
    list(APPEND ESPDUMP_PC_REQUIRES libpcap)
  endif()
  foreach(dependency gcrypt=libgcrypt nettle=nettle zstd=libzstd lz4=liblz4 xz=liblzma bzip2=-lbz2 ipsec_mb=-lIPSec_MB)
    string(REGEX MATCH "^([^=]+)=(.*)$" matched "${dependency}")
    if(CMAKE_MATCH_1 IN_LIST ESPDUMP_CIPHERS OR CMAKE_MATCH_1 IN_LIST ESPDUMP_COMPRESSIONS)
      set(named ${CMAKE_MATCH_2})
      if(named MATCHES "^-l")
        list(APPEND ESPDUMP_PC_LIBRARIES ${named})
      else()
        list(APPEND ESPDUMP_PC_REQUIRES ${named})
      endif()
    endif()
  endforeach()
endif()
list(JOIN ESPDUMP_PC_REQUIRES ", " ESPDUMP_PC_REQUIRES)
list(JOIN ESPDUMP_PC_LIBRARIES " " ESPDUMP_PC_LIBRARIES)
set(anywhere /anywhere)
cmake_path(APPEND anywhere ${CMAKE_INSTALL_LIBDIR} pkgconfig OUTPUT_VARIABLE pc_directory)
cmake_path(RELATIVE_PATH anywhere BASE_DIRECTORY ${pc_directory} OUTPUT_VARIABLE ESPDUMP_PC_PREFIX)
configure_file(${CMAKE_CURRENT_LIST_DIR}/espdump.pc.in ${CMAKE_CURRENT_BINARY_DIR}/espdump.pc @ONLY)
install(FILES ${CMAKE_CURRENT_BINARY_DIR}/espdump.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig
  COMPONENT development)

# Manual pages and completions are printed by the program itself, so that they cannot differ from it.
if(NOT CMAKE_CROSSCOMPILING)
  set(generated "")
  function(espdump_generate kind file destination)
    set(path ${PROJECT_BINARY_DIR}/share/${kind}/${file})
    file(MAKE_DIRECTORY ${PROJECT_BINARY_DIR}/share/${kind})
    add_custom_command(OUTPUT ${path} COMMAND espdump_cli --generate ${kind} > ${path} DEPENDS espdump_cli VERBATIM)
    install(FILES ${path} DESTINATION ${destination} COMPONENT program)
    set(generated ${generated} ${path} PARENT_SCOPE)
  endfunction()
  espdump_generate(man espdump.1 ${CMAKE_INSTALL_MANDIR}/man1)
  foreach(command explain gateway keys mtu)
    espdump_generate(man-${command} espdump-${command}.1 ${CMAKE_INSTALL_MANDIR}/man1)
  endforeach()
  espdump_generate(bash espdump ${CMAKE_INSTALL_DATADIR}/bash-completion/completions)
  espdump_generate(zsh _espdump ${CMAKE_INSTALL_DATADIR}/zsh/site-functions)
  espdump_generate(fish espdump.fish ${CMAKE_INSTALL_DATADIR}/fish/vendor_completions.d)
  add_custom_target(espdump_pages ALL DEPENDS ${generated})
else()
  message(STATUS "espdump: no manual pages and completions, for the program that prints them cannot be run here")
endif()
