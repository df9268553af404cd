// The link types whose number in files is not the one libpcap uses on this system.
#include "capture/link_type.hpp"

#include <pcap/pcap.h>

#include <espdump/capture.hpp>

namespace espdump {

int capture::dlt_of(std::uint32_t link_type) {
  constexpr std::uint32_t raw_of_openbsd = 14;  // some programs write their own system's DLT_RAW
  switch (link_type) {
    case 100: return DLT_ATM_RFC1483;
    case link_type_raw:
    case raw_of_openbsd: return DLT_RAW;
    case 102: return DLT_SLIP_BSDOS;
    case 103: return DLT_PPP_BSDOS;
    case 106: return DLT_ATM_CLIP;
    case 109: return DLT_ENC;
    default: return static_cast<int>(link_type);
  }
}

std::string link_type_name(std::uint32_t link_type) {
  const char* name = pcap_datalink_val_to_name(capture::dlt_of(link_type));
  return name != nullptr ? std::string{name} : "linktype " + std::to_string(link_type);
}

}  // namespace espdump
