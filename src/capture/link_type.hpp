// LINKTYPE_ values of files and DLT_ values of libpcap are the same but for a few old ones.
#pragma once

#include <cstdint>

namespace espdump::capture {

int dlt_of(std::uint32_t link_type);

}  // namespace espdump::capture
