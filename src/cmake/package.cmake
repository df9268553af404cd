# Debian packages, made by `cpack -G DEB` in a build tree: `espdump` and, where the library goes to Debian's place for
# it (-DCMAKE_INSTALL_PREFIX=/usr), `libespdump-dev`. What Debian wants otherwise than `cmake --install` leaves it, such
# as compressed pages, is done in package_files.cmake.
if(BUILD_SHARED_LIBS)
  # Before 1.0 every minor version is another ABI: a package of the shared library would help nobody.
  message(STATUS "espdump: no packages of a build with BUILD_SHARED_LIBS")
  return()
endif()
# The licence names no address, and one that nobody reads would be worse than one that cannot exist.
set(ESPDUMP_MAINTAINER "The espdump authors <authors@espdump.invalid>" CACHE STRING
  "Who answers for the packages that cpack makes: NAME <ADDRESS>")

set(CPACK_PACKAGE_NAME espdump)
set(CPACK_PACKAGE_VENDOR "the espdump authors")
set(CPACK_PACKAGE_CONTACT "${ESPDUMP_MAINTAINER}")
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "")  # CPack would put it before the first lines below
set(CPACK_RESOURCE_FILE_LICENSE ${PROJECT_SOURCE_DIR}/LICENSE)
set(CPACK_RESOURCE_FILE_README ${PROJECT_SOURCE_DIR}/README.md)
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_GENERATOR DEB)
set(CPACK_VERBATIM_VARIABLES ON)
set(CPACK_PRE_BUILD_SCRIPTS ${CMAKE_CURRENT_LIST_DIR}/package_files.cmake)
set(CPACK_ESPDUMP_SOURCE ${PROJECT_SOURCE_DIR})
set(CPACK_ESPDUMP_STRIP ${CMAKE_STRIP})

set(CPACK_DEB_COMPONENT_INSTALL ON)
set(CPACK_COMPONENTS_ALL program)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
# Lower than -1: a package of Debian's own takes the place of this one.
set(CPACK_DEBIAN_PACKAGE_RELEASE 0upstream1)
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)
set(CPACK_DEBIAN_COMPRESSION_TYPE xz)

set(CPACK_DEBIAN_PROGRAM_PACKAGE_NAME espdump)
set(CPACK_DEBIAN_PROGRAM_PACKAGE_SECTION net)
set(CPACK_DEBIAN_PROGRAM_PACKAGE_SHLIBDEPS ON)
# Of DES, Blowfish and CAST5, since Debian 13.
set(CPACK_DEBIAN_PROGRAM_PACKAGE_SUGGESTS openssl-provider-legacy)
set(CPACK_COMPONENT_PROGRAM_DESCRIPTION "offline IPsec packet analyser and ESP decryptor
espdump tells what happened inside captured IPsec traffic. It reads pcap and
pcapng files, decrypts ESP with the keys that \"ip xfrm state\" prints (or that
a script, Wireshark, setkey or the log of an IKE daemon holds), and verifies
ESP and AH as a Linux receiver would, number by number.

It undoes IPComp, follows ESP into UDP and TCP, reads IKEv2, derives the keys
of ESP from it and tells why a tunnel does not come up. It finds replays, bad
ICVs, lost packets and MTU black holes, and says what helps. Output is text,
JSON, or a capture of the decrypted packets.")

if(CMAKE_LIBRARY_ARCHITECTURE AND CMAKE_INSTALL_LIBDIR STREQUAL "lib/${CMAKE_LIBRARY_ARCHITECTURE}")
  list(APPEND CPACK_COMPONENTS_ALL development)
  set(CPACK_DEBIAN_DEVELOPMENT_PACKAGE_NAME libespdump-dev)
  set(CPACK_DEBIAN_DEVELOPMENT_PACKAGE_SECTION libdevel)
  # Whoever links the static library links these.
  set(packages libssl-dev libsodium-dev libpcap-dev zlib1g-dev)
  if(NOT ESPDUMP_FMT_HEADER_ONLY)
    list(APPEND packages libfmt-dev)
  endif()
  foreach(dependency gcrypt=libgcrypt20-dev nettle=nettle-dev ipsec_mb=libipsec-mb-dev zstd=libzstd-dev xz=liblzma-dev
      lz4=liblz4-dev bzip2=libbz2-dev)
    string(REGEX MATCH "^([^=]+)=(.*)$" matched "${dependency}")
    if(CMAKE_MATCH_1 IN_LIST ESPDUMP_CIPHERS OR CMAKE_MATCH_1 IN_LIST ESPDUMP_COMPRESSIONS)
      list(APPEND packages ${CMAKE_MATCH_2})
    endif()
  endforeach()
  list(JOIN packages ", " CPACK_DEBIAN_DEVELOPMENT_PACKAGE_DEPENDS)
  set(CPACK_DEBIAN_DEVELOPMENT_PACKAGE_SUGGESTS "cmake, pkgconf")
  set(CPACK_COMPONENT_DEVELOPMENT_DESCRIPTION "offline IPsec packet analyser - development files
espdump tells what happened inside captured IPsec traffic: it decrypts ESP,
verifies ESP and AH as a Linux receiver would, and reads IKEv2.

This package has the static library, its C++20 headers, and the files by which
CMake and pkg-config find them. The interface may change with every minor
version before 1.0.")
endif()
include(CPack)
