// Chooses the instruction set and carries every public kernel to it.

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#if defined(__x86_64__)
#include <cpuid.h>
#endif
#if defined(__linux__)
#include <sys/syscall.h>
#include <unistd.h>
#endif

#include "table.h"

static const char *const names[] = {"base", "avx2", "avx512", "neon", "avx512vnni", "amx", "amx-emulated"};

#if defined(__x86_64__)
static bool has_avx512(void) {
  return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vl") &&
         __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512bw");
}

static bool has_avx512_vnni(void) { return has_avx512() && __builtin_cpu_supports("avx512vnni"); }

/// Whether the processor has AMX with bytes and the system lets this process use its tiles.
static bool has_amx(void) {
#if defined(__linux__) && defined(SYS_arch_prctl)
  unsigned a, b, c, d;
  if (!has_avx512_vnni() || !__get_cpuid_count(7, 0, &a, &b, &c, &d)) return false;
  const unsigned tiles = 1u << 24, bytes = 1u << 25;
  if ((d & tiles) == 0 || (d & bytes) == 0) return false;
  // ARCH_REQ_XCOMP_PERM of XTILEDATA: Linux gives the tiles' state to processes that ask, for all of their threads.
  if (syscall(SYS_arch_prctl, 0x1023, 18) != 0) return false;
  // The sums of one product against plain ones: a hypervisor may promise what it does not deliver.
  uint8_t x[17 * 64];
  int8_t w[1024];
  for (int i = 0; i < 17 * 64; i++) x[i] = (uint8_t)(i * 37 % 256);
  for (int i = 0; i < 1024; i++) w[i] = (int8_t)(i * 91 % 255 - 127);
  float scale[17], weightScale[16], y[17 * 16], expected[17 * 16];
  int32_t zero[17], sum[16];
  for (int i = 0; i < 17; i++) scale[i] = 1, zero[i] = i;
  for (int i = 0; i < 16; i++) weightScale[i] = 1, sum[i] = i;
  const CKIntegerWeights weights = {16, 16, 1024, w, weightScale, sum};
  const CKQuantisedRows rows = {x, scale, zero};
  const CKIntegerEpilogue none = {NULL, NULL, NULL, CKActivationNone};
  ckTableAvx512Vnni.integer_product(&weights, &rows, 64, 17, 0, 0, 16, &none, expected, 16, NULL);
  ckTableAmx.integer_product(&weights, &rows, 64, 17, 0, 0, 16, &none, y, 16, NULL);
  return memcmp(y, expected, sizeof y) == 0;
#else
  return false;
#endif
}
#endif

static const CKTable *table_of(CKInstructionSet set) {
  switch (set) {
  case CKInstructionSetBaseline: return &ckTableBaseline;
  case CKInstructionSetAmxEmulated: return &ckTableAmxEmulated;
#if defined(__x86_64__)
  case CKInstructionSetAvx2:
    return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") ? &ckTableAvx2 : NULL;
  case CKInstructionSetAvx512: return has_avx512() ? &ckTableAvx512 : NULL;
  case CKInstructionSetAvx512Vnni: return has_avx512_vnni() ? &ckTableAvx512Vnni : NULL;
  case CKInstructionSetAmx: return has_amx() ? &ckTableAmx : NULL;
#elif defined(__aarch64__)
  case CKInstructionSetNeon: return &ckTableNeon;
#endif
  default: return NULL;
  }
}

static _Atomic(int32_t) chosen = -1;
static _Thread_local int32_t forced = -1;  // by a test, for its own thread

static CKInstructionSet choose(void) {
  static const CKInstructionSet best[] = {
      CKInstructionSetAmx, CKInstructionSetAvx512Vnni, CKInstructionSetAvx512, CKInstructionSetAvx2,
      CKInstructionSetNeon, CKInstructionSetBaseline};
  const size_t sets = sizeof best / sizeof best[0];
#if defined(__x86_64__)
  __builtin_cpu_init();
#endif
  const char *wanted = getenv("ASSAY_ISA");
  for (size_t i = 0; wanted && i < sets; i++)
    if (strcmp(wanted, names[best[i]]) == 0 && table_of(best[i])) return best[i];
  for (size_t i = 0; i < sets; i++)
    if (table_of(best[i])) return best[i];
  return CKInstructionSetBaseline;
}

CKInstructionSet ck_instruction_set(void) {
  if (forced >= 0) return (CKInstructionSet)forced;
  int32_t set = atomic_load_explicit(&chosen, memory_order_relaxed);
  if (set < 0) {
    set = (int32_t)choose();  // threads that race here find the same answer
    atomic_store_explicit(&chosen, set, memory_order_relaxed);
  }
  return (CKInstructionSet)set;
}

const char *ck_instruction_set_name(CKInstructionSet set) { return names[set]; }

bool ck_instruction_set_available(CKInstructionSet set) {
#if defined(__x86_64__)
  __builtin_cpu_init();
#endif
  return table_of(set) != NULL;
}

bool ck_use_instruction_set(CKInstructionSet set) {
  if (!ck_instruction_set_available(set)) return false;
  forced = (int32_t)set;
  return true;
}

bool ck_byte_convolution_pays(void) {
  const CKInstructionSet set = ck_instruction_set();
  return set == CKInstructionSetAvx512Vnni || set == CKInstructionSetAmx;
}

static inline const CKTable *table(void) {
  switch (ck_instruction_set()) {
#if defined(__x86_64__)
  case CKInstructionSetAvx2: return &ckTableAvx2;
  case CKInstructionSetAvx512: return &ckTableAvx512;
  case CKInstructionSetAvx512Vnni: return &ckTableAvx512Vnni;
  case CKInstructionSetAmx: return &ckTableAmx;
#elif defined(__aarch64__)
  case CKInstructionSetNeon: return &ckTableNeon;
#endif
  case CKInstructionSetAmxEmulated: return &ckTableAmxEmulated;
  default: return &ckTableBaseline;
  }
}

#define CK_PUBLIC(result, name, parameters, arguments)                                                                 \
  result ck_##name parameters { return table()->name arguments; }
CK_KERNELS(CK_PUBLIC)
