// What the operating system is asked to keep secret about this process. One file for each system has it.
#pragma once

namespace espdump::keys {

// No core dumps, no debugger attachment, as far as this system can do it.
void forbid_core_dumps_here() noexcept;

}  // namespace espdump::keys
