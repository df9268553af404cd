#include <algorithm>

#include "support/catch.hpp"
#include "support/layers.hpp"

using namespace espdump;
using namespace espdump::test;

TEST_CASE("claims: every dissector's claims lead to it") {
  const ClaimTable table;
  for (const Dissector* dissector : all_dissectors()) {
    CHECK_FALSE(dissector->claims.empty());
    for (const Claim claim : dissector->claims) CHECK(table.find(claim) == dissector);
  }
}

TEST_CASE("claims: what nobody claims is nothing, in every space") {
  const ClaimTable table;
  CHECK(table.find({Space::ip_protocol, 255}) == nullptr);
  CHECK(table.find({Space::ip_protocol, 256 + 50}) == nullptr);
  CHECK(table.find({Space::udp_port, 9}) == nullptr);
  CHECK(table.find({Space::tcp_port, 50}) == nullptr);
}

TEST_CASE("claims: an added claim is found, an existing one stays") {
  ClaimTable table;
  const Dissector& esp_in_udp = *table.find({Space::udp_port, 4500});
  CHECK(table.add({Space::udp_port, 14500}, esp_in_udp));
  CHECK(table.find({Space::udp_port, 14500}) == &esp_in_udp);
  CHECK_FALSE(table.add({Space::udp_port, 500}, esp_in_udp));
  CHECK(table.find({Space::udp_port, 500})->name == "ikev2");
  CHECK_FALSE(table.add({Space::ip_protocol, 50}, esp_in_udp));
  CHECK(table.add({Space::ip_protocol, 253}, esp_in_udp));
}

TEST_CASE("claims: names of dissectors are not empty and differ") {
  std::vector<std::string_view> names;
  for (const Dissector* dissector : all_dissectors()) {
    CHECK_FALSE(dissector->title.empty());
    CHECK(std::find(names.begin(), names.end(), dissector->name) == names.end());
    names.push_back(dissector->name);
  }
}
