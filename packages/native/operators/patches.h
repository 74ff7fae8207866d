// What a window sees, place after place, as rows of a matrix: a convolution is their product with the filter. (im2col: Chellapilla et al. 2006)
#pragma once

#include <algorithm>

#include "operator.h"
#include "vector.h"

namespace cultivar {

// How a window moves: its stride, zeros before the first row and column, and how often it stands. A window of one place needs none of it.
struct Window {
  int stride = 1, top = 0, left = 0, outputHeight = 0, outputWidth = 0;
};

inline Window windowAttribute(TF_OpKernelConstruction* construction) {
  std::vector<int32_t> geometry = integersAttribute(construction, "geometry");
  geometry.resize(5, 0);
  return {geometry[0], geometry[1], geometry[2], geometry[3], geometry[4]};
}

// x [B,H,W,C] seen through a window of side x side places: rows of side * side * C numbers, as a filter [side,side,C,N] stands in memory.
class Patches {
 public:
  Patches(const Window& window, const Tensor& x, long side) : window_(window), image_(x.floats()), height_(x.dimension(1)), width_(x.dimension(2)), channels_(x.dimension(3)), side_(side) {}

  long width() const { return side_ * side_ * channels_; }

  // Rows [first, first + count).
  void copy(long first, long count, float* to) const {
    const long segment = side_ * channels_;
    for (long row = first; row < first + count; row++) {
      const long ox = row % window_.outputWidth, oy = row / window_.outputWidth % window_.outputHeight, b = row / window_.outputWidth / window_.outputHeight;
      const long x = ox * window_.stride - window_.left, y = oy * window_.stride - window_.top;
      const long low = std::clamp(-x, 0L, side_), high = std::clamp(width_ - x, low, side_);
      for (long ky = 0; ky < side_; ky++, to += segment) {
        if (y + ky < 0 || y + ky >= height_) {
          std::fill_n(to, segment, 0.0f);
          continue;
        }
        const float* from = image_ + ((b * height_ + y + ky) * width_ + x) * channels_;
        if (high - low < side_) {
          std::fill_n(to, segment, 0.0f);
          std::copy(from + low * channels_, from + high * channels_, to + low * channels_);
          continue;
        }
        // Few numbers: in line, no call.
        long at = 0;
        for (; at + lanes <= segment; at += lanes) Eight::write(to + at, Eight::read(from + at));
        for (; at < segment; at++) to[at] = from[at];
      }
    }
  }

 private:
  const Window window_;
  const float* const image_;
  const long height_, width_, channels_, side_;
};

}  // namespace cultivar
