// Batch-norm on the statistics of the batch, taken apart: what it comes to for each channel; applying it; and the two sums that its
// gradient needs. Whoever reads or writes a tensor anyway does these on the way, and saves a pass over memory. (Ioffe & Szegedy 2015)
#pragma once

#include <algorithm>
#include <cmath>
#include <vector>

#include "operator.h"
#include "parallel.h"

namespace cultivar {

// [4, C]: z = x scale + shift, with scale = gamma inverse, shift = beta - mean scale, inverse = 1 / sqrt(variance + epsilon).
// A tensor of no size stands for none: z = x.
struct Affine {
  const float *scale = nullptr, *shift = nullptr, *mean = nullptr, *inverse = nullptr;
  explicit Affine(const Tensor& from) {
    if (from.size() == 0) return;
    const long channels = from.size() / 4;
    scale = from.floats();
    shift = scale + channels;
    mean = shift + channels;
    inverse = mean + channels;
  }
  bool there() const { return scale != nullptr; }
};

// [2, C]: how far dx falls with x, and for all x alike. dx = g scale - (x - mean) slope - level.
struct Slopes {
  const float *slope, *level;
  explicit Slopes(const Tensor& from) : slope(from.floats()), level(from.floats() + from.size() / 2) {}
};

// dy where the rectifier lets it through. Without a branch: the compiler makes vectors of it.
template <bool rectified>
inline float passed(float dy, float z, float ceiling) {
  if (!rectified) return dy;
  return ((z > 0.0f) & (z < ceiling)) ? dy : 0.0f;
}

// The same for many, from the result y = f(z).
inline void pass(const float* __restrict dy, const float* __restrict y, float* __restrict to, float ceiling, long size) {
  for (long at = 0; at < size; at++) to[at] = passed<true>(dy[at], y[at], ceiling);
}

inline void passInPlace(float* __restrict dy, const float* __restrict y, float ceiling, long size) {
  for (long at = 0; at < size; at++) dy[at] = passed<true>(dy[at], y[at], ceiling);
}

// y = f(x scale + shift); the rectifier f has no ceiling, one, or (negative) is not there.
template <bool rectified>
inline void normaliseRows(const float* __restrict x, float* __restrict y, const Affine& affine, float ceiling, long rows, long channels) {
  const float *__restrict scale = affine.scale, *__restrict shift = affine.shift;
  for (long row = 0; row < rows; row++, x += channels, y += channels) {
    for (long c = 0; c < channels; c++) {
      const float z = x[c] * scale[c] + shift[c];
      y[c] = rectified ? std::min(std::max(z, 0.0f), ceiling) : z;
    }
  }
}
inline void normalise(const float* x, float* y, const Affine& affine, float ceiling, long rows, long channels) {
  (ceiling < 0 ? normaliseRows<false> : normaliseRows<true>)(x, y, affine, ceiling, rows, channels);
}

// dx of the above and of the statistics, from dz.
template <bool rectified>
inline void gradientRows(const float* __restrict dz, const float* __restrict x, float* __restrict dx, const Affine& affine, const Slopes& slopes, float ceiling, long rows, long channels) {
  const float *__restrict scale = affine.scale, *__restrict shift = affine.shift, *__restrict mean = affine.mean;
  const float *__restrict slope = slopes.slope, *__restrict level = slopes.level;
  for (long row = 0; row < rows; row++, x += channels, dz += channels, dx += channels) {
    for (long c = 0; c < channels; c++) {
      const float g = passed<rectified>(dz[c], x[c] * scale[c] + shift[c], ceiling);
      dx[c] = g * scale[c] - (x[c] - mean[c]) * slope[c] - level[c];
    }
  }
}
inline void normaliseGradient(const float* dz, const float* x, float* dx, const Affine& affine, const Slopes& slopes, float ceiling, long rows, long channels) {
  (ceiling < 0 ? gradientRows<false> : gradientRows<true>)(dz, x, dx, affine, slopes, ceiling, rows, channels);
}

// Room of this thread for rows on their way.
template <int which>
inline float* room(long size) {
  static thread_local std::vector<float> values;
  if (static_cast<long>(values.size()) < size) values.resize(size);
  return values.data();
}

// Two sums for each channel, by parts of the work: in single precision for some rows, in double beyond them, and over the parts
// in their order, whoever computed them: the same sum every time.
class Sums {
 public:
  Sums(int parts, long channels) : channels_(channels), totals_(2 * channels * parts, 0.0), parts_(parts) {}

  // add(a, b) adds to the sums of one part.
  template <typename Add>
  void add(int part, const Add& add) {
    static thread_local std::vector<float> held;
    held.assign(2 * channels_, 0.0f);
    add(held.data(), held.data() + channels_);
    double* total = totals_.data() + 2 * channels_ * part;
    for (long c = 0; c < 2 * channels_; c++) total[c] += held[c];
  }

  // The totals: all the first ones, then all the second ones.
  std::vector<double> all() const {
    std::vector<double> sum(2 * channels_, 0.0);
    for (int part = 0; part < parts_; part++)
      for (long c = 0; c < 2 * channels_; c++) sum[c] += totals_[2 * channels_ * part + c];
    return sum;
  }

 private:
  const long channels_;
  std::vector<double> totals_;
  const int parts_;
};

// Sums of x - centre and of its square. Around a value that occurs, so that a mean far from zero costs no precision.
inline void addSpread(const float* __restrict x, const float* __restrict centre, long rows, long channels, float* __restrict a, float* __restrict b) {
  long row = 0;
  for (; row + 4 <= rows; row += 4, x += 4 * channels) {
    const float *__restrict q = x + channels, *__restrict r = q + channels, *__restrict s = r + channels;
    for (long c = 0; c < channels; c++) {
      const float w = x[c] - centre[c], t = q[c] - centre[c], u = r[c] - centre[c], v = s[c] - centre[c];
      a[c] += (w + t) + (u + v);
      b[c] += (w * w + t * t) + (u * u + v * v);
    }
  }
  for (; row < rows; row++, x += channels) {
    for (long c = 0; c < channels; c++) {
      const float w = x[c] - centre[c];
      a[c] += w;
      b[c] += w * w;
    }
  }
}

// From those sums: what batch-norm comes to, the mean [C] and the unbiased variance [C].
inline void settle(const std::vector<double>& sums, const float* centre, const float* gamma, const float* beta, float epsilon, long rows, long channels, float* affine, float* average, float* variance) {
  for (long c = 0; c < channels; c++) {
    const double drift = sums[c] / rows;
    const double spread = std::max(sums[channels + c] / rows - drift * drift, 0.0);
    const double mean = centre[c] + drift, inverse = 1.0 / std::sqrt(spread + epsilon);
    const float scale = static_cast<float>(inverse) * gamma[c];
    average[c] = static_cast<float>(mean);
    variance[c] = static_cast<float>(spread * rows / std::max(rows - 1, 1L));
    affine[c] = scale;
    affine[channels + c] = beta[c] - static_cast<float>(mean) * scale;
    affine[2 * channels + c] = average[c];
    affine[3 * channels + c] = static_cast<float>(inverse);
  }
}

// Sums of g, which is dz where the rectifier lets it through, and of g (x - mean).
template <bool rectified>
inline void momentRows(const float* __restrict dz, const float* __restrict x, const Affine& affine, float ceiling, long rows, long channels, float* __restrict a, float* __restrict b) {
  const float *__restrict scale = affine.scale, *__restrict shift = affine.shift, *__restrict mean = affine.mean;
  for (long row = 0; row < rows; row++, x += channels, dz += channels) {
    for (long c = 0; c < channels; c++) {
      const float g = passed<rectified>(dz[c], x[c] * scale[c] + shift[c], ceiling);
      a[c] += g;
      b[c] += g * (x[c] - mean[c]);
    }
  }
}
inline void addMoments(const float* dz, const float* x, const Affine& affine, float ceiling, long rows, long channels, float* a, float* b) {
  (ceiling < 0 ? momentRows<false> : momentRows<true>)(dz, x, affine, ceiling, rows, channels, a, b);
}

// From those sums: dgamma = inverse sum g (x - mean), dbeta = sum g, and the slopes of dx = scale (g - dbeta / N - (x - mean) inverse dgamma / N).
inline void settleGradient(const std::vector<double>& sums, const Affine& affine, long rows, long channels, float* dGamma, float* dBeta, float* slopes) {
  for (long c = 0; c < channels; c++) {
    const double inverse = affine.inverse[c], product = sums[channels + c];
    dBeta[c] = static_cast<float>(sums[c]);
    dGamma[c] = static_cast<float>(product * inverse);
    slopes[c] = static_cast<float>(affine.scale[c] * inverse * inverse * product / rows);
    slopes[channels + c] = static_cast<float>(affine.scale[c] * sums[c] / rows);
  }
}

}  // namespace cultivar
