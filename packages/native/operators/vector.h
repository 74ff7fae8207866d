// Eight floats at a time, whatever the processor makes of them.
#pragma once

namespace cultivar {

typedef float Vector __attribute__((vector_size(32)));
constexpr long lanes = 8;

// Reads and writes channels: one, or eight that stand anywhere in memory.
struct One {
  using Type = float;
  static Type read(const float* from) { return *from; }
  static void write(float* to, Type value) { *to = value; }
};

struct Eight {
  using Type = Vector;
  typedef float Anywhere __attribute__((vector_size(32), aligned(4), may_alias));
  static Type read(const float* from) { return *reinterpret_cast<const Anywhere*>(from); }
  static void write(float* to, Type value) { *reinterpret_cast<Anywhere*>(to) = value; }
};

// work(lane, c) for all channels: eight at a time, the rest one by one.
template <typename Work>
inline void eachChannel(long channels, const Work& work) {
  long c = 0;
  for (; c + lanes <= channels; c += lanes) work(Eight{}, c);
  for (; c < channels; c++) work(One{}, c);
}

}  // namespace cultivar
