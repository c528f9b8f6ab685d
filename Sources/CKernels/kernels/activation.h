// Activations, alone and as the last step of other kernels.

/// Whether an activation is a matter of comparisons, cheap enough to do in registers anywhere.
INLINE bool is_piecewise(CKActivation activation) { return activation <= CKActivationLeakyRelu; }

/// None, ReLU, ReLU6 or leaky ReLU. NaN stays NaN.
INLINE vf piecewise(CKActivation activation, float slope, vf v) {
  switch (activation) {
  case CKActivationRelu: return greater(splat(0), v);
  case CKActivationRelu6: return lesser(splat(6), greater(splat(0), v));
  case CKActivationLeakyRelu: return choose(v < 0, slope * v, v);
  default: return v;
  }
}

/// dz from dy and z (or the output y, which is positive where z is, and 6 where z is 6 or more).
INLINE vf piecewise_gradient(CKActivation activation, float slope, vf z, vf dy) {
  switch (activation) {
  case CKActivationRelu: return choose(z > 0, dy, splat(0));
  case CKActivationRelu6: return choose((z > 0) & (z < 6), dy, splat(0));
  case CKActivationLeakyRelu: return choose(z > 0, dy, slope * dy);
  default: return dy;
  }
}

/// The inner argument of GELU's tanh form, sqrt(2/pi) (x + 0.044715 x³).
INLINE vf gelu_inner(vf x) { return 0.7978845608f * (x + 0.044715f * x * x * x); }

INLINE vf activate(CKActivation activation, float slope, vf v) {
  switch (activation) {
  case CKActivationSigmoid: return sigmoid(v);
  case CKActivationTanh: return hyperbolic_tangent(v);
  case CKActivationSilu: return v * sigmoid(v);
  case CKActivationGelu: return 0.5f * v * (1.0f + hyperbolic_tangent(gelu_inner(v)));
  case CKActivationQuickGelu: return v * brief_sigmoid(1.702f * v);
  case CKActivationGeluErf: return 0.5f * v * (1.0f + error_function(0.70710678f * v));
  default: return piecewise(activation, slope, v);
  }
}

INLINE vf activation_gradient(CKActivation activation, float slope, vf saved, vf dy) {
  switch (activation) {
  case CKActivationSigmoid: return dy * saved * (1.0f - saved);
  case CKActivationTanh: return dy * (1.0f - saved * saved);
  case CKActivationSilu: {
    vf s = sigmoid(saved);
    return dy * (s + saved * s * (1.0f - s));
  }
  case CKActivationGelu: {
    vf t = hyperbolic_tangent(gelu_inner(saved));
    vf inner = 0.7978845608f * (1.0f + 3.0f * 0.044715f * saved * saved);
    return dy * (0.5f * (1.0f + t) + 0.5f * saved * (1.0f - t * t) * inner);
  }
  case CKActivationQuickGelu: {
    vf s = sigmoid(1.702f * saved);
    return dy * (s + 1.702f * saved * s * (1.0f - s));
  }
  case CKActivationGeluErf: {
    vf density = 0.39894228f * exponential(-0.5f * saved * saved);
    return dy * (0.5f * (1.0f + error_function(0.70710678f * saved)) + saved * density);
  }
  default: return piecewise_gradient(activation, slope, saved, dy);
  }
}

/// Calls `MACRO(activation)` with the activation as a constant, so that each case gets its own loop.
#define FOR_EACH_ACTIVATION(activation, MACRO)                                                                         \
  switch (activation) {                                                                                                \
  case CKActivationNone: MACRO(CKActivationNone) break;                                                                \
  case CKActivationRelu: MACRO(CKActivationRelu) break;                                                                \
  case CKActivationRelu6: MACRO(CKActivationRelu6) break;                                                              \
  case CKActivationLeakyRelu: MACRO(CKActivationLeakyRelu) break;                                                      \
  case CKActivationSigmoid: MACRO(CKActivationSigmoid) break;                                                          \
  case CKActivationTanh: MACRO(CKActivationTanh) break;                                                                \
  case CKActivationSilu: MACRO(CKActivationSilu) break;                                                                \
  case CKActivationGelu: MACRO(CKActivationGelu) break;                                                                \
  case CKActivationQuickGelu: MACRO(CKActivationQuickGelu) break;                                                      \
  case CKActivationGeluErf: MACRO(CKActivationGeluErf) break;                                                          \
  }

/// The same for those that `is_piecewise`.
#define FOR_EACH_PIECEWISE(activation, MACRO)                                                                          \
  switch (activation) {                                                                                                \
  case CKActivationRelu: MACRO(CKActivationRelu) break;                                                                \
  case CKActivationRelu6: MACRO(CKActivationRelu6) break;                                                              \
  case CKActivationLeakyRelu: MACRO(CKActivationLeakyRelu) break;                                                      \
  default: MACRO(CKActivationNone) break;                                                                              \
  }

static void isa_activation_forward(
    CKActivation activation, float slope, const float *x, float *y, size_t count) {
#define FORWARD(constant)                                                                                              \
  {                                                                                                                    \
    size_t i = 0;                                                                                                      \
    for (; i + VL <= count; i += VL) store(y + i, activate(constant, slope, load(x + i)));                             \
    if (i < count) store_part(y + i, activate(constant, slope, load_part(x + i, count - i)), count - i);               \
  }
  FOR_EACH_ACTIVATION(activation, FORWARD)
#undef FORWARD
}

static void isa_activation_backward(
    CKActivation activation, float slope, const float *saved, const float *dy, float *dx, size_t count) {
#define BACKWARD(constant)                                                                                             \
  {                                                                                                                    \
    size_t i = 0;                                                                                                      \
    for (; i + VL <= count; i += VL)                                                                                   \
      store(dx + i, activation_gradient(constant, slope, load(saved + i), load(dy + i)));                              \
    if (i < count) {                                                                                                   \
      size_t n = count - i;                                                                                            \
      store_part(dx + i, activation_gradient(constant, slope, load_part(saved + i, n), load_part(dy + i, n)), n);      \
    }                                                                                                                  \
  }
  FOR_EACH_ACTIVATION(activation, BACKWARD)
#undef BACKWARD
}
