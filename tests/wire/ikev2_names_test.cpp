#include <espdump/wire/ikev2_names.hpp>

#include "support/catch.hpp"

using namespace espdump::wire;

TEST_CASE("IKE names: a number means another exchange in each version") {
  CHECK(ike_exchange_name(2, 34) == "IKE_SA_INIT");
  CHECK(ike_exchange_name(2, 35) == "IKE_AUTH");
  CHECK(ike_exchange_name(2, 36) == "CREATE_CHILD_SA");
  CHECK(ike_exchange_name(2, 37) == "INFORMATIONAL");
  CHECK(ike_exchange_name(2, 43) == "IKE_INTERMEDIATE");
  CHECK(ike_exchange_name(2, 2).empty());
  CHECK(ike_exchange_name(1, 2) == "main mode");
  CHECK(ike_exchange_name(1, 4) == "aggressive");
  CHECK(ike_exchange_name(1, 32) == "quick mode");
  CHECK(ike_exchange_name(1, 34).empty());
}

TEST_CASE("IKE names: the ranges of the registries are whole, and nothing beside them has a name") {
  for (unsigned exchange = 0; exchange < 256; ++exchange) {
    const auto number = static_cast<std::uint8_t>(exchange);
    INFO(exchange);
    CHECK(ike_exchange_name(2, number).empty() == (exchange < 34 || exchange > 44));
    CHECK(ike_exchange_name(1, number).empty() ==
          (exchange == 0 || (exchange > 6 && exchange != 32 && exchange != 33)));
  }
}
