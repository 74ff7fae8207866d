// What TensorFlow's plain C interface for operators wants, in few words.
#pragma once

#include <initializer_list>
#include <string>
#include <vector>

#include "tensorflow/c/kernels.h"
#include "tensorflow/c/ops.h"

namespace cultivar {

struct Tensor {
  TF_Tensor* handle = nullptr;
  Tensor() = default;
  explicit Tensor(TF_Tensor* given) : handle(given) {}
  Tensor(const Tensor&) = delete;
  Tensor(Tensor&& other) noexcept : handle(other.handle) { other.handle = nullptr; }
  ~Tensor() {
    if (handle) TF_DeleteTensor(handle);
  }
  float* floats() const { return static_cast<float*>(TF_TensorData(handle)); }
  long size() const { return static_cast<long>(TF_TensorElementCount(handle)); }
  long dimension(int axis) const {
    const int rank = TF_NumDims(handle);
    return static_cast<long>(TF_Dim(handle, axis < 0 ? rank + axis : axis));
  }
  std::vector<int64_t> shape() const {
    std::vector<int64_t> dimensions(TF_NumDims(handle));
    for (size_t axis = 0; axis < dimensions.size(); axis++) dimensions[axis] = TF_Dim(handle, static_cast<int>(axis));
    return dimensions;
  }
};

// One call of an operator.
class Call {
 public:
  explicit Call(TF_OpKernelContext* context) : context_(context), status_(TF_NewStatus()) {}
  ~Call() { TF_DeleteStatus(status_); }

  Tensor input(int index) {
    TF_Tensor* tensor = nullptr;
    TF_GetInput(context_, index, &tensor, status_);
    return Tensor(tensor);
  }
  Tensor output(int index, const std::vector<int64_t>& shape) {
    size_t bytes = sizeof(float);
    for (const int64_t length : shape) bytes *= static_cast<size_t>(length);
    return Tensor(TF_AllocateOutput(context_, index, TF_FLOAT, shape.data(), static_cast<int>(shape.size()), bytes, status_));
  }
  // Whether all went well so far; where it did not, TensorFlow is told.
  bool good() {
    if (TF_GetCode(status_) == TF_OK) return true;
    TF_OpKernelContext_Failure(context_, status_);
    return false;
  }
  bool require(bool condition, const char* message) {
    if (condition) return true;
    TF_SetStatus(status_, TF_INVALID_ARGUMENT, message);
    return good();
  }

 private:
  TF_OpKernelContext* context_;
  TF_Status* status_;
};

inline float floatAttribute(TF_OpKernelConstruction* construction, const char* name) {
  TF_Status* status = TF_NewStatus();
  float value = 0;
  TF_OpKernelConstruction_GetAttrFloat(construction, name, &value, status);
  if (TF_GetCode(status) != TF_OK) TF_OpKernelConstruction_Failure(construction, status);
  TF_DeleteStatus(status);
  return value;
}

inline std::vector<int32_t> integersAttribute(TF_OpKernelConstruction* construction, const char* name) {
  TF_Status* status = TF_NewStatus();
  int32_t length = 0, bytes = 0;
  TF_OpKernelConstruction_GetAttrSize(construction, name, &length, &bytes, status);
  std::vector<int32_t> values(length > 0 ? static_cast<size_t>(length) : 0);
  if (TF_GetCode(status) == TF_OK) TF_OpKernelConstruction_GetAttrInt32List(construction, name, values.data(), length, status);
  if (TF_GetCode(status) != TF_OK) TF_OpKernelConstruction_Failure(construction, status);
  TF_DeleteStatus(status);
  return values;
}

using Words = std::initializer_list<const char*>;

// Makes an operator known to TensorFlow, with its kernel for the CPU. @returns whether that went well
inline bool define(const char* name, Words inputs, Words outputs, Words attributes, void* (*create)(TF_OpKernelConstruction*), void (*compute)(void*, TF_OpKernelContext*),
                   void (*destroy)(void*)) {
  TF_OpDefinitionBuilder* definition = TF_NewOpDefinitionBuilder(name);
  for (const char* input : inputs) TF_OpDefinitionBuilderAddInput(definition, input);
  for (const char* output : outputs) TF_OpDefinitionBuilderAddOutput(definition, output);
  for (const char* attribute : attributes) TF_OpDefinitionBuilderAddAttr(definition, attribute);
  TF_OpDefinitionBuilderSetShapeInferenceFunction(definition, [](TF_ShapeInferenceContext* context, TF_Status* status) { TF_ShapeInferenceContextSetUnknownShape(context, status); });
  TF_Status* status = TF_NewStatus();
  TF_RegisterOpDefinition(definition, status);
  bool good = TF_GetCode(status) == TF_OK;
  if (good) {
    TF_RegisterKernelBuilder(name, TF_NewKernelBuilder(name, "CPU", create, compute, destroy), status);
    good = TF_GetCode(status) == TF_OK;
  }
  TF_DeleteStatus(status);
  return good;
}

}  // namespace cultivar
