# What every target of the project is compiled and linked with: the interface library espdump_flags.
include(CheckPIESupported)
check_pie_supported(LANGUAGES CXX)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)

add_library(espdump_flags INTERFACE)
target_compile_options(espdump_flags INTERFACE -Wall -Wextra -Wconversion -Wno-sign-conversion
  $<$<BOOL:${ESPDUMP_WERROR}>:-Werror>)
# File names in assertions and debugging information begin at the source tree, those of generated files at "build":
# the same bytes come out wherever both lie. Of two that fit, compilers take the later one.
target_compile_options(espdump_flags INTERFACE -ffile-prefix-map=${PROJECT_SOURCE_DIR}/=
  -ffile-prefix-map=${PROJECT_BINARY_DIR}=build)
# g++ 12 to 14, when they optimise, see overflows in std::string and std::vector that are none (GCC bug 105651 and
# its relatives).
target_compile_options(espdump_flags INTERFACE
  $<$<CXX_COMPILER_ID:GNU>:-Wno-restrict;-Wno-stringop-overflow;-Wno-stringop-overread;-Wno-array-bounds>)

if(ESPDUMP_SANITIZE)
  target_compile_options(espdump_flags INTERFACE -fsanitize=${ESPDUMP_SANITIZE} -fno-omit-frame-pointer
    -fno-sanitize-recover=all)
  target_link_options(espdump_flags INTERFACE -fsanitize=${ESPDUMP_SANITIZE})
elseif(ESPDUMP_HARDEN)
  # glibc's fortified functions need optimisation, and compilers that define the macro by themselves want it undone.
  set(optimised "$<CONFIG:Release,RelWithDebInfo,MinSizeRel>")
  target_compile_options(espdump_flags INTERFACE
    "$<${optimised}:-D_GLIBCXX_ASSERTIONS;-U_FORTIFY_SOURCE;-D_FORTIFY_SOURCE=2;-fstack-protector-strong>")
  # What a compiler does not have for this processor is left out.
  include(CheckCXXCompilerFlag)
  foreach(flag -fstack-clash-protection -fcf-protection=full)
    string(MAKE_C_IDENTIFIER "ESPDUMP_HAS${flag}" known)
    check_cxx_compiler_flag(${flag} ${known})
    if(${known})
      target_compile_options(espdump_flags INTERFACE "$<${optimised}:${flag}>")
    endif()
  endforeach()
  if(CMAKE_SYSTEM_NAME STREQUAL "Linux")
    target_link_options(espdump_flags INTERFACE "$<${optimised}:LINKER:-z,relro,-z,now>")
  endif()
endif()

if(ESPDUMP_COVERAGE)
  target_compile_options(espdump_flags INTERFACE --coverage)
  target_link_options(espdump_flags INTERFACE --coverage)
endif()
