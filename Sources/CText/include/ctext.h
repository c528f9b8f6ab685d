#ifndef CTEXT_H
#define CTEXT_H

#include <stdint.h>

// Text in any language by Pango and Cairo, which are loaded on first use: no picture without a label needs them.

// What came of a call.
enum {
  CTEXT_DONE = 0,
  // Pango or Cairo is not installed.
  CTEXT_NO_LIBRARY = 1,
  // No memory, or the text is no UTF-8.
  CTEXT_FAILED = 2,
};

// A line of text as it would be drawn, in pixels.
typedef struct {
  // Of the drawn glyphs.
  int32_t ink_x, ink_y, ink_width, ink_height;
  // Characters for which no installed font has a glyph.
  int32_t unknown_glyphs;
} ctext_extents;

// Measures a text in the bold sans-serif font, with an em of `size` pixels.
int ctext_measure(const char *text, double size, ctext_extents *extents);

// Draws it, the ink's upper left corner at (x, y), into width × height coverages of 0...255, row by row.
int ctext_draw(
    const char *text, double size, int32_t x, int32_t y, uint8_t *coverage, int32_t width, int32_t height);

#endif
