// Eight floats at a time, whatever the processor makes of them.
#pragma once

#include <algorithm>

#if defined(__AVX__)
#include <immintrin.h>
#endif

namespace cultivar {

typedef float Vector __attribute__((vector_size(32)));
constexpr long lanes = 8;

// The larger and the smaller of two, one by one. As intrinsics where there are any: of a choice the compiler makes two instructions.
#if defined(__AVX__)
inline Vector larger(Vector a, Vector b) { return reinterpret_cast<Vector>(_mm256_max_ps(reinterpret_cast<__m256>(a), reinterpret_cast<__m256>(b))); }
inline Vector smaller(Vector a, Vector b) { return reinterpret_cast<Vector>(_mm256_min_ps(reinterpret_cast<__m256>(a), reinterpret_cast<__m256>(b))); }
#else
inline Vector larger(Vector a, Vector b) { return a > b ? a : b; }
inline Vector smaller(Vector a, Vector b) { return a < b ? a : b; }
#endif

// z, but no less than zero and no more than the ceiling.
inline float held(float z, float ceiling) { return std::min(std::max(z, 0.0f), ceiling); }
inline Vector held(Vector z, float ceiling) {
  const Vector zero = {}, most = zero + ceiling;
  return smaller(larger(z, zero), most);
}

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
