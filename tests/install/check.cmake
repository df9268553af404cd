# cmake -DBUILD=DIR -DSOURCE=DIR -P check.cmake: installs the build, then configures, builds and runs the consumer, and
# the example of docs/library.md both by find_package() and by pkg-config.
set(scratch ${BUILD}/install-check)
set(prefix ${scratch}/prefix)
file(REMOVE_RECURSE ${scratch})
load_cache(${BUILD} READ_WITH_PREFIX built_
  CMAKE_GENERATOR CMAKE_CXX_COMPILER CMAKE_CXX_FLAGS CMAKE_BUILD_TYPE CMAKE_PREFIX_PATH)

function(run)
  execute_process(COMMAND ${ARGV} COMMAND_ERROR_IS_FATAL ANY)
endfunction()

run(${CMAKE_COMMAND} --install ${BUILD} --prefix ${prefix})
run(${CMAKE_COMMAND} -S ${SOURCE}/tests/install/consumer -B ${scratch}/build -G ${built_CMAKE_GENERATOR}
  -DCMAKE_CXX_COMPILER=${built_CMAKE_CXX_COMPILER} -DCMAKE_CXX_FLAGS=${built_CMAKE_CXX_FLAGS}
  -DCMAKE_BUILD_TYPE=${built_CMAKE_BUILD_TYPE} "-DCMAKE_PREFIX_PATH=${prefix};${built_CMAKE_PREFIX_PATH}")
run(${CMAKE_COMMAND} --build ${scratch}/build)
set(capture ${SOURCE}/testdata/captures/replay-and-icv/wire.pcap)
set(keys ${SOURCE}/testdata/captures/replay-and-icv/xfrm-state.txt)
run(${scratch}/build/consumer ${capture} ${keys})

# check_example(PROGRAM): prints what the capture is known to hold, and that there are errors in it.
function(check_example program)
  execute_process(COMMAND ${program} ${capture} ${keys} OUTPUT_VARIABLE printed RESULT_VARIABLE status)
  if(NOT status EQUAL 1)
    message(FATAL_ERROR "${program}: exit status ${status}, not 1")
  endif()
  string(REGEX MATCHALL "frame [0-9]+ #[0-9]+ [0-9]+: [0-9a-f.:]+ > [0-9a-f.:]+, [0-9]+ bytes, ICV ok\n" opened "${printed}")
  list(LENGTH opened count)
  if(NOT count EQUAL 364)
    message(FATAL_ERROR "${program}: ${count} packets opened, not 364")
  endif()
  foreach(line "frame 3 #1 1: 172.16.10.5 > 172.16.20.5, 68 bytes, ICV ok" "error icv.bad in frame 42 on #1: "
      "error replay.duplicate in frame 13 on #1: " "warning seq.lost on #1: 12 of 123 numbers" "icv.bad: 18 packets")
    string(FIND "\n${printed}" "\n${line}" at)
    if(at EQUAL -1)
      message(FATAL_ERROR "${program}: no line begins with '${line}'")
    endif()
  endforeach()
endfunction()
check_example(${scratch}/build/inner_packets)

# The same by pkg-config. CMake gives programs that it builds the way to a shared library; here the environment does.
file(GLOB_RECURSE pc_file ${prefix}/espdump.pc)
cmake_path(GET pc_file PARENT_PATH pc_directory)
cmake_path(GET pc_directory PARENT_PATH library_directory)
set(ENV{PKG_CONFIG_PATH} "${pc_directory}:$ENV{PKG_CONFIG_PATH}")
set(ENV{LD_LIBRARY_PATH} "${library_directory}:$ENV{LD_LIBRARY_PATH}")
find_program(pkg_config NAMES pkg-config pkgconf REQUIRED)
separate_arguments(flags UNIX_COMMAND "${built_CMAKE_CXX_FLAGS}")
foreach(static "" --static)
  execute_process(COMMAND ${pkg_config} --cflags --libs ${static} espdump OUTPUT_VARIABLE espdump_flags
    COMMAND_ERROR_IS_FATAL ANY)
  separate_arguments(espdump_flags UNIX_COMMAND "${espdump_flags}")
  run(${built_CMAKE_CXX_COMPILER} ${flags} -std=c++20 -o ${scratch}/inner_packets${static}
    ${SOURCE}/docs/examples/inner_packets.cpp ${espdump_flags})
  check_example(${scratch}/inner_packets${static})
endforeach()

run(${prefix}/bin/espdump --version)
foreach(file man/man1/espdump.1 man/man1/espdump-explain.1 man/man1/espdump-gateway.1 man/man1/espdump-keys.1
    man/man1/espdump-mtu.1 bash-completion/completions/espdump zsh/site-functions/_espdump
    fish/vendor_completions.d/espdump.fish)
  file(SIZE ${prefix}/share/${file} size)
  if(size LESS 500)
    message(FATAL_ERROR "${file} has ${size} bytes")
  endif()
endforeach()
