// One JSON object after the other, a line each. RapidJSON writes them; it stays out of the files that use this, which
// compile faster so.
#pragma once

#include <cstdint>
#include <memory>
#include <string_view>

namespace espdump {

class JsonLine {
 public:
  JsonLine();
  JsonLine(JsonLine&&) = delete;
  ~JsonLine();

  // Begins an object {"type":TYPE, and gives what was there up.
  void start_line(std::string_view type);
  // Ends it: the whole line with its newline, valid until the next start_line().
  std::string_view end_line();

  // One of ours, with nothing in it to escape.
  JsonLine& key(std::string_view name);
  // Paths may be any bytes; what is no UTF-8 is replaced.
  void text(std::string_view value);
  void number(std::uint64_t value);
  void signed_number(std::int64_t value);
  void real(double value);
  void boolean(bool value);
  // A value that is JSON already.
  void raw(std::string_view json);
  void begin();
  void end();
  void begin_list();
  void end_list();

  void text(std::string_view name, std::string_view value) { key(name).text(value); }
  void number(std::string_view name, std::uint64_t value) { key(name).number(value); }
  void signed_number(std::string_view name, std::int64_t value) { key(name).signed_number(value); }
  void boolean(std::string_view name, bool value) { key(name).boolean(value); }

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace espdump
