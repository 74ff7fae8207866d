// Batch-norm on the statistics of the batch and the rectifier behind it, for tensors that nobody else reads or writes at that moment:
// y = f(gamma (x - mean) inverse + beta) in two passes over memory, and so its gradient. x [..., C]. (Ioffe & Szegedy 2015)
#include "normalisation.h"

namespace cultivar {
namespace {

struct Settings {
  float epsilon;
  // Of the rectifier: infinity for relu; negative for none.
  float ceiling;
};

void* createEpsilon(TF_OpKernelConstruction* construction) { return new Settings{floatAttribute(construction, "epsilon"), -1}; }
void* createCeiling(TF_OpKernelConstruction* construction) { return new Settings{0, floatAttribute(construction, "ceiling")}; }
void destroy(void* settings) { delete static_cast<Settings*>(settings); }

// Rows whose sums are held in single precision.
constexpr long run = 128;

long rowsAtLeast(long channels) { return std::max(run, 16384 / channels); }

// add(row, count, a, b) for all rows.
template <typename Add>
std::vector<double> sum(long rows, long channels, const Add& add) {
  const int parts = shares(rows, rowsAtLeast(channels));
  Sums sums(parts, channels);
  share(rows, parts, [&](long begin, long end, int part) {
    for (long row = begin; row < end; row += run) sums.add(part, [&](float* a, float* b) { add(row, std::min(run, end - row), a, b); });
  });
  return sums.all();
}

// x, gamma [C], beta [C] -> affine [4,C], mean [C], unbiased variance [C]
void statistics(void* settings, TF_OpKernelContext* context) {
  Call call(context);
  const Tensor x = call.input(0), gamma = call.input(1), beta = call.input(2);
  if (!call.good()) return;
  const long channels = x.dimension(-1), rows = channels > 0 ? x.size() / channels : 0;
  if (!call.require(rows > 0 && gamma.size() == channels && beta.size() == channels, "batch-norm: one scale and one offset for each channel")) return;
  const Tensor affine = call.output(0, {4, channels}), mean = call.output(1, {channels}), variance = call.output(2, {channels});
  if (!call.good()) return;
  // Around the first value.
  const std::vector<double> sums = sum(rows, channels, [&](long row, long count, float* a, float* b) { addSpread(x.floats() + row * channels, x.floats(), count, channels, a, b); });
  settle(sums, x.floats(), gamma.floats(), beta.floats(), static_cast<Settings*>(settings)->epsilon, rows, channels, affine.floats(), mean.floats(), variance.floats());
}

bool fits(Call& call, const Tensor& x, const Tensor& affine, long more) {
  return call.require(x.size() > 0 && affine.size() == 4 * x.dimension(-1) && more == x.size(), "batch-norm: what it is given does not fit together");
}

// x, affine -> y
void apply(void* settings, TF_OpKernelContext* context) {
  Call call(context);
  const Tensor x = call.input(0), affine = call.input(1);
  if (!call.good() || !fits(call, x, affine, x.size())) return;
  const Tensor y = call.output(0, x.shape());
  if (!call.good()) return;
  const long channels = x.dimension(-1), rows = x.size() / channels;
  share(rows, shares(rows, rowsAtLeast(channels)), [&](long begin, long end, int) {
    normalise(x.floats() + begin * channels, y.floats() + begin * channels, Affine(affine), static_cast<Settings*>(settings)->ceiling, end - begin, channels);
  });
}

// dy, x, affine -> dgamma, dbeta, slopes [2,C]
void moments(void* settings, TF_OpKernelContext* context) {
  Call call(context);
  const Tensor dy = call.input(0), x = call.input(1), affine = call.input(2);
  if (!call.good() || !fits(call, x, affine, dy.size())) return;
  const long channels = x.dimension(-1), rows = x.size() / channels;
  const Tensor dGamma = call.output(0, {channels}), dBeta = call.output(1, {channels}), slopes = call.output(2, {2, channels});
  if (!call.good()) return;
  const Affine behind(affine);
  const std::vector<double> sums = sum(rows, channels, [&](long row, long count, float* a, float* b) {
    addMoments(dy.floats() + row * channels, x.floats() + row * channels, behind, static_cast<Settings*>(settings)->ceiling, count, channels, a, b);
  });
  settleGradient(sums, behind, rows, channels, dGamma.floats(), dBeta.floats(), slopes.floats());
}

// dy, x, affine, slopes -> dx
void gradient(void* settings, TF_OpKernelContext* context) {
  Call call(context);
  const Tensor dy = call.input(0), x = call.input(1), affine = call.input(2), slopes = call.input(3);
  if (!call.good() || !fits(call, x, affine, dy.size()) || !call.require(slopes.size() == 2 * x.dimension(-1), "batch-norm: two slopes for each channel")) return;
  const Tensor dx = call.output(0, x.shape());
  if (!call.good()) return;
  const long channels = x.dimension(-1), rows = x.size() / channels;
  share(rows, shares(rows, rowsAtLeast(channels)), [&](long begin, long end, int) {
    const long at = begin * channels;
    normaliseGradient(dy.floats() + at, x.floats() + at, dx.floats() + at, Affine(affine), Slopes(slopes), static_cast<Settings*>(settings)->ceiling, end - begin, channels);
  });
}

}  // namespace

bool defineBatchNormalization() {
  return define("CultivarStatistics", {"x: float", "gamma: float", "beta: float"}, {"affine: float", "mean: float", "variance: float"}, {"epsilon: float"}, createEpsilon, statistics, destroy) &&
         define("CultivarNormalise", {"x: float", "affine: float"}, {"y: float"}, {"ceiling: float"}, createCeiling, apply, destroy) &&
         define("CultivarMoments", {"dy: float", "x: float", "affine: float"}, {"dgamma: float", "dbeta: float", "slopes: float"}, {"ceiling: float"}, createCeiling, moments, destroy) &&
         define("CultivarNormaliseGrad", {"dy: float", "x: float", "affine: float", "slopes: float"}, {"dx: float"}, {"ceiling: float"}, createCeiling, gradient, destroy);
}

}  // namespace cultivar
