INLINE bool uses_narrow(CK_SHAPE, CKPass pass) { (void)shape; (void)pass; return false; }
INLINE size_t narrow_packed(CK_SHAPE, CKPass pass) { (void)shape; (void)pass; return 0; }
INLINE size_t narrow_slices(CK_SHAPE, CKPass pass) { (void)shape; (void)pass; return 0; }
INLINE size_t narrow_workspace(CK_SHAPE, CKPass pass) { (void)shape; (void)pass; return 0; }
INLINE void narrow_pack(CK_SHAPE, CKPass pass, const float *w, float *p) { (void)shape; (void)pass; (void)w; (void)p; }
INLINE void narrow_run(CK_SHAPE, CKPass pass, const float *x, const float *p, float *y, const CKEpilogue *e, float *ws, ptrdiff_t s) { (void)shape; (void)pass; (void)x;(void)p;(void)y;(void)e;(void)ws;(void)s; }
