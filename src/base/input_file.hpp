// Files that are read. Where none can be opened any more, those are there that were opened ahead.
#pragma once

#include <string>
#include <vector>

namespace espdump {

enum class Opening : unsigned char {
  waits,  // for the writer of a FIFO
  never_waits,
};

// A descriptor to read `path` from, to be closed; -1 with errno where there is none.
int open_input(const std::string& path, Opening opening = Opening::waits);

// Opens now what open_input() will be asked for, each path as often as it is named; what cannot be opened fails then,
// with the same errno. "-" is passed over.
void open_ahead(const std::vector<std::string>& paths, Opening opening = Opening::waits);

}  // namespace espdump
