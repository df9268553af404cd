#include "partial/archive.hpp"

#include <algorithm>
#include <utility>

namespace espdump::partial {
namespace {

constexpr std::size_t most_text = 1U << 20, most_row = 1U << 18;

std::size_t differences(const Models::Row& one, const Models::Row& other) {
  std::size_t out = one.size() > other.size() ? one.size() - other.size() : other.size() - one.size();
  for (std::size_t i = 0; i < std::min(one.size(), other.size()); ++i) out += one[i] != other[i] ? 1 : 0;
  return out;
}

}  // namespace

void put_number(Stream& out, std::uint64_t value) {
  for (; value >= 0x80; value >>= 7U) out.push_back(static_cast<std::uint8_t>(value | 0x80U));
  out.push_back(static_cast<std::uint8_t>(value));
}

std::uint64_t Cursor::long_number() {
  std::uint64_t out = 0;
  for (unsigned shift = 0; shift < 64 && next_ != end_; shift += 7) {
    const std::uint8_t byte = *next_++;
    out |= std::uint64_t{byte & 0x7fU} << shift;
    if (byte < 0x80) return out;
  }
  if (failed_ != nullptr) *failed_ = true;
  return 0;
}

Bytes Cursor::take(std::size_t size) {
  if (size > left()) {
    if (failed_ != nullptr) *failed_ = true;
    return {};
  }
  const Bytes out{next_, size};
  next_ += size;
  return out;
}

std::vector<Models::Row>& Models::of(std::uint64_t shape, std::size_t place) {
  const auto at_shape = static_cast<std::size_t>(shape);
  if (rows_.size() <= at_shape) rows_.resize(at_shape + 1);
  auto& places = rows_[at_shape];
  if (places.size() <= place) places.resize(place + 1);
  return places[place];
}

void Models::add(std::vector<Row>& rows, std::size_t like, const Row& row) {
  if (like >= rows.size()) {
    like = rows.size();
    if (like == most)
      --like;
    else if (count_ == most_rows_)
      return;
    else
      ++count_, rows.emplace_back();
  }
  rows[like] = row;
  move_up(rows, like);
}

void Models::move_up(std::vector<Row>& rows, std::size_t like) {
  const auto place = rows.begin() + static_cast<std::ptrdiff_t>(like);
  if (like != 0) std::rotate(rows.begin(), place, place + 1);
}

void Packer::digest(std::uint64_t& value) {
  for (unsigned shift = 0; shift < 64; shift += 8)
    at(Column::digest).push_back(static_cast<std::uint8_t>(value >> shift));
}

void Packer::text(std::string& value) {
  put_number(at(Column::text), value.size());
  at(Column::text).insert(at(Column::text).end(), value.begin(), value.end());
}

void Packer::bytes(std::vector<std::uint8_t>& value) {
  put_number(at(Column::bytes), value.size());
  at(Column::bytes).insert(at(Column::bytes).end(), value.begin(), value.end());
}

// Written once the shape of the frame is known.
void Packer::row(std::vector<std::uint8_t>& value) {
  put_number(shape_, value.size());
  rows_.push_back(value);
}

void Packer::end_frame() {
  const auto [known, is_new] = shapes_.try_emplace(std::string{shape_.begin(), shape_.end()}, shapes_.size());
  put_number(at(Column::shape), known->second);
  if (is_new) {
    put_number(at(Column::shapes), shape_.size());
    at(Column::shapes).insert(at(Column::shapes).end(), shape_.begin(), shape_.end());
  }
  for (std::size_t i = 0; i < rows_.size(); ++i) {
    std::vector<Models::Row>& rows = models_.of(known->second, i);
    std::size_t like = 0, least = rows_[i].size() + 1;
    for (std::size_t k = 0; k < rows.size() && least != 0; ++k)
      if (const std::size_t now = differences(rows[k], rows_[i]); now < least) like = k, least = now;
    put_number(at(Column::model), rows.empty() ? 0 : like + 1);
    if (rows.empty()) {
      at(Column::start).insert(at(Column::start).end(), rows_[i].begin(), rows_[i].end());
    } else {
      put_number(at(Column::position), least);
      std::size_t last = 0;
      for (std::size_t at_byte = 0; at_byte < rows_[i].size(); ++at_byte) {
        if (rows_[i][at_byte] == rows[like][at_byte]) continue;
        put_number(at(Column::position), at_byte - last);
        at(Column::value).push_back(static_cast<std::uint8_t>(rows_[i][at_byte] - rows[like][at_byte]));
        last = at_byte;
      }
    }
    models_.add(rows, least > rows_[i].size() / 4 ? Models::most : like, rows_[i]);
  }
}

std::size_t Packer::size() const {
  std::size_t out = 0;
  for (const Stream& stream : streams_) out += stream.size();
  return out;
}

void Packer::clear() {
  for (Stream& stream : streams_) stream.clear();
  shapes_.clear();
  models_ = Models{};
}

Unpacker::Unpacker(std::array<Stream, columns> streams, std::size_t most_memory)
    : streams_(std::move(streams)), most_memory_(most_memory) {
  for (std::size_t i = 0; i < columns; ++i) cursors_[i] = Cursor{streams_[i], failed_};
}

void Unpacker::begin_frame() {
  shape_number_ = at(Column::shape).number();
  if (shape_number_ == shapes_.size()) {
    const Bytes bytes = at(Column::shapes).take(static_cast<std::size_t>(at(Column::shapes).number()));
    shapes_.emplace_back(bytes.begin(), bytes.end());
  }
  failed_ = failed_ || shape_number_ >= shapes_.size();
  shape_ = failed_ ? Cursor{} : Cursor{shapes_[static_cast<std::size_t>(shape_number_)], failed_};
  rows_ = 0;
  memory_ = 0;
}

void Unpacker::digest(std::uint64_t& value) {
  const Bytes bytes = at(Column::digest).take(8);
  value = 0;
  for (std::size_t i = 0; i < bytes.size(); ++i) value |= std::uint64_t{bytes[i]} << 8 * i;
}

void Unpacker::text(std::string& value) {
  const std::uint64_t size = at(Column::text).number();
  failed_ = failed_ || size > most_text || !has_room(size);
  const Bytes bytes = failed_ ? Bytes{} : at(Column::text).take(static_cast<std::size_t>(size));
  value.assign(bytes.begin(), bytes.end());
  // It is shown on terminals, and only names of files may have such characters where nobody forged it.
  std::replace_if(
      value.begin(), value.end(),
      [](char c) { return (static_cast<unsigned char>(c) < 0x20 && c != '\n') || c == 0x7f; }, '?');
}

void Unpacker::bytes(std::vector<std::uint8_t>& value) {
  const std::uint64_t size = at(Column::bytes).number();
  failed_ = failed_ || size > most_text || !has_room(size);
  const Bytes bytes = failed_ ? Bytes{} : at(Column::bytes).take(static_cast<std::size_t>(size));
  value.assign(bytes.begin(), bytes.end());
}

void Unpacker::row(std::vector<std::uint8_t>& value) {
  const std::uint64_t size = shape_.number();
  failed_ = failed_ || size > most_row || !has_room(size);
  value.clear();
  if (failed()) return;
  std::vector<Models::Row>& rows = models_.of(shape_number_, rows_++);
  const std::uint64_t model = at(Column::model).number();
  if (model == 0) {
    const Bytes bytes = at(Column::start).take(static_cast<std::size_t>(size));
    value.assign(bytes.begin(), bytes.end());
    return models_.add(rows, Models::most, value);
  }
  const auto like = static_cast<std::size_t>(model - 1);
  if (model > rows.size() || rows[like].size() != size) return fail();
  const std::uint64_t changes = at(Column::position).number();
  if (changes > size / 4) {
    value = rows[like];
    change(value, changes);
    return models_.add(rows, Models::most, value);
  }
  change(rows[like], changes);
  value = rows[like];
  Models::move_up(rows, like);
}

// In that many bytes.
void Unpacker::change(std::vector<std::uint8_t>& row, std::uint64_t changes) {
  std::uint64_t place = 0;
  for (; changes != 0 && !failed(); --changes) {
    place += at(Column::position).number();
    const Bytes by = at(Column::value).take(1);
    if (place >= row.size() || by.empty()) return fail();
    std::uint8_t& byte = row[static_cast<std::size_t>(place)];
    byte = static_cast<std::uint8_t>(byte + by[0]);
  }
}

}  // namespace espdump::partial
