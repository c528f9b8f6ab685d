// Chooses the instruction set and carries every public kernel to it.

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "table.h"

static const char *const names[] = {"base", "avx2", "avx512", "neon", "avx512vnni"};

#if defined(__x86_64__)
static bool has_avx512(void) {
  return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vl") &&
         __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512bw");
}
#endif

static const CKTable *table_of(CKInstructionSet set) {
  switch (set) {
  case CKInstructionSetBaseline: return &ckTableBaseline;
#if defined(__x86_64__)
  case CKInstructionSetAvx2:
    return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") ? &ckTableAvx2 : NULL;
  case CKInstructionSetAvx512: return has_avx512() ? &ckTableAvx512 : NULL;
  case CKInstructionSetAvx512Vnni:
    return has_avx512() && __builtin_cpu_supports("avx512vnni") ? &ckTableAvx512Vnni : NULL;
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
      CKInstructionSetAvx512Vnni, CKInstructionSetAvx512, CKInstructionSetAvx2, CKInstructionSetNeon,
      CKInstructionSetBaseline};
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

static inline const CKTable *table(void) {
  switch (ck_instruction_set()) {
#if defined(__x86_64__)
  case CKInstructionSetAvx2: return &ckTableAvx2;
  case CKInstructionSetAvx512: return &ckTableAvx512;
  case CKInstructionSetAvx512Vnni: return &ckTableAvx512Vnni;
#elif defined(__aarch64__)
  case CKInstructionSetNeon: return &ckTableNeon;
#endif
  default: return &ckTableBaseline;
  }
}

#define CK_PUBLIC(result, name, parameters, arguments)                                                                 \
  result ck_##name parameters { return table()->name arguments; }
CK_KERNELS(CK_PUBLIC)
