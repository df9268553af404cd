// Catch2 2 wants one file with its main; Catch2 3 brings it in a library.
#ifndef ESPDUMP_CATCH2_V3
#define CATCH_CONFIG_MAIN
#include <catch2/catch.hpp>
#endif
