#include "support.h"

#include <stdlib.h>
#include <webp/decode.h>
#include <webp/demux.h>
#include <webp/encode.h>

// The first frame and where it lies on the canvas.
typedef struct {
  WebPDemuxer *demuxer;
  WebPIterator frame;
} first_frame;

static int open_first(const uint8_t *data, size_t size, first_frame *first) {
  WebPData input = {data, size};
  WebPDemuxState state;
  memset(first, 0, sizeof *first);
  first->demuxer = WebPDemuxPartial(&input, &state);
  if (!first->demuxer) return 0;
  if (state == WEBP_DEMUX_PARSE_ERROR || !WebPDemuxGetFrame(first->demuxer, 1, &first->frame)) {
    WebPDemuxDelete(first->demuxer);
    return 0;
  }
  return 1;
}

static void close_first(first_frame *first) {
  WebPDemuxReleaseIterator(&first->frame);
  WebPDemuxDelete(first->demuxer);
}

static assay_status describe(
    const uint8_t *data, size_t size, const assay_limits *limits, assay_image_info *info, int *animated) {
  WebPBitstreamFeatures features;
  VP8StatusCode code = WebPGetFeatures(data, size, &features);
  if (code != VP8_STATUS_OK) {
    assay_say(
        info->message, code == VP8_STATUS_NOT_ENOUGH_DATA ? "the data end early" : "the WebP header is malformed");
    return ASSAY_BAD;
  }
  info->width = (uint32_t)features.width;
  info->height = (uint32_t)features.height;
  info->channels = features.has_alpha || features.has_animation ? 4 : 3;
  info->bits = 8;
  info->source_bits = 8;
  info->source_model = (uint32_t)features.format;
  info->frames = 1;
  *animated = features.has_animation;
  return assay_over_limit(info->width, info->height, limits) ? ASSAY_TOO_LARGE : ASSAY_OK;
}

assay_status assay_webp_info(
    const uint8_t *data, size_t size, const assay_limits *limits, assay_image_info *info) {
  memset(info, 0, sizeof *info);
  int animated = 0;
  return describe(data, size, limits, info, &animated);
}

// WebPDecode gives nothing of a cut stream; the incremental decoder writes the rows that are there.
static void decode_beginning(const uint8_t *stream, size_t size, WebPDecoderConfig *config) {
  WebPIDecoder *decoder = WebPIDecode(NULL, 0, config);
  if (!decoder) return;
  WebPIUpdate(decoder, stream, size);
  WebPIDelete(decoder);
}

assay_status assay_webp_decode(
    const uint8_t *data, size_t size, const assay_limits *limits, uint8_t *pixels, size_t capacity,
    assay_image_info *info) {
  memset(info, 0, sizeof *info);
  // The decoder may stop anywhere; what it leaves out must be defined.
  memset(pixels, 0, capacity);
  int animated = 0;
  assay_status status = describe(data, size, limits, info, &animated);
  if (status != ASSAY_OK) return status;
  if (assay_image_bytes(info) != capacity) return ASSAY_BAD;

  first_frame first;
  const uint8_t *stream = data;
  size_t stream_size = size;
  size_t stride = (size_t)info->width * info->channels;
  uint8_t *target = pixels;
  uint32_t width = info->width, height = info->height;
  if (animated) {
    if (!open_first(data, size, &first)) {
      assay_say(info->message, "the animation has no readable first frame");
      return ASSAY_BAD;
    }
    stream = first.frame.fragment.bytes;
    stream_size = first.frame.fragment.size;
    info->frames = WebPDemuxGetI(first.demuxer, WEBP_FF_FRAME_COUNT);
    width = (uint32_t)first.frame.width;
    height = (uint32_t)first.frame.height;
    uint64_t right = (uint64_t)first.frame.x_offset + width, bottom = (uint64_t)first.frame.y_offset + height;
    if (right > info->width || bottom > info->height) {
      close_first(&first);
      assay_say(info->message, "the first frame lies outside the canvas");
      return ASSAY_BAD;
    }
    target += (size_t)first.frame.y_offset * stride + (size_t)first.frame.x_offset * 4;
  }
  WebPDecoderConfig config;
  status = ASSAY_BAD;
  if (WebPInitDecoderConfig(&config)) {
    config.output.colorspace = info->channels == 4 ? MODE_RGBA : MODE_RGB;
    config.output.is_external_memory = 1;
    config.output.u.RGBA.rgba = target;
    config.output.u.RGBA.stride = (int)stride;
    config.output.u.RGBA.size = (size_t)(height - 1) * stride + (size_t)width * info->channels;
    VP8StatusCode code = WebPDecode(stream, stream_size, &config);
    switch (code) {
      case VP8_STATUS_OK: status = ASSAY_OK; break;
      case VP8_STATUS_OUT_OF_MEMORY: status = ASSAY_NO_MEMORY; break;
      case VP8_STATUS_SUSPENDED:
      case VP8_STATUS_NOT_ENOUGH_DATA:
        assay_say(info->message, "the data end early");
        status = ASSAY_TRUNCATED;
        decode_beginning(stream, stream_size, &config);
        break;
      default: assay_say(info->message, "the VP8 data are damaged"); break;
    }
    WebPFreeDecBuffer(&config.output);
  }
  info->consumed = size;
  if (animated) close_first(&first);
  return status;
}

assay_status assay_webp_encode(
    const uint8_t *pixels, uint32_t width, uint32_t height, uint32_t channels, int lossless, float quality,
    assay_buffer *out) {
  memset(out, 0, sizeof *out);
  WebPConfig config;
  WebPPicture picture;
  if (!WebPConfigInit(&config) || !WebPPictureInit(&picture)) return ASSAY_BAD;
  if (lossless) {
    WebPConfigLosslessPreset(&config, 6);
    config.exact = 1;
  } else {
    config.quality = quality;
  }
  if (width > WEBP_MAX_DIMENSION || height > WEBP_MAX_DIMENSION) {
    assay_say(out->message, "a WebP side is at most 16383 pixels");
    return ASSAY_TOO_LARGE;
  }
  picture.width = (int)width;
  picture.height = (int)height;
  picture.use_argb = lossless;
  int stride = (int)(width * channels);
  WebPMemoryWriter writer;
  WebPMemoryWriterInit(&writer);
  picture.writer = WebPMemoryWrite;
  picture.custom_ptr = &writer;
  int imported =
      channels == 4 ? WebPPictureImportRGBA(&picture, pixels, stride) : WebPPictureImportRGB(&picture, pixels, stride);
  int encoded = imported && WebPEncode(&config, &picture);
  WebPPictureFree(&picture);
  if (!encoded) {
    WebPMemoryWriterClear(&writer);
    assay_say(out->message, "the WebP encoder failed");
    return picture.error_code == VP8_ENC_ERROR_OUT_OF_MEMORY ? ASSAY_NO_MEMORY : ASSAY_BAD;
  }
  out->data = writer.mem;
  out->size = writer.size;
  return ASSAY_OK;
}
