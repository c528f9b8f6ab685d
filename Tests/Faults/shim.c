// Preloaded before a program: fails, or ends the program at, the n-th call that changes a file, and makes the clock jump.
//
// FAULTS_COUNT=FILE       writes the number of such calls into FILE at the end.
// FAULTS_AT=N             the call it happens at, counted from 1.
// FAULTS_HOW=errno|kill   ENOSPC or EIO: the call fails so; kill: SIGKILL before the call is made.
// FAULTS_ON=1             every call from the N-th on fails, as on a disk that stays full.
// FAULTS_CLOCK=SECONDS    the wall clock jumps forth and back by so much at every call.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

static atomic_long calls, readings;
static long at, jump;
static int failure, kills, stays;
static const char *countPath;

__attribute__((constructor)) static void begin(void) {
  const char *value = getenv("FAULTS_AT");
  at = value ? atol(value) : 0;
  value = getenv("FAULTS_HOW");
  kills = value && !strcmp(value, "kill");
  failure = value && !strcmp(value, "EIO") ? EIO : ENOSPC;
  stays = getenv("FAULTS_ON") != NULL;
  value = getenv("FAULTS_CLOCK");
  jump = value ? atol(value) : 0;
  countPath = getenv("FAULTS_COUNT");
}

__attribute__((destructor)) static void end(void) {
  if (!countPath) return;
  int file = (int)syscall(SYS_openat, AT_FDCWD, countPath, O_WRONLY | O_CREAT | O_TRUNC, 0644);
  char text[32];
  int length = snprintf(text, sizeof text, "%ld\n", (long)calls);
  if (file >= 0) syscall(SYS_write, file, text, (size_t)length), syscall(SYS_close, file);
}

// Whether this call fails; errno says how.
static int fails(void) {
  long now = ++calls;
  if (!at || now < at || (now > at && !stays)) return 0;
  if (kills) kill(getpid(), SIGKILL);
  errno = failure;
  return 1;
}

// What goes to a terminal or a pipe is no disk, and the message about the fault has to come out.
static int onDisk(int file) {
  struct stat status;
  return file > 2 && fstat(file, &status) == 0 && S_ISREG(status.st_mode);
}

#define REAL(name) \
  static __typeof__(&name) real; \
  if (!real) real = (__typeof__(&name))dlsym(RTLD_NEXT, #name)

ssize_t write(int file, const void *bytes, size_t count) {
  REAL(write);
  return onDisk(file) && fails() ? -1 : real(file, bytes, count);
}
ssize_t pwrite(int file, const void *bytes, size_t count, off_t offset) {
  REAL(pwrite);
  return fails() ? -1 : real(file, bytes, count, offset);
}
ssize_t pwrite64(int file, const void *bytes, size_t count, off64_t offset) {
  REAL(pwrite64);
  return fails() ? -1 : real(file, bytes, count, offset);
}
ssize_t writev(int file, const struct iovec *parts, int count) {
  REAL(writev);
  return onDisk(file) && fails() ? -1 : real(file, parts, count);
}
int fsync(int file) {
  REAL(fsync);
  return fails() ? -1 : real(file);
}
int fdatasync(int file) {
  REAL(fdatasync);
  return fails() ? -1 : real(file);
}
int ftruncate(int file, off_t length) {
  REAL(ftruncate);
  return fails() ? -1 : real(file, length);
}
int ftruncate64(int file, off64_t length) {
  REAL(ftruncate64);
  return fails() ? -1 : real(file, length);
}
int rename(const char *from, const char *to) {
  REAL(rename);
  return fails() ? -1 : real(from, to);
}
int link(const char *from, const char *to) {
  REAL(link);
  return fails() ? -1 : real(from, to);
}
int linkat(int fromFolder, const char *from, int toFolder, const char *to, int flags) {
  REAL(linkat);
  return fails() ? -1 : real(fromFolder, from, toFolder, to, flags);
}
int mkdir(const char *path, mode_t mode) {
  REAL(mkdir);
  return fails() ? -1 : real(path, mode);
}
int fchmod(int file, mode_t mode) {
  REAL(fchmod);
  return fails() ? -1 : real(file, mode);
}
int mkstemp(char *name) {
  REAL(mkstemp);
  return fails() ? -1 : real(name);
}
int mkstemp64(char *name) {
  REAL(mkstemp64);
  return fails() ? -1 : real(name);
}
#define OPEN(name) \
  int name(const char *path, int flags, ...) { \
    REAL(name); \
    va_list rest; \
    va_start(rest, flags); \
    mode_t mode = va_arg(rest, mode_t); \
    va_end(rest); \
    return (flags & (O_CREAT | (O_TMPFILE & ~O_DIRECTORY))) && fails() ? -1 : real(path, flags, mode); \
  }
OPEN(open)
OPEN(open64)
#define OPENAT(name) \
  int name(int folder, const char *path, int flags, ...) { \
    REAL(name); \
    va_list rest; \
    va_start(rest, flags); \
    mode_t mode = va_arg(rest, mode_t); \
    va_end(rest); \
    return (flags & (O_CREAT | (O_TMPFILE & ~O_DIRECTORY))) && fails() ? -1 : real(folder, path, flags, mode); \
  }
OPENAT(openat)
OPENAT(openat64)
FILE *fopen(const char *path, const char *mode) {
  REAL(fopen);
  return strpbrk(mode, "wa") && fails() ? NULL : real(path, mode);
}
FILE *fopen64(const char *path, const char *mode) {
  REAL(fopen64);
  return strpbrk(mode, "wa") && fails() ? NULL : real(path, mode);
}

static long leap(void) {
  return jump == 0 ? 0 : (++readings % 3 - 1) * jump;
}

int clock_gettime(clockid_t clock, struct timespec *time) {
  REAL(clock_gettime);
  int result = real(clock, time);
  if (result == 0 && clock == CLOCK_REALTIME) time->tv_sec += leap();
  return result;
}
int gettimeofday(struct timeval *time, void *zone) {
  REAL(gettimeofday);
  int result = real(time, zone);
  if (result == 0) time->tv_sec += leap();
  return result;
}
time_t time(time_t *stored) {
  struct timespec now;
  clock_gettime(CLOCK_REALTIME, &now);
  if (stored) *stored = now.tv_sec;
  return now.tv_sec;
}
