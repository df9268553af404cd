// Packets behind the end of the good capture: the same payload under the next numbers, authentic under the SA's keys.
// They carry what the capture had no room for, and take an SA with ESN across a multiple of 2^32.
#include <fmt/core.h>

#include <algorithm>

#include "analysis/gateway_attack.hpp"

namespace espdump {
namespace {

constexpr std::size_t least_body = 16;  // as of all packets that plants are made of
constexpr std::size_t around = 8;       // good packets between and behind plants
constexpr std::size_t in_the_end = 3;
constexpr std::size_t most_made = 2048;  // of one SA
constexpr std::uint64_t cycle = std::uint64_t{1} << 32, half = cycle / 2;
constexpr std::int64_t gap = 1'000'000;  // nanoseconds from one to the next

}  // namespace

void AttackMaker::keep_mould(const Source& source, const SecurityAssociation* sa, Bytes frame) {
  has_esn_ = has_esn_ || sa->esn;
  if (source.length < 8 + source.icv + least_body || moulds_.count(source.sa) != 0) return;
  Mould& mould = moulds_[source.sa];
  mould.source = source;
  mould.frame.assign(frame.begin(), frame.end());
  auto renumber = EspRenumber::make(*sa);
  if (renumber)
    mould.renumber = std::move(*renumber);
  else
    mould.why_not = renumber.error().text;
}

// What may make a gateway drop all that follows comes first, so that something is left to show that it ran.
void AttackMaker::plan_behind() {
  for (const bool esn : {true, false})
    for (const auto& [number, mould] : moulds_) {
      if (!mould.renumber || mould.renumber->esn() != esn) continue;
      constexpr std::string_view zero = "authentic-zero";
      if (!esn) {
        add_made(mould, 0, zero).expected = PlantExpectation::drop;
        done_.insert(zero);
      }
      plan_more(mould, sources_.at(number).front());
      if (esn) plan_cycle(mould);
    }
  plan_end();
}

// As many as what is still missing needs.
void AttackMaker::plan_more(const Mould& mould, const Source& like) {
  std::size_t wanted = 0, furthest = 0;
  for (const PlantKind& kind : plant_kinds()) {
    if (kind.largest || !is_missing(kind) || !kind.suits(like) || kind.places(like) > most_made / 2) continue;
    ++wanted;
    furthest = std::max(furthest, kind.places(like));
  }
  const std::size_t count = wanted * 2 + furthest + 2 * around;
  const bool has_numbers = mould.renumber->esn() || newest_[like.sa] + count + around < cycle;
  if (wanted == 0 || !has_numbers) return;
  std::vector<Source> more;
  more.reserve(count);
  for (std::size_t i = 0; i < count; ++i) more.push_back(add_next(mould).source);
  plan_for(more, 0, true);
}

// Receivers infer the high half from the low one: RFC 4303 appendix A2. They follow a jump of less than 2^31.
void AttackMaker::plan_cycle(const Mould& mould) {
  constexpr std::uint64_t reach = 5, late = 3;
  constexpr std::string_view good = "esn-boundary";
  const std::uint64_t number = newest_[mould.source.sa];
  const std::uint64_t edge = (number / cycle + 1) * cycle;
  if (edge - number <= reach + 1) return;  // the capture itself goes there
  if (edge - number > half) add_made(mould, edge - half, good);
  for (std::uint64_t at = edge - reach; at <= edge + reach; ++at)
    if (at != edge + late) add_made(mould, at, good);
  Made& replay = add_made(mould, edge - 2, "esn-replay");
  replay.expected = PlantExpectation::drop;
  replay.detail = "a number of the cycle before, again";
  Made& wrong = add_made(mould, edge + late, "esn-wrong-cycle");
  wrong.expected = PlantExpectation::drop;
  wrong.seal_high = 0xffff'ffff;
  wrong.detail = "a number of this cycle, sealed under that of the one before";
  if (mould.source.window > reach) add_made(mould, edge + late, good).detail = "late, inside the window";
  done_.insert(good);
}

// The last packet that leaves shows how long the capture behind the gateway ran: some of each SA, in turn.
void AttackMaker::plan_end() {
  if (made_.empty()) return;
  for (std::size_t i = 0; i < in_the_end; ++i)
    for (const auto& [number, mould] : moulds_)
      if (mould.renumber && !mould.renumber->esn() && newest_[number] + in_the_end < cycle) add_next(mould);
}

AttackMaker::Made& AttackMaker::add_made(const Mould& mould, std::uint64_t number, std::string_view kind) {
  Made made;
  made.kind = kind;
  made.source = mould.source;
  made.source.sequence = number;
  made.source.ordinal = learned_ + made_.size() + 1;
  made.more_id = static_cast<std::uint16_t>(made_.size() + 1);
  made.detail = fmt::format("number {}", number);
  made_.push_back(std::move(made));
  return made_.back();
}

std::optional<attack::Octets> AttackMaker::frame_of(const Made& made) {
  Mould& mould = moulds_.at(made.source.sa);
  const Bytes esp = Bytes{mould.frame}.subspan(mould.source.esp, mould.source.length);
  const std::uint64_t number = made.source.sequence + (std::uint64_t{made.seal_high} << 32);
  const auto sealed = mould.renumber->renumber(esp, mould.source.sequence, number);
  if (!sealed) return std::nullopt;
  return attack::with_esp(mould.source, mould.frame, *sealed, made.more_id);
}

void AttackMaker::finish(const Emit& emit) {
  for (const Made& made : made_) {
    const auto frame = frame_of(made);
    if (!frame) continue;
    const std::uint64_t ordinal = made.source.ordinal;
    const Timestamp time{last_time_ + gap};
    if (const auto kept = kept_.find(ordinal); kept != kept_.end()) kept->second = *frame;
    if (held_.count(ordinal) == 0) {
      emit_good(time, *frame, frame->size(), emit);
      planted_.push_back({made.kind, made.detail, made.expected, written_, made.source.of, made.source.sa,
                          made.source.spi, made.source.sequence});
    }
    plant_behind(ordinal, *frame, time, emit);
  }
}

}  // namespace espdump
