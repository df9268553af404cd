// What stands before and behind the frames of a partial result.
#pragma once

#include "partial/describe.hpp"
#include "partial/partial.hpp"

namespace espdump::partial {

struct Head {
  Settings settings;
  Names names;
  Keystore::Told told;
};

template <typename A>
void describe_texts(A& a, std::vector<std::string>& texts) {
  describe_list(a, texts, [&](std::string& one) { a.text(one); });
}

// Names first: what comes behind is told in them.
template <typename A>
void describe(A& a, Head& head) {
  a.begin_frame();
  std::vector<std::string> protocols = head.names.protocol_names(), codes = head.names.code_names(),
                           algorithms = head.names.algorithm_names();
  describe_texts(a, protocols);
  describe_texts(a, codes);
  describe_texts(a, algorithms);
  if constexpr (A::reads)
    if (!a.failed()) head.names = Names::of(protocols, codes, algorithms);
  describe_shape(a, head.settings.verify_only);
  a.text(head.settings.filter);
  a.end_frame();
  describe(a, head.names, head.told);
}

template <typename A>
void describe(A& a, Part& part) {
  for (std::uint64_t* number :
       {&part.begin.offset, &part.begin.descriptions, &part.end.offset, &part.end.descriptions, &part.records})
    a.number(Column::other, *number);
  describe_shape(a, part.is_first);
  describe_shape(a, part.is_last);
  a.text(part.beginning);
}

template <typename A>
void describe(A& a, Unfinished& unfinished) {
  a.number(Column::other, unfinished.given_up);
  for (std::vector<std::uint64_t>* states : {&unfinished.left, &unfinished.taken_on}) {
    a.size(*states, Unfinished::most_states);
    for (std::uint64_t& state : *states) a.digest(state);
  }
}

template <typename A>
void describe(A& a, Ending& ending) {
  a.begin_frame();
  describe_list(a, ending.sources, [&](Source& one) {
    a.text(one.name);
    a.text(one.sha256);
    a.number(Column::other, one.frames);
    a.near(Column::other, one.first_time, 0);
    a.near(Column::other, one.last_time, 0);
    describe(a, one.part);
  });
  describe_list(a, ending.damages, [&](std::pair<std::string, std::string>& one) {
    a.text(one.first);
    a.text(one.second);
  });
  describe(a, ending.reassembly.datagrams);
  describe(a, ending.reassembly.streams);
  a.number(Column::other, ending.reassembly.aggfrag);
  a.number(Column::other, ending.ike_messages);
  describe_shape(a, ending.alone);
  a.end_frame();
}

}  // namespace espdump::partial
