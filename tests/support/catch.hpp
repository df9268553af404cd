// Catch2, version 2 or 3.
#pragma once

#ifdef ESPDUMP_CATCH2_V3
#include <catch2/catch_all.hpp>

#include <string>

namespace Catch {
// The name it has in version 2.
inline Matchers::StringContainsMatcher Contains(const std::string& text) { return Matchers::ContainsSubstring(text); }
}  // namespace Catch
#else
#include <catch2/catch.hpp>
#endif
