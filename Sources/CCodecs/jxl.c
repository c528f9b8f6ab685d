#include "support.h"

#include <dlfcn.h>
#include <jxl/decode.h>
#include <pthread.h>
#include <stdio.h>

// libjxl is loaded when the first JPEG XL file comes, as libheif is: most folders hold none.
#define JXL_FUNCTIONS(X) \
  X(Version) \
  X(Create) \
  X(Destroy) \
  X(SubscribeEvents) \
  X(SetInput) \
  X(ProcessInput) \
  X(ReleaseInput) \
  X(GetBasicInfo) \
  X(ImageOutBufferSize) \
  X(SetImageOutBuffer) \
  X(FlushImage)

static struct {
#define DECLARE(name) __typeof__(JxlDecoder##name) *name;
  JXL_FUNCTIONS(DECLARE)
#undef DECLARE
} loaded_jxl;

static int jxl_is_loaded = 0;

static void load_jxl(void) {
#if defined(__APPLE__)
  const char *names[] = {"libjxl.dylib", "/opt/homebrew/lib/libjxl.dylib", "/usr/local/lib/libjxl.dylib"};
#else
  // The functions above have not changed since 0.7.
  const char *names[] = {"libjxl.so.0.7", "libjxl.so.0.8", "libjxl.so.0.9", "libjxl.so.0.10", "libjxl.so.0.11"};
#endif
  void *library = NULL;
  for (size_t i = 0; i < sizeof names / sizeof *names && !library; i++)
    library = dlopen(names[i], RTLD_NOW | RTLD_LOCAL);
  if (!library) return;
#define FIND(name) \
  if (!(loaded_jxl.name = (__typeof__(loaded_jxl.name))dlsym(library, "JxlDecoder" #name))) return;
  JXL_FUNCTIONS(FIND)
#undef FIND
  jxl_is_loaded = 1;
}

// The library's functions; NULL where it is not installed.
static const __typeof__(loaded_jxl) *jxl_functions(void) {
  static pthread_once_t once = PTHREAD_ONCE_INIT;
  pthread_once(&once, load_jxl);
  return jxl_is_loaded ? &loaded_jxl : NULL;
}

void assay_jxl_version(char *out, size_t size) {
  const __typeof__(loaded_jxl) *jxl = jxl_functions();
  if (!jxl) {
    snprintf(out, size, "not installed");
    return;
  }
  uint32_t version = jxl->Version();
  snprintf(out, size, "%u.%u.%u", version / 1000000, version / 1000 % 1000, version % 1000);
}

// A decoder that has been given the whole file; NULL where there is none, with the reason in `status`.
static JxlDecoder *open_decoder(
    const uint8_t *data, size_t size, int events, assay_image_info *info, assay_status *status) {
  const __typeof__(loaded_jxl) *jxl = jxl_functions();
  if (!jxl) {
    assay_say(info->message, "libjxl, which reads this format, is not installed");
    *status = ASSAY_UNSUPPORTED;
    return NULL;
  }
  *status = ASSAY_NO_MEMORY;
  JxlDecoder *decoder = jxl->Create(NULL);
  if (!decoder) return NULL;
  if (jxl->SubscribeEvents(decoder, events) != JXL_DEC_SUCCESS || jxl->SetInput(decoder, data, size) != JXL_DEC_SUCCESS) {
    jxl->Destroy(decoder);
    return NULL;
  }
  // Without CloseInput: after it, libjxl 0.7 writes to standard error where the data end early.
  *status = ASSAY_OK;
  return decoder;
}

static assay_status describe(JxlDecoder *decoder, const assay_limits *limits, assay_image_info *info) {
  JxlBasicInfo basic;
  memset(&basic, 0, sizeof basic);
  if (jxl_functions()->GetBasicInfo(decoder, &basic) != JXL_DEC_SUCCESS || basic.xsize == 0 || basic.ysize == 0
      || (basic.num_color_channels != 1 && basic.num_color_channels != 3)) {
    assay_say(info->message, "the header describes no picture");
    return ASSAY_BAD;
  }
  // The picture is given as it is shown, so its orientation is in the size already.
  info->width = basic.xsize;
  info->height = basic.ysize;
  info->channels = basic.num_color_channels + (basic.alpha_bits > 0);
  info->bits = basic.bits_per_sample > 8 ? 16 : 8;
  info->source_bits = basic.bits_per_sample > 16 ? 16 : basic.bits_per_sample;
  info->frames = 1;
  return assay_over_limit(info->width, info->height, limits) ? ASSAY_TOO_LARGE : ASSAY_OK;
}

assay_status assay_jxl_info(
    const uint8_t *data, size_t size, const assay_limits *limits, assay_image_info *info) {
  memset(info, 0, sizeof *info);
  assay_status status;
  JxlDecoder *decoder = open_decoder(data, size, JXL_DEC_BASIC_INFO, info, &status);
  if (!decoder) return status;
  switch (jxl_functions()->ProcessInput(decoder)) {
    case JXL_DEC_BASIC_INFO: status = describe(decoder, limits, info); break;
    case JXL_DEC_NEED_MORE_INPUT:
      assay_say(info->message, "the data end early");
      status = ASSAY_BAD;
      break;
    default:
      assay_say(info->message, "the JPEG XL header is malformed");
      status = ASSAY_BAD;
      break;
  }
  jxl_functions()->Destroy(decoder);
  return status;
}

assay_status assay_jxl_decode(
    const uint8_t *data, size_t size, const assay_limits *limits, void *pixels, size_t capacity,
    assay_image_info *info) {
  memset(info, 0, sizeof *info);
  memset(pixels, 0, capacity);
  assay_status status;
  JxlDecoder *decoder = open_decoder(data, size, JXL_DEC_BASIC_INFO | JXL_DEC_FULL_IMAGE, info, &status);
  if (!decoder) return status;
  const __typeof__(loaded_jxl) *jxl = jxl_functions();
  int done = 0, has_buffer = 0;
  while (!done) {
    JxlPixelFormat format = {
        info->channels, info->bits == 16 ? JXL_TYPE_UINT16 : JXL_TYPE_UINT8, JXL_NATIVE_ENDIAN, 0};
    size_t needed = 0;
    switch (jxl->ProcessInput(decoder)) {
      case JXL_DEC_BASIC_INFO:
        status = describe(decoder, limits, info);
        if (status == ASSAY_OK && assay_image_bytes(info) != capacity) status = ASSAY_BAD;
        done = status != ASSAY_OK;
        break;
      case JXL_DEC_NEED_IMAGE_OUT_BUFFER:
        if (jxl->ImageOutBufferSize(decoder, &format, &needed) != JXL_DEC_SUCCESS || needed != capacity
            || jxl->SetImageOutBuffer(decoder, &format, pixels, capacity) != JXL_DEC_SUCCESS) {
          assay_say(info->message, "the picture has another size than its header says");
          status = ASSAY_BAD;
          done = 1;
        }
        has_buffer = !done;
        break;
      // Of an animation the first frame is enough.
      case JXL_DEC_FULL_IMAGE: done = 1; break;
      case JXL_DEC_SUCCESS:
        if (!has_buffer) {
          assay_say(info->message, "the file holds no picture");
          status = ASSAY_BAD;
        }
        done = 1;
        break;
      case JXL_DEC_NEED_MORE_INPUT:
        assay_say(info->message, "the data end early");
        status = ASSAY_TRUNCATED;
        // Gives the parts that are there, in less detail.
        if (has_buffer) jxl->FlushImage(decoder);
        done = 1;
        break;
      default:
        assay_say(info->message, "the JPEG XL data are damaged");
        status = has_buffer ? ASSAY_TRUNCATED : ASSAY_BAD;
        done = 1;
        break;
    }
  }
  info->consumed = size - jxl->ReleaseInput(decoder);
  jxl->Destroy(decoder);
  return status;
}
