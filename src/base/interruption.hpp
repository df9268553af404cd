// That somebody wants a run to end before its input does.
#pragma once

namespace espdump {

// From now on SIGINT and SIGTERM are noted; the second of a kind does what it always did. A signal that is ignored
// stays ignored.
void heed_interruption() noexcept;

// The signal that was noted; 0: none.
int interruption() noexcept;

// Readable as soon as one is noted, for poll(); -1: nobody heeds them.
int interruption_descriptor() noexcept;

}  // namespace espdump
