// Convolution with a 1 x 1 filter: a product of matrices for each block of rows, with what stands before and behind it done while
// the block is in the cache. x [..., K], filter [1,1,K,N], y [..., N].
// Frozen batch-norm: y = f(x W scale + bias). Batch-norm that trains: y = n(x) W, where n is the batch-norm and rectifier before it, and
// the statistics of y are taken on the way; y itself is normalised by whoever reads it. (Chen et al. 2018 do the same for GPUs)
#include "matrix.h"
#include "normalisation.h"

namespace cultivar {
namespace {

struct Settings {
  // Of the rectifiers before and behind: infinity for relu; negative for none.
  float before, ceiling;
  float epsilon;
  // Whether anybody reads dx, and dbias.
  bool input, offset;
};

void* create(TF_OpKernelConstruction* construction) {
  return new Settings{floatAttribute(construction, "before"), floatAttribute(construction, "ceiling"), floatAttribute(construction, "epsilon"), false, false};
}
void* createGradient(TF_OpKernelConstruction* construction) {
  return new Settings{floatAttribute(construction, "before"), floatAttribute(construction, "ceiling"), 0.0f, floatAttribute(construction, "input") > 0, floatAttribute(construction, "offset") > 0};
}
void destroy(void* settings) { delete static_cast<Settings*>(settings); }

// Rows that are worked on together, with what they are made of and come to: some 200 kB.
long blockOf(long left, long right) { return std::clamp(49152 / (left + right), 4L * tileRows, 32L * tileRows) / tileRows * tileRows; }

bool fits(Call& call, const Tensor& x, const Tensor& filter, const Tensor& before, const Tensor& scale) {
  return call.require(TF_NumDims(filter.handle) == 4 && filter.dimension(0) == 1 && filter.dimension(1) == 1 && filter.dimension(2) == x.dimension(-1) && x.size() > 0 &&
                          (before.size() == 0 || before.size() == 4 * x.dimension(-1)) && (scale.size() == 0 || scale.size() == filter.dimension(3)),
                      "pointwise convolution: input and filter do not fit together");
}

const float* factors(const Tensor& scale) { return scale.size() == 0 ? nullptr : scale.floats(); }

// y = f(y + bias)
void rectify(float* __restrict y, const float* __restrict bias, float ceiling, long rows, long channels) {
  for (long row = 0; row < rows; row++, y += channels) {
    if (ceiling < 0) {
      for (long c = 0; c < channels; c++) y[c] += bias[c];
    } else {
      for (long c = 0; c < channels; c++) y[c] = std::min(std::max(y[c] + bias[c], 0.0f), ceiling);
    }
  }
}

// x, before [4,K] or [0], filter, its scale [N] or [0], bias [N] or [0], gamma [N] or [0], beta -> y, affine [4,N] or [0], mean and variance [N] or [0]
void forward(void* given, TF_OpKernelContext* context) {
  const Settings& settings = *static_cast<Settings*>(given);
  Call call(context);
  const Tensor x = call.input(0), normalised = call.input(1), filter = call.input(2), scale = call.input(3), bias = call.input(4), gamma = call.input(5), beta = call.input(6);
  if (!call.good() || !fits(call, x, filter, normalised, scale)) return;
  const long left = filter.dimension(2), right = filter.dimension(3), rows = x.size() / left;
  const bool trains = gamma.size() > 0;
  if (!call.require((bias.size() == 0 || bias.size() == right) && (!trains || (gamma.size() == right && beta.size() == right && bias.size() == 0)),
                    "pointwise convolution: one offset, or one scale, for each channel")) return;
  std::vector<int64_t> shape = x.shape();
  shape.back() = right;
  const Tensor y = call.output(0, shape), affine = trains ? call.output(1, {4, right}) : call.output(1, {0}), mean = call.output(2, {trains ? right : 0}), variance = call.output(3, {trains ? right : 0});
  if (!call.good()) return;

  const Affine before(normalised);
  const Panels panels(filter.floats(), left, right, right, 1, factors(scale));
  const auto read = [&](long first, long count) -> const float* {
    const float* from = x.floats() + first * left;
    if (!before.there()) return from;
    float* to = room<0>(count * left);
    normalise(from, to, before, settings.before, count, left);
    return to;
  };
  std::vector<float> centre(right);
  if (trains) panels.multiply(read(0, 1), 1, centre.data());
  const std::vector<float> none(bias.size() == 0 ? right : 0, 0.0f);
  const float* offset = bias.size() == 0 ? none.data() : bias.floats();
  const long block = blockOf(left, right), blocks = (rows + block - 1) / block;
  const int parts = shares(blocks, 1);
  Sums sums(trains ? parts : 0, right);
  share(blocks, parts, [&](long begin, long end, int part) {
    for (long first = begin * block; first < std::min(end * block, rows); first += block) {
      const long count = std::min(block, rows - first);
      float* to = y.floats() + first * right;
      panels.multiply(read(first, count), count, to);
      if (trains) sums.add(part, [&](float* a, float* b) { addSpread(to, centre.data(), count, right, a, b); });
      else if (settings.ceiling >= 0 || bias.size() > 0) rectify(to, offset, settings.ceiling, count, right);
    }
  });
  if (trains) settle(sums.all(), centre.data(), gamma.floats(), beta.floats(), settings.epsilon, rows, right, affine.floats(), mean.floats(), variance.floats());
}

// dz, y (of no size where nobody asks for it), affine and slopes of y or [0], x, before or [0], filter, scale
// -> dx (before its rectifier and batch-norm, if there are any), dfilter, dbias, and of the batch-norm before: dgamma, dbeta, slopes
void backward(void* given, TF_OpKernelContext* context) {
  const Settings& settings = *static_cast<Settings*>(given);
  Call call(context);
  const Tensor dz = call.input(0), y = call.input(1), own = call.input(2), givenSlopes = call.input(3), x = call.input(4), normalised = call.input(5), filter = call.input(6), scale = call.input(7);
  if (!call.good() || !fits(call, x, filter, normalised, scale)) return;
  const long left = filter.dimension(2), right = filter.dimension(3), rows = x.size() / left;
  const bool trains = own.size() > 0, rectified = !trains && settings.ceiling >= 0;
  if (!call.require(dz.size() == rows * right && (!(trains || rectified) || y.size() == dz.size()) && (!trains || (own.size() == 4 * right && givenSlopes.size() == 2 * right)),
                    "pointwise convolution: what its gradient is given does not fit together")) return;
  const Affine before(normalised), behind(own);
  const Slopes slopes(givenSlopes);
  const long channels = before.there() ? left : 0;
  const Tensor dx = settings.input ? call.output(0, x.shape()) : call.output(0, {0}), dFilter = call.output(1, filter.shape()), dBias = call.output(2, {settings.offset ? right : 0});
  const Tensor dGamma = call.output(3, {channels}), dBeta = call.output(4, {channels}), slopesBefore = call.output(5, {2, channels});
  if (!call.good()) return;

  const Panels panels(filter.floats(), right, left, 1, right, nullptr, factors(scale));
  const long block = blockOf(left, right), blocks = (rows + block - 1) / block;
  // Each has its own sums of the filter's gradient: few of them where it is large.
  const int parts = static_cast<int>(std::min<long>(shares(blocks, 1), left * right > 65536 ? Crew::instance().size() : blocks));
  Sums sums(before.there() ? parts : 0, left), offsets(settings.offset ? parts : 0, right);
  const std::unique_ptr<float[]> totals(new float[parts * left * right]);
  share(blocks, parts, [&](long begin, long end, int part) {
    float* total = totals.get() + part * left * right;
    std::fill_n(total, left * right, 0.0f);
    for (long first = begin * block; first < std::min(end * block, rows); first += block) {
      const long count = std::min(block, rows - first);
      const float* from = x.floats() + first * left;
      const float *d = dz.floats() + first * right, *result = y.floats() + first * right;
      const float *z = from, *dy = d;
      if (trains) {
        float* to = room<0>(count * right);
        normaliseGradient(d, result, to, behind, slopes, settings.ceiling, count, right);
        dy = to;
      } else if (rectified) {
        float* to = room<0>(count * right);
        pass(d, result, to, settings.ceiling, count * right);
        dy = to;
      }
      if (before.there()) {
        float* to = room<1>(count * left);
        normalise(from, to, before, settings.before, count, left);
        z = to;
      }
      if (settings.offset) {
        offsets.add(part, [&](float* __restrict a, float*) {
          const float* __restrict g = dy;
          for (long row = 0; row < count; row++, g += right)
            for (long c = 0; c < right; c++) a[c] += g[c];
        });
      }
      addProduct(z, left, dy, right, count, total);
      if (!settings.input) continue;
      float* to = dx.floats() + first * left;
      panels.multiply(dy, count, to);
      if (before.there()) sums.add(part, [&](float* a, float* b) { addMoments(to, from, before, settings.before, count, left, a, b); });
    }
  });
  share(left * right, shares(left * right, 16384), [&](long begin, long end, int) {
    float* __restrict to = dFilter.floats();
    std::copy(totals.get() + begin, totals.get() + end, to + begin);
    for (int part = 1; part < parts; part++) {
      const float* __restrict more = totals.get() + part * left * right;
      for (long at = begin; at < end; at++) to[at] += more[at];
    }
    if (scale.size() > 0)
      for (long at = begin; at < end; at++) to[at] *= scale.floats()[at % right];
  });
  if (settings.offset) {
    const std::vector<double> sum = offsets.all();
    for (long c = 0; c < right; c++) dBias.floats()[c] = static_cast<float>(sum[c]);
  }
  if (before.there()) settleGradient(sums.all(), before, rows, left, dGamma.floats(), dBeta.floats(), slopesBefore.floats());
}

}  // namespace

bool definePointwiseConvolution() {
  return define("CultivarPointwise", {"x: float", "normalised: float", "filter: float", "scale: float", "bias: float", "gamma: float", "beta: float"}, {"y: float", "affine: float", "mean: float", "variance: float"},
                {"before: float", "ceiling: float", "epsilon: float"}, create, forward, destroy) &&
         define("CultivarPointwiseGrad", {"dz: float", "y: float", "affine: float", "slopes: float", "x: float", "normalised: float", "filter: float", "scale: float"},
                {"dx: float", "dfilter: float", "dbias: float", "dgamma: float", "dbeta: float", "slopesbefore: float"}, {"before: float", "ceiling: float", "input: float", "offset: float"}, createGradient,
                backward, destroy);
}

}  // namespace cultivar
