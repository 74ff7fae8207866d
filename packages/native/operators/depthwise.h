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

// The image of which a band reads rows [low, high): normalised, where there is something to normalise.
inline const float* read(const Geometry& g, const Affine& before, const float* image, long low, long high) {
  if (!before.there()) return image;
  float* to = room<0>((high - low) * g.inputRow());
  normalise(image + low * g.inputRow(), to, before, g.before, (high - low) * g.width, g.channels);
  return to - low * g.inputRow();
}

// Of depthwise_gradient.cc.
void backward(void* settings, TF_OpKernelContext* context);

}  // namespace depthwise
}  // namespace cultivar
