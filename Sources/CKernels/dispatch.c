// Chooses the instruction set and carries every public kernel to it.

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "table.h"

static const char *const names[] = {"base", "avx2", "avx512", "neon"};

static const CKTable *table_of(CKInstructionSet set) {
  switch (set) {
  case CKInstructionSetBaseline: return &ckTableBaseline;
#if defined(__x86_64__)
  case CKInstructionSetAvx2:
    return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") ? &ckTableAvx2 : NULL;
  case CKInstructionSetAvx512:
    return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vl") &&
                   __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512bw")
               ? &ckTableAvx512
               : NULL;
#elif defined(__aarch64__)
  case CKInstructionSetNeon: return &ckTableNeon;
#endif
  default: return NULL;
  }
}

static _Atomic(int32_t) chosen = -1;

static CKInstructionSet choose(void) {
  static const CKInstructionSet best[] = {
      CKInstructionSetAvx512, CKInstructionSetAvx2, CKInstructionSetNeon, CKInstructionSetBaseline};
#if defined(__x86_64__)
  __builtin_cpu_init();
#endif
  const char *wanted = getenv("ASSAY_ISA");
  for (size_t i = 0; wanted && i < 4; i++)
    if (strcmp(wanted, names[best[i]]) == 0 && table_of(best[i])) return best[i];
  for (size_t i = 0; i < 3; i++)
    if (table_of(best[i])) return best[i];
  return CKInstructionSetBaseline;
}

CKInstructionSet ck_instruction_set(void) {
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
  atomic_store_explicit(&chosen, (int32_t)set, memory_order_relaxed);
  return true;
}

static inline const CKTable *table(void) {
  switch (ck_instruction_set()) {
#if defined(__x86_64__)
  case CKInstructionSetAvx2: return &ckTableAvx2;
  case CKInstructionSetAvx512: return &ckTableAvx512;
#elif defined(__aarch64__)
  case CKInstructionSetNeon: return &ckTableNeon;
#endif
  default: return &ckTableBaseline;
  }
}

#define CK_PUBLIC(result, name, parameters, arguments)                                                                 \
  result ck_##name parameters { return table()->name arguments; }
CK_KERNELS(CK_PUBLIC)
