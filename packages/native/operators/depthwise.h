// What a depthwise convolution and its gradient share: where its window stands, and the bands of rows that the work is made of.
#pragma once

#include <algorithm>
#include <type_traits>

#include "normalisation.h"
#include "vector.h"

namespace cultivar {
namespace depthwise {

// Largest filter, taps on a side.
constexpr int largest = 7;

struct Settings {
  int stride, top, left, outputHeight, outputWidth;
  // Of the rectifiers before and behind: infinity for relu; negative for none.
  float before, ceiling, epsilon;
};

inline void* create(TF_OpKernelConstruction* construction) {
  std::vector<int32_t> geometry = integersAttribute(construction, "geometry");
  geometry.resize(5, 0);
  return new Settings{geometry[0], geometry[1], geometry[2], geometry[3], geometry[4], floatAttribute(construction, "before"), floatAttribute(construction, "ceiling"), floatAttribute(construction, "epsilon")};
}
inline void destroy(void* settings) { delete static_cast<Settings*>(settings); }

struct Geometry : Settings {
  long batch, height, width, channels;
  int side;
  Geometry(const Settings& settings, const Tensor& x, const Tensor& filter)
      : Settings(settings), batch(x.dimension(0)), height(x.dimension(1)), width(x.dimension(2)), channels(x.dimension(3)), side(static_cast<int>(filter.dimension(0))) {}
  long outputRow() const { return outputWidth * channels; }
  long inputRow() const { return width * channels; }
};

inline bool fits(Call& call, const Settings& settings, const Tensor& x, const Tensor& filter, const Tensor& before, const Tensor& scale) {
  return call.require(TF_NumDims(x.handle) == 4 && TF_NumDims(filter.handle) == 4 && filter.dimension(0) == filter.dimension(1) && filter.dimension(0) <= largest &&
                          filter.dimension(2) == x.dimension(3) && filter.dimension(3) == 1 && settings.stride > 0 && (before.size() == 0 || before.size() == 4 * x.dimension(3)) && (scale.size() == 0 || scale.size() == x.dimension(3)),
                      "depthwise convolution: input and filter do not fit together");
}

// Places that one result is made of, and the filter's values for them.
struct Taps {
  const float* place[largest * largest];
  const float* factor[largest * largest];
  int count = 0;
  void add(const float* from, const float* by) {
    place[count] = from;
    factor[count++] = by;
  }
  // To the next result, where its taps are the same ones.
  void advance(long by) {
    for (int tap = 0; tap < count; tap++) place[tap] += by;
  }
};

// start + sum of place * factor.
template <int fixed, typename L>
inline typename L::Type weighed(const Taps& taps, L, long c, typename L::Type sum) {
  const int count = fixed > 0 ? fixed : taps.count;
  for (int tap = 0; tap < count; tap++) sum += L::read(taps.place[tap] + c) * L::read(taps.factor[tap] + c);
  return sum;
}

// A row of zeros, for windows that reach over the edge.
inline const float* zeros(long size) {
  static thread_local std::vector<float> values;
  if (static_cast<long>(values.size()) < size) values.resize(size, 0.0f);
  return values.data();
}

// Results that `four` computes together.
constexpr long together = 4;

// Four results of a 3 x 3 filter side by side: what they read overlaps. `line`: the three rows, where the first result reads first.
template <int stride>
inline void four(const float* const* line, const float* weights, const float* offset, float ceiling, long channels, float* to) {
  eachChannel(channels, [&](auto lane, long c) {
    using L = decltype(lane);
    typename L::Type sum[together];
    for (auto& one : sum) one = L::read(offset + c);
#pragma GCC unroll 3
    for (int ky = 0; ky < 3; ky++) {
      typename L::Type place[(together - 1) * stride + 3];
#pragma GCC unroll 9
      for (int at = 0; at < (together - 1) * stride + 3; at++) place[at] = L::read(line[ky] + at * channels + c);
#pragma GCC unroll 3
      for (int kx = 0; kx < 3; kx++) {
        const auto factor = L::read(weights + (3 * ky + kx) * channels + c);
#pragma GCC unroll 4
        for (int at = 0; at < together; at++) sum[at] += place[at * stride + kx] * factor;
      }
    }
#pragma GCC unroll 4
    for (int at = 0; at < together; at++) L::write(to + at * channels + c, ceiling < 0 ? sum[at] : held(sum[at], ceiling));
  });
}

// Calls work with the number of taps as a constant where it is nine, so that the compiler keeps them in registers.
template <typename Work>
inline void withTaps(const Taps& taps, const Work& work) {
  if (taps.count == 9) work(std::integral_constant<int, 9>{});
  else work(std::integral_constant<int, 0>{});
}

// The filter times its scale.
inline std::vector<float> weightsOf(const Geometry& g, const Tensor& filter, const Tensor& scale) {
  std::vector<float> weights(filter.floats(), filter.floats() + filter.size());
  for (size_t at = 0; scale.size() > 0 && at < weights.size(); at++) weights[at] *= scale.floats()[at % g.channels];
  return weights;
}

// Bands of rows, so that one image keeps all cores busy as well.
inline long bandsOf(const Geometry& g) { return std::max(1L, std::min<long>(g.outputHeight / 4, (2L * Crew::instance().size() + g.batch - 1) / g.batch)); }

// Output rows that are worked on together: so few that what they read and come to stays in the cache.
inline long rowsAtOnce(const Geometry& g) { return std::max(1L, 24576L / (g.stride * g.inputRow())); }

// Rows of an image, each made once, when it is first read, and kept while others are read with it: what is read moves on along the image.
template <typename Make>
class Rows {
 public:
  // room: of as many rows as are ever read together. make(from, to, where) makes rows [from, to).
  Rows(float* room, long row, const Make& make) : room_(room), row_(row), make_(make) {}

  // @returns where row 0 would stand; rows [low, high) are there
  const float* read(long low, long high) {
    const long kept = std::max(0L, high_ - low);
    if (low > low_) std::copy_n(room_ + (low - low_) * row_, kept * row_, room_);
    if (low + kept < high) make_(low + kept, high, room_ + kept * row_);
    low_ = low;
    high_ = low + std::max(kept, high - low);
    return room_ - low * row_;
  }

 private:
  float* const room_;
  const long row_;
  const Make make_;
  long low_ = 0, high_ = 0;
};

// Of depthwise_gradient.cc.
void backward(void* settings, TF_OpKernelContext* context);

}  // namespace depthwise
}  // namespace cultivar
