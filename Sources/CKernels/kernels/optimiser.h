// Optimiser steps: one pass over weights, gradient and state.

static void isa_sgd_step(
    float *weights, const float *gradient, float *momentumBuffer, size_t count, float rate, float momentum,
    float weightDecay, bool nesterov, float gradientScale) {
  if (nesterov) {
    for (size_t i = 0; i < count; i++) {
      float g = gradient[i] * gradientScale + weightDecay * weights[i];
      float m = momentum * momentumBuffer[i] + g;
      momentumBuffer[i] = m;
      weights[i] -= rate * (g + momentum * m);
    }
  } else {
    for (size_t i = 0; i < count; i++) {
      float g = gradient[i] * gradientScale + weightDecay * weights[i];
      float m = momentum * momentumBuffer[i] + g;
      momentumBuffer[i] = m;
      weights[i] -= rate * m;
    }
  }
}

INLINE vf adam_lane(vf w, vf gradient, vf *m, vf *v, const CKAdam *p) {
  vf g = gradient * p->gradientScale;
  *m = *m + (1 - p->beta1) * (g - *m);
  *v = p->beta2 * *v + (1 - p->beta2) * g * g;
  vf denominator = square_root(*v / p->correction2) + p->epsilon;
  return w * (1 - p->rate * p->weightDecay) - (p->rate / p->correction1) * (*m / denominator);
}

static void isa_adam_step(
    float *weights, const float *gradient, float *m, float *v, size_t count, const CKAdam *parameters) {
  const CKAdam p = *parameters;
  size_t i = 0;
  for (; i + VL <= count; i += VL) {
    vf first = load(m + i), second = load(v + i);
    store(weights + i, adam_lane(load(weights + i), load(gradient + i), &first, &second, &p));
    store(m + i, first);
    store(v + i, second);
  }
  if (i < count) {
    size_t n = count - i;
    vf first = load_part(m + i, n), second = load_part(v + i, n);
    store_part(weights + i, adam_lane(load_part(weights + i, n), load_part(gradient + i, n), &first, &second, &p), n);
    store_part(m + i, first, n);
    store_part(v + i, second, n);
  }
}

static void isa_average_step(float *average, const float *weights, size_t count, float decay) {
  const float rest = 1 - decay;
  for (size_t i = 0; i < count; i++) average[i] = decay * average[i] + rest * weights[i];
}
