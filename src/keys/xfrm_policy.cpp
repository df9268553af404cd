// A policy begins with a selector in the first column. Below it stand direction and priority, then for each template
// two lines, and what xfrm attributes it has.
#include "keys/xfrm_policy.hpp"

#include <algorithm>
#include <utility>

#include "keys/problem_list.hpp"
#include "keys/text.hpp"
#include "keys/xfrm_record.hpp"

namespace espdump::keys {
namespace {

constexpr const char* take_it = "take it with `sudo ip xfrm policy > policy.txt`";
constexpr std::size_t most_templates = 8;

class Parser {
 public:
  Parser(const std::string& name, std::vector<Policy>& into) : name_(name), problems_(name), into_(into) {}
  Result<ImportReport> read(std::string_view text);

 private:
  void physical_line(std::string_view line);
  void read_line(std::string_view line);
  void begin(std::string_view line);
  void read_field(std::string_view line);
  void read_direction(Words words);
  void finish();

  const std::string& name_;
  ProblemList problems_;
  std::vector<Policy>& into_;
  std::optional<Policy> policy_;
  std::optional<PolicyTemplate> template_;
  bool of_socket_ = false;
  std::size_t line_ = 0, found_ = 0, useful_ = 0;
};

Result<ImportReport> Parser::read(std::string_view text) {
  while (!text.empty()) {
    const auto end = text.find('\n');
    ++line_;
    physical_line(text.substr(0, end));
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  }
  finish();
  if (found_ == 0) return fail(std::string{"holds no `ip xfrm policy` output; "} + take_it, name_);
  ImportReport report;
  report.file = name_;
  report.format = "ip xfrm policy";
  report.records = found_;
  report.usable = useful_;
  report.problems = problems_.take();
  return report;
}

// `-o` prints a backslash for every line break.
void Parser::physical_line(std::string_view line) {
  while (true) {
    const auto end = line.find('\\');
    read_line(trim_right(line.substr(0, end)));
    if (end == std::string_view::npos) return;
    line.remove_prefix(end + 1);
  }
}

void Parser::read_line(std::string_view line) {
  if (line.empty()) return;
  if (is_blank(line.front())) {
    if (policy_) read_field(trim_left(line));
    return;
  }
  finish();
  Words words(line);
  if (words.next() == "src" && words.next().find('/') != std::string_view::npos) begin(line);
}

void Parser::begin(std::string_view line) {
  ++found_;
  std::string note;
  const auto selector = read_selector_words(Words(line), note);
  if (!selector) return problems_.add(line_, "the selector of this policy cannot be read; policy left out");
  policy_.emplace();
  policy_->selector = *selector;
  policy_->line = line_;
}

void Parser::read_direction(Words words) {
  const auto direction = words.next();
  policy_->direction = direction == "out"   ? PolicyDirection::out
                       : direction == "fwd" ? PolicyDirection::forward
                                            : PolicyDirection::in;
  for (auto key = words.next(); !key.empty(); key = words.next()) {
    if (key == "action") policy_->block = words.next() == "block";
    if (key == "priority") policy_->priority = number(words.next()).value_or(0);
  }
}

void Parser::read_field(std::string_view line) {
  Words words(line);
  const auto keyword = words.next();
  if (keyword == "socket") of_socket_ = true;  // of an IKE daemon's own sockets
  if (keyword == "dir") read_direction(words);
  if (keyword == "if_id") policy_->if_id = number(words.next()).value_or(0);
  if (keyword == "mark") {
    const auto [mark, mask] = read_mark_word(words.next());
    policy_->mark = mark, policy_->mark_mask = mask;
  }
  if (keyword == "tmpl") {
    words.next();
    template_.emplace();
    template_->source = IpAddress::parse(words.next()).value_or(IpAddress{});
    words.next();
    template_->destination = IpAddress::parse(words.next()).value_or(IpAddress{});
  }
  if (keyword != "proto" || !template_) return;
  PolicyTemplate wanted = *std::exchange(template_, std::nullopt);
  const auto protocol = words.next();
  if (protocol != "esp" && protocol != "ah") return;  // IPComp has no keys
  wanted.protocol = protocol == "ah" ? IpsecProtocol::ah : IpsecProtocol::esp;
  for (auto key = words.next(); !key.empty(); key = words.next()) {
    const auto value = words.next();
    if (key == "spi") wanted.spi = number(value).value_or(0);
    if (key == "reqid") wanted.reqid = number(value).value_or(0);
    if (key == "mode") wanted.mode = mode_of(value);
  }
  if (policy_->templates.size() < most_templates) policy_->templates.push_back(wanted);
}

void Parser::finish() {
  if (policy_ && !of_socket_ && !policy_->templates.empty() && !policy_->block) {
    ++useful_;
    into_.push_back(std::move(*policy_));
  }
  policy_.reset();
  template_.reset();
  of_socket_ = false;
}

}  // namespace

Result<ImportReport> read_xfrm_policy(const std::string& name, Bytes text, std::vector<Policy>& into) {
  return Parser(name, into).read({reinterpret_cast<const char*>(text.data()), text.size()});
}

}  // namespace espdump::keys
