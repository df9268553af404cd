// Words, quotes and variables of scripts; nothing is executed, and no key is copied.
#include "keys/shell_text.hpp"

#include "keys/xfrm_text.hpp"

using namespace espdump;
using namespace espdump::test;
using keys::ShellReader;
using keys::ShellWord;
using keys::Unresolved;

namespace {

// Commands as "word|word" on a line each; words without a value as "?".
std::string spell_commands(std::string_view text, ShellReader::Lines lines = ShellReader::Lines::end_command) {
  ShellReader reader(text, lines);
  std::string out;
  while (const auto command = reader.next()) {
    std::string line;
    for (const ShellWord& word : command->words)
      line += (line.empty() ? "" : "|") + (word.unresolved == Unresolved::no ? word.joined() : "?");
    out += (out.empty() ? "" : "\n") + line;
  }
  return out;
}

ShellWord last_word(std::string_view text) {
  ShellReader reader(text);
  ShellWord out;
  while (auto command = reader.next())
    if (!command->words.empty()) out = command->words.back();
  return out;
}

}  // namespace

TEST_CASE("shell text: words, quotation marks and escapes") {
  CHECK(spell_commands("a b  c\n") == "a|b|c");
  CHECK(spell_commands("a 'b c' \"d e\" f\\ g") == "a|b c|d e|f g");
  CHECK(spell_commands("a ''b'' \"\" x\"y\"z") == "a|b||xyz");
  CHECK(spell_commands("enc cbc(aes) 0x12\nenc 'cbc(aes)' 0x12") == "enc|cbc(aes)|0x12\nenc|cbc(aes)|0x12");
  CHECK(spell_commands("a \"b\\\"c\\$d\"") == "a|b\"c$d");
}

TEST_CASE("shell text: what ends a command, and what does not") {
  CHECK(spell_commands("a; b && c || d | e & f\ng") == "a\nb\nc\nd\ne\nf\ng");
  CHECK(spell_commands("a \\\n  b \\\r\n c\nd") == "a|b|c\nd");
  CHECK(spell_commands("a \\\n> b \\\n> c") == "a|b|c");
  CHECK(spell_commands("a 2>&1; b") == "a|2>&1\nb");
  CHECK(spell_commands("(a b) ; c") == "a|b\nc");
  CHECK(spell_commands("a # b c\n# d\ne#f") == "a\ne#f");
  CHECK(spell_commands("a\nb; c", ShellReader::Lines::blank) == "a|b\nc");
}

TEST_CASE("shell text: a quotation mark without its sister swallows nothing") {
  CHECK(spell_commands("it doesn't work\na b\n") == "it|doesn't|work\na|b");
  CHECK(spell_commands("5\" disk\na \"b c\"") == "5\"|disk\na|b c");
}

TEST_CASE("shell text: variables have the value they had last") {
  CHECK(spell_commands("A=1\na $A ${A}2 \"$A\" '$A' \\$A\nA=2\nb $A") == "a|1|12|1|$A|$A\nb|2");
  CHECK(spell_commands("export A=1 B='x y'\nreadonly C=$A$B\na $C \"$C\"") == "a|1x|y|1x y");
  CHECK(spell_commands("A=1 a $A") == "a|?");  // as in a shell: it is expanded before it is assigned
  CHECK(spell_commands("a ${B:-c} ${B-} \"${B:-d e}\"") == "a|c|d e");
  CHECK(spell_commands("B=1\na ${B:-c}") == "a|1");
}

TEST_CASE("shell text: what only a run can tell has a reason") {
  CHECK(last_word("a $(date +%s) $(b (c) d)").unresolved == Unresolved::command);
  CHECK(last_word("K=0x`xxd -p | head`\na $K").unresolved == Unresolved::command);
  CHECK(last_word("K=0x`xxd -p | head`\na $K").variable == "K");
  CHECK(last_word("a \"$1\"").unresolved == Unresolved::argument);
  CHECK(last_word("a $B").unresolved == Unresolved::unassigned);
  CHECK(last_word("a ${B%%.*}").unresolved == Unresolved::command);
  CHECK(spell_commands("a $(b; c) d") == "a|?|d");
}

TEST_CASE("shell text: lines are counted through everything") {
  ShellReader reader("\n# one\na \\\n b\n\nc 'd'\n");
  const auto first = reader.next(), second = reader.next();
  REQUIRE((first && second));
  CHECK((first->line() == 3 && first->words[1].line == 4 && second->line() == 6));
}

TEST_CASE("shell text: words are pieces of the text itself") {
  const std::string text = "K=00112233\na 0x${K}44\n";
  const ShellWord word = last_word(text);
  REQUIRE(word.pieces.size() == 3);
  for (const std::string_view piece : word.pieces)
    CHECK((piece.data() >= text.data() && piece.data() + piece.size() <= text.data() + text.size()));
  CHECK(word.is("0x0011223344"));
  CHECK_FALSE(word.is("0x001122334"));
}

TEST_CASE("shell text: variables that grow without end are given up") {
  std::string text = "A=0123456789abcdef\n";
  for (int i = 0; i < 40; ++i) text += "A=$A$A\n";
  CHECK(last_word(text + "a $A").unresolved == Unresolved::too_much);
  std::string many;
  for (int i = 0; i < 200'000; ++i) many += "V" + std::to_string(i) + "=$V" + std::to_string(i / 2) + "x\n";
  CHECK(spell_commands(many + "a b") == "a|b");
}

TEST_CASE("shell text: damaged text ends") {
  for (const char* text :
       {"$", "a $", "a ${", "a ${B", "a ${B:-", "a $(", "a `", "a \\", "a '", "a \"$", "=", "A=", "(((", ")))"})
    spell_commands(text);
  CHECK(spell_commands(std::string_view{"a\0b c", 5}).size() == 5);
}
