// The fixed parts of a page, put into the program when it is built (src/page/assets).
#pragma once

#include <string_view>

namespace espdump::assets {

extern const std::string_view version;  // of the program
extern const std::string_view style;    // page.css
extern const std::string_view script;   // page.js
extern const std::string_view packets;  // packets.html: the browser of packets, empty

}  // namespace espdump::assets
