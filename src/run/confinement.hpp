// What a process may still do once it looks at what strangers wrote.
#pragma once

#include <string>
#include <vector>

namespace espdump::run {

// Gives up, for good and before any thread is started, what reading captures and keys does not need: with root's rights
// those of root (the user who called sudo stays, or nobody), then opening, creating and naming files, sockets, other
// programs and processes. Descriptors that are open stay usable; libraries of ciphers are to be loaded before. The
// result: what this system could not be brought to give up, a line each.
std::vector<std::string> confine();

// Before the first byte of a stranger: forbids core dumps, loads ciphers, and gives up the same, unless that is
// `unwanted`. What could not be given up is told where `verbose`.
void confine(bool unwanted, bool verbose);

}  // namespace espdump::run
