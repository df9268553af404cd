// Domain Name System, RFC 1035 section 4: the header and the first question; also multicast DNS, RFC 6762.
#include <espdump/dissector.hpp>

#include <optional>

#include "base/append.hpp"

namespace espdump::dissectors {
namespace {

//  0                   1                   2                   3
// +---------------------------------------------------------------+
// |              ID               |R|Opcode |AA TC RD RA Z| RCODE | 0
// |           Questions           |            Answers            | 4
// |          Authorities          |          Additionals          | 8
constexpr std::size_t flags_offset = 2;
constexpr std::size_t questions_offset = 4;
constexpr std::size_t answers_offset = 6;
constexpr std::size_t authorities_offset = 8;
constexpr std::size_t additionals_offset = 10;
constexpr std::size_t name_offset = 12;
constexpr std::size_t largest_name = 255;
constexpr std::size_t largest_label = 63;

constexpr Claim claims[] = {{Space::udp_port, 53}, {Space::udp_port, 5353}};

// Nothing stands before the first question's name that a compression pointer could name: labels only.
Step dissect(ByteReader& in, Context& context) {
  in.skip(questions_offset);
  const std::uint16_t questions = in.u16();
  in.skip(name_offset - answers_offset);
  if (!in.ok() || questions == 0) return Step::end();
  while (const std::size_t label = in.u8()) {
    if (label > largest_label || in.offset() + label > name_offset + largest_name) {
      context.malformed(in.offset() - 1, label > largest_label ? "a label of the question's name is not one"
                                                               : "the question's name is longer than 255");
      return Step::end();
    }
    in.skip(label);
  }
  in.skip(4);  // type and class
  return Step::end();
}

struct Question {
  std::string name;
  std::size_t end = name_offset;  // of the name
};

std::optional<Question> question_of(Bytes header) {
  if (header.size() < name_offset || read_u16(header, questions_offset) == 0) return std::nullopt;
  Question question;
  ByteReader in{header.subspan(name_offset)};
  while (const std::size_t size = in.u8()) {
    if (!question.name.empty()) question.name += '.';
    for (const std::uint8_t byte : in.take(size)) question.name += static_cast<char>(byte);
  }
  if (question.name.empty()) question.name = ".";
  question.end = name_offset + in.offset();
  in.skip(4);
  return in.ok() ? std::optional{question} : std::nullopt;
}

std::string_view type_name(std::uint16_t type) {
  switch (type) {
    case 1: return "A";
    case 2: return "NS";
    case 5: return "CNAME";
    case 6: return "SOA";
    case 12: return "PTR";
    case 15: return "MX";
    case 16: return "TXT";
    case 28: return "AAAA";
    case 33: return "SRV";
    case 43: return "DS";
    case 48: return "DNSKEY";
    case 64: return "SVCB";
    case 65: return "HTTPS";
    case 255: return "ANY";
    default: return {};
  }
}

std::string_view rcode_name(unsigned rcode) {
  constexpr std::array<std::string_view, 6> names{"NOERROR", "FORMERR", "SERVFAIL", "NXDOMAIN", "NOTIMP", "REFUSED"};
  return rcode < names.size() ? names[rcode] : "";
}

void describe(const Layer& layer, FieldSink& out) {
  const Bytes header = layer.header;
  if (header.size() < name_offset) return;
  const std::uint16_t flags = read_u16(header, flags_offset);
  out.hex("id", {0, 2}, read_u16(header, 0), 4);
  out.hex("flags", {flags_offset, 2}, flags, 4, (flags & 0x8000) != 0 ? "response" : "query");
  out.number("rcode", {flags_offset + 1, 1}, flags % 16U, rcode_name(flags % 16U));
  out.number("questions", {questions_offset, 2}, read_u16(header, questions_offset));
  out.number("answers", {answers_offset, 2}, read_u16(header, answers_offset));
  out.number("authorities", {authorities_offset, 2}, read_u16(header, authorities_offset));
  out.number("additionals", {additionals_offset, 2}, read_u16(header, additionals_offset));
  const auto question = question_of(header);
  if (!question) return;
  const std::uint16_t type = read_u16(header, question->end);
  out.text("name", {name_offset, question->end - name_offset}, question->name);
  out.number("type", {question->end, 2}, type, type_name(type));
  out.number("class", {question->end + 2, 2}, read_u16(header, question->end + 2));
}

void brief(const Layer& layer, std::string& out) {
  const Bytes header = layer.header;
  if (header.size() < name_offset) return;
  const std::uint16_t flags = read_u16(header, flags_offset);
  const bool response = (flags & 0x8000) != 0;
  append(out, "DNS {} 0x{:04x}", response ? "response" : "query", read_u16(header, 0));
  if (const auto question = question_of(header)) {
    const std::uint16_t type = read_u16(header, question->end);
    const std::string_view name = type_name(type);
    if (name.empty())
      append(out, " TYPE{} {}", type, printable(question->name));
    else
      append(out, " {} {}", name, printable(question->name));
  }
  if (!response) return;
  const std::uint16_t answers = read_u16(header, answers_offset);
  append(out, " {} answer{}", answers, answers == 1 ? "" : "s");
  const unsigned rcode = flags % 16U;
  const std::string_view meaning = rcode_name(rcode);
  if (rcode != 0 && meaning.empty())
    append(out, " rcode {}", rcode);
  else if (rcode != 0)
    append(out, " {}", meaning);
}

}  // namespace

extern constexpr Dissector dns{{"dns", "Domain Name System"}, claims, dissect, describe, brief};
}  // namespace espdump::dissectors
