// The sizes of an SA in its JSON line: "path", "flows" and "crossings".
#pragma once

#include <string>
#include <vector>

#include <espdump/path_facts.hpp>

#include "analysis/path_mtu.hpp"
#include "report/json_line.hpp"

namespace espdump {

// `files` are the names of the captures.
void write_paths(SaNumber sa, const PathFacts& paths, const PathMtus& mtus, const std::vector<std::string>& files,
                 JsonLine& json);

}  // namespace espdump
