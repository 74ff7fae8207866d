// Batch-norm on the statistics of the batch with the rectifier behind it, and the gradient of both: every value is read
// twice and written once, in either direction. x [..., C]; channels stand last. (Ioffe & Szegedy 2015)
#include <algorithm>
#include <cmath>

#include "operator.h"
#include "parallel.h"

namespace cultivar {
namespace {

struct Settings {
  float epsilon;
  // Of the rectifier: infinity for relu; negative for none.
  float ceiling;
};

void* create(TF_OpKernelConstruction* construction) {
  return new Settings{floatAttribute(construction, "epsilon"), floatAttribute(construction, "ceiling")};
}
void destroy(void* settings) { delete static_cast<Settings*>(settings); }

// Rows whose sums are held in single precision; sums of such runs are added in double.
constexpr long run = 128;

long rowsAtLeast(long channels) { return std::max(run, 16384 / channels); }

// f(row, sumA, sumB) adds to two sums for each channel; their totals over all rows.
template <typename Add>
void sums(long rows, long channels, std::vector<double>& first, std::vector<double>& second, const Add& add) {
  const int parts = shares(rows, rowsAtLeast(channels));
  std::vector<double> totals(2 * channels * parts, 0.0);
  share(rows, parts, [&](long begin, long end, int part) {
    double* total = totals.data() + 2 * channels * part;
    std::vector<float> held(2 * channels);
    float* a = held.data();
    float* b = a + channels;
    for (long from = begin; from < end; from += run) {
      const long to = std::min(from + run, end);
      std::fill(held.begin(), held.end(), 0.0f);
      add(from, to, a, b);
      for (long c = 0; c < 2 * channels; c++) total[c] += held[c];
    }
  });
  first.assign(channels, 0.0);
  second.assign(channels, 0.0);
  for (int part = 0; part < parts; part++) {
    const double* total = totals.data() + 2 * channels * part;
    for (long c = 0; c < channels; c++) {
      first[c] += total[c];
      second[c] += total[channels + c];
    }
  }
}

// z = x scale + shift; y = f(z).
template <bool rectified>
void normalise(const float* __restrict x, float* __restrict y, const float* __restrict scale, const float* __restrict shift, float ceiling, long rows, long channels) {
  for (long row = 0; row < rows; row++, x += channels, y += channels) {
    for (long c = 0; c < channels; c++) {
      const float z = x[c] * scale[c] + shift[c];
      y[c] = rectified ? std::min(std::max(z, 0.0f), ceiling) : z;
    }
  }
}

// gamma [C], beta [C] -> y, mean [C], unbiased variance [C], 1 / sqrt(variance + epsilon) [C]
void forward(void* settings, TF_OpKernelContext* context) {
  const auto [epsilon, ceiling] = *static_cast<Settings*>(settings);
  Call call(context);
  const Tensor x = call.input(0), gamma = call.input(1), beta = call.input(2);
  if (!call.good()) return;
  const long channels = x.dimension(-1), rows = channels > 0 ? x.size() / channels : 0;
  if (!call.require(rows > 0 && gamma.size() == channels && beta.size() == channels, "batch-norm: one scale and one offset for each channel")) return;
  const Tensor y = call.output(0, x.shape()), mean = call.output(1, {channels}), variance = call.output(2, {channels}), inverse = call.output(3, {channels});
  if (!call.good()) return;

  const float* from = x.floats();
  std::vector<double> sum, square;
  // Around the first row, so that a mean far from zero costs no precision.
  sums(rows, channels, sum, square, [&](long begin, long end, float* __restrict a, float* __restrict b) {
    const float* __restrict centre = from;
    long row = begin;
    for (; row + 4 <= end; row += 4) {
      const float* __restrict p = from + row * channels;
      const float *__restrict q = p + channels, *__restrict r = q + channels, *__restrict s = r + channels;
      for (long c = 0; c < channels; c++) {
        const float w = p[c] - centre[c], t = q[c] - centre[c], u = r[c] - centre[c], v = s[c] - centre[c];
        a[c] += (w + t) + (u + v);
        b[c] += (w * w + t * t) + (u * u + v * v);
      }
    }
    for (; row < end; row++) {
      const float* __restrict p = from + row * channels;
      for (long c = 0; c < channels; c++) {
        const float w = p[c] - centre[c];
        a[c] += w;
        b[c] += w * w;
      }
    }
  });
  std::vector<float> scale(channels), shift(channels);
  for (long c = 0; c < channels; c++) {
    const double drift = sum[c] / rows;
    const double spread = std::max(square[c] / rows - drift * drift, 0.0);
    const double mu = from[c] + drift;
    const double over = 1.0 / std::sqrt(spread + epsilon);
    mean.floats()[c] = static_cast<float>(mu);
    variance.floats()[c] = static_cast<float>(spread * rows / std::max(rows - 1, 1L));
    inverse.floats()[c] = static_cast<float>(over);
    scale[c] = static_cast<float>(over) * gamma.floats()[c];
    shift[c] = beta.floats()[c] - static_cast<float>(mu) * scale[c];
  }
  share(rows, shares(rows, rowsAtLeast(channels)), [&](long begin, long end, int) {
    auto* go = ceiling < 0 ? normalise<false> : normalise<true>;
    go(from + begin * channels, y.floats() + begin * channels, scale.data(), shift.data(), ceiling, end - begin, channels);
  });
}

// dy where the rectifier lets it through. Without a branch: the compiler makes vectors of it.
template <bool rectified>
inline float passed(float dy, float z, float ceiling) {
  if (!rectified) return dy;
  return ((z > 0.0f) & (z < ceiling)) ? dy : 0.0f;
}

// dy, x, gamma, beta, mean, inverse -> dx, dgamma, dbeta. With h = (x - mean) inverse and g = dy where the rectifier lets it
// through: dbeta = sum g, dgamma = sum g h, dx = gamma inverse (g - dbeta / N - h dgamma / N).
template <bool rectified>
void gradient(const Settings& settings, Call& call, const Tensor& dy, const Tensor& x, const Tensor& gamma, const Tensor& beta, const Tensor& mean, const Tensor& inverse) {
  const long channels = x.dimension(-1), rows = x.size() / channels;
  const Tensor dx = call.output(0, x.shape()), dGamma = call.output(1, {channels}), dBeta = call.output(2, {channels});
  if (!call.good()) return;
  const float ceiling = settings.ceiling;
  std::vector<float> scales(channels), shifts(channels);
  for (long c = 0; c < channels; c++) {
    scales[c] = inverse.floats()[c] * gamma.floats()[c];
    shifts[c] = beta.floats()[c] - mean.floats()[c] * scales[c];
  }
  const float *scale = scales.data(), *shift = shifts.data(), *mu = mean.floats();
  std::vector<double> sum, product;
  sums(rows, channels, sum, product, [&](long begin, long end, float* __restrict a, float* __restrict b) {
    for (long row = begin; row < end; row++) {
      const float *__restrict p = x.floats() + row * channels, *__restrict d = dy.floats() + row * channels;
      for (long c = 0; c < channels; c++) {
        const float z = p[c] * scale[c] + shift[c];
        const float g = passed<rectified>(d[c], z, ceiling);
        a[c] += g;
        b[c] += g * (p[c] - mu[c]);
      }
    }
  });
  // dx = g scale - x slope - level, with all that depends on the channel alone brought together.
  std::vector<float> slopes(channels), levels(channels);
  for (long c = 0; c < channels; c++) {
    const double over = inverse.floats()[c];
    dBeta.floats()[c] = static_cast<float>(sum[c]);
    dGamma.floats()[c] = static_cast<float>(product[c] * over);
    const double slope = scale[c] * over * over * product[c] / rows;
    slopes[c] = static_cast<float>(slope);
    levels[c] = static_cast<float>(scale[c] * sum[c] / rows);
  }
  const float *slope = slopes.data(), *level = levels.data();
  share(rows, shares(rows, rowsAtLeast(channels)), [&](long begin, long end, int) {
    for (long row = begin; row < end; row++) {
      const float *__restrict p = x.floats() + row * channels, *__restrict d = dy.floats() + row * channels;
      float* __restrict to = dx.floats() + row * channels;
      for (long c = 0; c < channels; c++) {
        const float z = p[c] * scale[c] + shift[c];
        const float g = passed<rectified>(d[c], z, ceiling);
        to[c] = g * scale[c] - (p[c] - mu[c]) * slope[c] - level[c];
      }
    }
  });
}

void backward(void* given, TF_OpKernelContext* context) {
  const Settings& settings = *static_cast<Settings*>(given);
  Call call(context);
  const Tensor dy = call.input(0), x = call.input(1), gamma = call.input(2), beta = call.input(3), mean = call.input(4), inverse = call.input(5);
  if (!call.good()) return;
  const long channels = x.dimension(-1);
  if (!call.require(channels > 0 && dy.size() == x.size() && gamma.size() == channels && beta.size() == channels && mean.size() == channels && inverse.size() == channels,
                    "batch-norm: what its gradient is given does not fit together")) return;
  if (settings.ceiling < 0) gradient<false>(settings, call, dy, x, gamma, beta, mean, inverse);
  else gradient<true>(settings, call, dy, x, gamma, beta, mean, inverse);
}

}  // namespace

bool defineBatchNormalization() {
  return define("CultivarBatchNorm", {"x: float", "gamma: float", "beta: float"}, {"y: float", "mean: float", "variance: float", "inverse: float"}, {"epsilon: float", "ceiling: float"},
                create, forward, destroy) &&
         define("CultivarBatchNormGrad", {"dy: float", "x: float", "gamma: float", "beta: float", "mean: float", "inverse: float"}, {"dx: float", "dgamma: float", "dbeta: float"},
                {"epsilon: float", "ceiling: float"}, create, backward, destroy);
}

}  // namespace cultivar
