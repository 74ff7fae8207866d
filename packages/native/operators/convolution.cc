// Convolution as a product of matrices for each block of rows, with what stands before and behind it done while the block is in the
// cache. x [..., K], filter [1,1,K,N], y [..., N]. A larger filter [S,S,C,N] sees patches of x [B,H,W,C], K = S S C; its gradient knows no dx.
// Frozen batch-norm: y = f(x W scale + bias). Batch-norm that trains: y = n(x) W, where n is the batch-norm and rectifier before it, and
// the statistics of y are taken on the way; y itself is normalised by whoever reads it. (Chen et al. 2018 do the same for GPUs)
#include "matrix.h"
#include "normalisation.h"
#include "patches.h"

namespace cultivar {
namespace {

struct Settings {
  Window window;
  // Of the rectifiers before and behind: infinity for relu; negative for none.
  float before, ceiling;
  float epsilon;
  // Whether anybody reads dx, and dbias.
  bool input, offset;
};

void* create(TF_OpKernelConstruction* construction) {
  return new Settings{windowAttribute(construction), floatAttribute(construction, "before"), floatAttribute(construction, "ceiling"), floatAttribute(construction, "epsilon"), false, false};
}
void* createGradient(TF_OpKernelConstruction* construction) {
  return new Settings{windowAttribute(construction), floatAttribute(construction, "before"), floatAttribute(construction, "ceiling"), 0.0f, floatAttribute(construction, "input") > 0, floatAttribute(construction, "offset") > 0};
}
void destroy(void* settings) { delete static_cast<Settings*>(settings); }

// Rows that are worked on together, with what they are made of and come to: some 200 kB.
long blockOf(long left, long right) { return std::clamp(49152 / (left + right), 4L * tileRows, 32L * tileRows) / tileRows * tileRows; }

bool isPointwise(const Tensor& filter) { return filter.dimension(0) == 1 && filter.dimension(1) == 1; }

bool fits(Call& call, const Window& window, const Tensor& x, const Tensor& filter, const Tensor& before, const Tensor& scale) {
  if (!call.require(TF_NumDims(x.handle) == 4 && TF_NumDims(filter.handle) == 4 && filter.dimension(2) == x.dimension(-1) && x.size() > 0 && (scale.size() == 0 || scale.size() == filter.dimension(3)),
                    "convolution: input and filter do not fit together")) return false;
  if (isPointwise(filter)) return call.require(before.size() == 0 || before.size() == 4 * x.dimension(-1), "convolution: the batch-norm before it has other channels");
  return call.require(filter.dimension(0) == filter.dimension(1) && before.size() == 0 && window.stride > 0 && window.outputHeight > 0 && window.outputWidth > 0,
                      "convolution: a square window, and nothing before it");
}

// Places that the window stands at, in all images.
long rowsOf(const Window& window, const Tensor& x, const Tensor& filter) {
  return isPointwise(filter) ? x.size() / filter.dimension(2) : x.dimension(0) * window.outputHeight * window.outputWidth;
}

const float* factors(const Tensor& scale) { return scale.size() == 0 ? nullptr : scale.floats(); }

// f(y + bias), on the way from the registers to memory. `bias` is filled up to whole vectors.
struct Offset {
  const float* bias;
  Vector operator()(Vector y, long, long column) const { return y + Eight::read(bias + column); }
};
struct Rectified {
  const float* bias;
  float ceiling;
  Vector operator()(Vector y, long, long column) const { return held(y + Eight::read(bias + column), ceiling); }
};

// The gradient of what a rectifier wrote, where that let it through. Whole vectors only: rows of a multiple of eight numbers.
struct PassedOn {
  const float* x;
  long channels;
  float ceiling;
  Vector operator()(Vector dx, long row, long column) const {
    const Vector z = Eight::read(x + row * channels + column), zero = {};
    return (z > zero) & (z < zero + ceiling) ? dx : zero;
  }
};

// Tensors of so many numbers do not stay in the caches: what is read next is fetched while something is computed.
constexpr long large = 4000000;

// x, before [4,K] or [0], filter, its scale [N] or [0], bias [N] or [0], gamma [N] or [0], beta -> y, affine [4,N] or [0], mean and variance [N] or [0]
void forward(void* given, TF_OpKernelContext* context) {
  const Settings& settings = *static_cast<Settings*>(given);
  Call call(context);
  const Tensor x = call.input(0), normalised = call.input(1), filter = call.input(2), scale = call.input(3), bias = call.input(4), gamma = call.input(5), beta = call.input(6);
  if (!call.good() || !fits(call, settings.window, x, filter, normalised, scale)) return;
  const bool pointwise = isPointwise(filter);
  const Patches patches(settings.window, x, filter.dimension(0));
  const long left = patches.width(), right = filter.dimension(3), rows = rowsOf(settings.window, x, filter);
  std::vector<int64_t> shape = pointwise ? x.shape() : std::vector<int64_t>{x.dimension(0), settings.window.outputHeight, settings.window.outputWidth, 0};
  shape.back() = right;
  const bool trains = gamma.size() > 0;
  if (!call.require((bias.size() == 0 || bias.size() == right) && (!trains || (gamma.size() == right && beta.size() == right && bias.size() == 0)),
                    "convolution: one offset, or one scale, for each channel")) return;
  const Tensor y = call.output(0, shape), affine = trains ? call.output(1, {4, right}) : call.output(1, {0}), mean = call.output(2, {trains ? right : 0}), variance = call.output(3, {trains ? right : 0});
  if (!call.good()) return;

  const Affine before(normalised);
  const Panels panels(filter.floats(), left, right, right, 1, factors(scale));
  const float* values = x.floats();
  const auto read = [&](long first, long count) -> const float* {
    const float* from = values + first * left;
    if (pointwise && !before.there()) return from;
    float* to = room<0>(count * left);
    if (pointwise) normalise(from, to, before, settings.before, count, left);
    else patches.copy(first, count, to);
    return to;
  };
  std::vector<float> centre(right);
  if (trains) panels.multiply(read(0, 1), 1, centre.data());
  std::vector<float> offset((right + tileColumns) / lanes * lanes, 0.0f);
  if (bias.size() > 0) std::copy_n(bias.floats(), right, offset.begin());
  const long block = blockOf(left, right), blocks = (rows + block - 1) / block;
  const int parts = shares(blocks, 1);
  Sums sums(trains ? parts : 0, right);
  share(blocks, parts, [&](long begin, long end, int part) {
    for (long first = begin * block; first < std::min(end * block, rows); first += block) {
      const long count = std::min(block, rows - first);
      float* to = y.floats() + first * right;
      const float* from = read(first, count);
      if (settings.ceiling >= 0 && !trains) panels.multiply(from, count, to, Rectified{offset.data(), settings.ceiling});
      else if (bias.size() > 0) panels.multiply(from, count, to, Offset{offset.data()});
      else panels.multiply(from, count, to);
      if (trains) sums.add(part, [&](float* a, float* b) { addSpread(to, centre.data(), count, right, a, b); });
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
  if (!call.good() || !fits(call, settings.window, x, filter, normalised, scale)) return;
  const bool pointwise = isPointwise(filter);
  const Patches patches(settings.window, x, filter.dimension(0));
  const long left = patches.width(), right = filter.dimension(3), rows = rowsOf(settings.window, x, filter);
  // The rectifier behind is gone through here, unless whoever read its result has done it; so is the one before, where x is its result.
  const bool trains = own.size() > 0, rectified = !trains && settings.ceiling >= 0, masked = normalised.size() == 0 && settings.before >= 0;
  if (!call.require((pointwise || !settings.input) && dz.size() == rows * right && (!(trains || rectified) || y.size() == dz.size()) && (!trains || (own.size() == 4 * right && givenSlopes.size() == 2 * right)),
                    "convolution: what its gradient is given does not fit together")) return;
  const Affine before(normalised), behind(own);
  const Slopes slopes(givenSlopes);
  const long channels = before.there() ? left : 0;
  const Tensor dx = settings.input ? call.output(0, x.shape()) : call.output(0, {0}), dFilter = call.output(1, filter.shape()), dBias = call.output(2, {settings.offset ? right : 0});
  const Tensor dGamma = call.output(3, {channels}), dBeta = call.output(4, {channels}), slopesBefore = call.output(5, {2, channels});
  if (!call.good()) return;

  const Panels panels(filter.floats(), settings.input ? right : 0, left, 1, right, nullptr, factors(scale));
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
      const float* from = pointwise ? x.floats() + first * left : nullptr;
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
      if (!pointwise) {
        float* to = room<1>(count * left);
        patches.copy(first, count, to);
        z = to;
      } else if (before.there()) {
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
      const bool fetches = rows * std::max(left, right) > large;
      const float *nextLeft = pointwise ? from + count * left : nullptr, *nextRight = d + count * right;
      addProduct(z, left, dy, right, count, total, fetches ? Ahead{nextLeft, nextLeft} : Ahead(), fetches ? Ahead{nextRight, trains || rectified ? result + count * right : nextRight} : Ahead());
      if (!settings.input) continue;
      float* to = dx.floats() + first * left;
      if (!masked) panels.multiply(dy, count, to);
      else if (left % lanes == 0) panels.multiply(dy, count, to, PassedOn{from, left, settings.before});
      else {
        panels.multiply(dy, count, to);
        passInPlace(to, from, settings.before, count * left);
      }
      if (before.there()) sums.add(part, [&](float* a, float* b) { addMoments(to, from, before, settings.before, count, left, a, b); });
    }
  });
  const float* factor = factors(scale);
  share(left, shares(left * right, 16384), [&](long begin, long end, int) {
    float* __restrict to = dFilter.floats();
    std::copy(totals.get() + begin * right, totals.get() + end * right, to + begin * right);
    for (int part = 1; part < parts; part++) {
      const float* __restrict more = totals.get() + part * left * right;
      for (long at = begin * right; at < end * right; at++) to[at] += more[at];
    }
    for (long row = begin; factor && row < end; row++)
      for (long c = 0; c < right; c++) to[row * right + c] *= factor[c];
  });
  if (settings.offset) {
    const std::vector<double> sum = offsets.all();
    for (long c = 0; c < right; c++) dBias.floats()[c] = static_cast<float>(sum[c]);
  }
  if (before.there()) settleGradient(sums.all(), before, rows, left, dGamma.floats(), dBeta.floats(), slopesBefore.floats());
}

}  // namespace

bool defineConvolution() {
  return define("CultivarConvolution", {"x: float", "normalised: float", "filter: float", "scale: float", "bias: float", "gamma: float", "beta: float"}, {"y: float", "affine: float", "mean: float", "variance: float"},
                {"geometry: list(int)", "before: float", "ceiling: float", "epsilon: float"}, create, forward, destroy) &&
         define("CultivarConvolutionGrad", {"dz: float", "y: float", "affine: float", "slopes: float", "x: float", "normalised: float", "filter: float", "scale: float"},
                {"dx: float", "dfilter: float", "dbias: float", "dgamma: float", "dbeta: float", "slopesbefore: float"}, {"geometry: list(int)", "before: float", "ceiling: float", "input: float", "offset: float"}, createGradient,
                backward, destroy);
}

}  // namespace cultivar
