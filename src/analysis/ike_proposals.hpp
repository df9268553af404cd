// Two lists of proposals side by side, RFC 7296 section 3.3.6: one transform of each type has to be in both.
#pragma once

#include <string>
#include <vector>

#include <espdump/ike.hpp>

namespace espdump {

std::vector<IkeOffer> offers_of(const std::vector<wire::IkeProposal>& proposals);
// The same proposals in the same order.
bool same_offers(const std::vector<IkeOffer>& one, const std::vector<IkeOffer>& two);

// Of the two proposals that are closest to each other, what both have and what stands between them, in sentences:
// "In common: noesn. Not in common: encryption (aes128 against aes256), integrity (sha256 against sha384)."
std::string in_common_text(const std::vector<IkeOffer>& offered, const std::vector<IkeOffer>& taken);

}  // namespace espdump
