# cmake -DBUILD=DIR -DSOURCE=DIR -P check.cmake: installs the build, then configures, builds and runs the consumer.
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
run(${scratch}/build/consumer ${SOURCE}/testdata/captures/replay-and-icv/wire.pcap
  ${SOURCE}/testdata/captures/replay-and-icv/xfrm-state.txt)
run(${prefix}/bin/espdump --version)
foreach(file man/man1/espdump.1 man/man1/espdump-explain.1 man/man1/espdump-gateway.1 man/man1/espdump-keys.1
    man/man1/espdump-mtu.1 bash-completion/completions/espdump zsh/site-functions/_espdump
    fish/vendor_completions.d/espdump.fish)
  file(SIZE ${prefix}/share/${file} size)
  if(size LESS 500)
    message(FATAL_ERROR "${file} has ${size} bytes")
  endif()
endforeach()
