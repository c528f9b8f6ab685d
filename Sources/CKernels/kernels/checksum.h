// A checksum at the speed of memory, the same for every instruction set.

/// Sixteen 32-bit lanes, h = h * odd + word: a step that can be undone, so one changed word always changes its lane.
static uint64_t isa_checksum(const uint8_t *bytes, size_t count) {
  vi lanes[16 / VL];
  const vi factor = splat_int((int32_t)0x9E3779B1u);
  UNROLL for (int j = 0; j < 16 / VL; j++) lanes[j] = splat_int(1);
  size_t i = 0;
  for (; i + 64 <= count; i += 64)
    UNROLL for (int j = 0; j < 16 / VL; j++) {
      vi words;
      memcpy(&words, bytes + i + j * VL * 4, sizeof words);
      lanes[j] = lanes[j] * factor + words;
    }
  // The lanes one after the other, then the last bytes and the length, through FNV's 64-bit step.
  uint64_t sum = 0xCBF29CE484222325u;
  uint32_t lane[16];
  memcpy(lane, lanes, sizeof lane);
  for (int l = 0; l < 16; l++) sum = (sum ^ lane[l]) * 0x100000001B3u;
  for (; i < count; i++) sum = (sum ^ bytes[i]) * 0x100000001B3u;
  return (sum ^ count) * 0x100000001B3u;
}
