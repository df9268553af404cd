// Openers that note what trying comes to, and openers that know it from there.
#include "decode/taped_opener.hpp"

#include <utility>

#include "decode/plausible.hpp"

namespace espdump {
namespace {

// All but trying is as the SA's algorithms have it; a replay has keys of the right length, but not the right ones.
class TapedOpener : public Opener {
 public:
  TapedOpener(std::unique_ptr<Opener> inner, const SecurityAssociation& sa)
      : inner_(std::move(inner)), keys_(keys_of(sa)), esn_(sa.esn) {}

  [[nodiscard]] bool has_integrity() const override { return inner_->has_integrity(); }
  [[nodiscard]] bool can_verify() const override { return inner_->can_verify(); }
  [[nodiscard]] bool can_open() const override { return inner_->can_open(); }
  [[nodiscard]] std::string shortcoming() const override { return inner_->shortcoming(); }
  void assume_icv(std::size_t size) override {
    assumed_ = static_cast<std::uint32_t>(size);
    inner_->assume_icv(size);
  }
  [[nodiscard]] bool decrypts() const override { return inner_->decrypts(); }
  [[nodiscard]] bool has_authentic_contents() const override { return inner_->has_authentic_contents(); }
  [[nodiscard]] std::optional<std::size_t> plaintext_size(const SealedPacket& packet) const override {
    return inner_->plaintext_size(packet);
  }
  [[nodiscard]] std::string wrong_size(const SealedPacket& packet) const override { return inner_->wrong_size(packet); }
  [[nodiscard]] bool reaches_icv(const SealedPacket& packet) const override { return inner_->reaches_icv(packet); }
  [[nodiscard]] std::optional<Bytes> counter_iv(const SealedPacket& packet) const override {
    return inner_->counter_iv(packet);
  }
  [[nodiscard]] std::vector<Field> own_fields(const SealedPacket& packet) const override {
    return inner_->own_fields(packet);
  }
  void expect() const noexcept override { inner_->expect(); }

 protected:
  std::unique_ptr<Opener> inner_;
  KeysId keys_;
  std::uint32_t assumed_ = 0;
  bool esn_;
};

class RecordingOpener final : public TapedOpener {
 public:
  RecordingOpener(std::unique_ptr<Opener> inner, const SecurityAssociation& sa, Recorder& recorder)
      : TapedOpener(std::move(inner), sa), recorder_(recorder) {}

  Outcome verify(const SealedPacket& packet, std::uint32_t seq_high) override {
    return noted(packet, seq_high, inner_->verify(packet, seq_high));
  }
  Outcome open(const SealedPacket& packet, std::uint32_t seq_high, MutableBytes out) override {
    return noted(packet, seq_high, inner_->open(packet, seq_high, out));
  }
  [[nodiscard]] std::optional<EspTrailer> contents(const SealedPacket& packet, Bytes plaintext) const override {
    auto out = inner_->contents(packet, plaintext);
    if (out && decrypts() && recorder_.trying()) recorder_.carries(*out, is_convincing(*out));
    return out;
  }

 private:
  Outcome noted(const SealedPacket& packet, std::uint32_t high, Outcome outcome) {
    if (recorder_.trying() && outcome != Outcome::bad_icv) {
      if (const auto iv = counter_iv(packet)) recorder_.counter_iv(iv->size());
      TryRecord one;
      one.keys = keys_;
      one.high = high;
      one.assumed = assumed_;
      one.outcome = outcome;
      one.esn = esn_;
      recorder_.tried(one);
    }
    return outcome;
  }

  Recorder& recorder_;
};

class ReplayingOpener final : public TapedOpener {
 public:
  ReplayingOpener(std::unique_ptr<Opener> inner, const SecurityAssociation& sa, const Replayer& replayer)
      : TapedOpener(std::move(inner), sa), replayer_(replayer) {}

  Outcome verify(const SealedPacket&, std::uint32_t seq_high) override {
    last_ = replayer_.find(keys_, esn_, seq_high, assumed_);
    return last_ == nullptr ? Outcome::bad_icv : last_->outcome;
  }
  Outcome open(const SealedPacket& packet, std::uint32_t seq_high, MutableBytes out) override {
    const Outcome outcome = verify(packet, seq_high);
    fill(out, last_ == nullptr ? Bytes{} : Bytes{last_->kept});
    return outcome;
  }
  [[nodiscard]] std::optional<EspTrailer> contents(const SealedPacket& packet, Bytes plaintext) const override {
    if (!decrypts()) return inner_->contents(packet, plaintext);
    if (last_ == nullptr || !last_->has_trailer || last_->payload_size > plaintext.size()) return std::nullopt;
    return EspTrailer{plaintext.first(last_->payload_size), last_->pad_length, last_->next_header,
                      last_->standard_padding, last_->convincing};
  }

 private:
  const Replayer& replayer_;
  const TryRecord* last_ = nullptr;
};

}  // namespace

std::unique_ptr<Opener> taped(std::unique_ptr<Opener> opener, const SecurityAssociation& sa, const Tape& tape) {
  if (tape.recorder) return std::make_unique<RecordingOpener>(std::move(opener), sa, *tape.recorder);
  if (tape.replayer) return std::make_unique<ReplayingOpener>(std::move(opener), sa, *tape.replayer);
  return opener;
}

}  // namespace espdump
