/*
 * Preloaded into the daemons of a host: what fsync and fdatasync do and what the wall clock shows is what the files
 * QUORATE_TEST_FSYNC and QUORATE_TEST_CLOCK name say; without the files all is as it is.
 *   fsync: "sleep N": they take N milliseconds longer; "fail": they fail with EIO, and nothing is written for sure.
 *   clock: so many seconds are added to it. The monotonic clock is the machine's.
 * When something was done that a file says, the file's name with ".hit" behind it is there.
 * (libfaketime also stands in for the waits of the C library, and then a JVM waits by spinning.)
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#define LOOK_NANOS 100000000L

static void hit(const char *path) {
    char name[4096];
    snprintf(name, sizeof name, "%s.hit", path);
    int file = open(name, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    if (file >= 0) close(file);
}

/* What the file says, as text; 0 when there is none. */
static int said(const char *path, char *text, size_t size) {
    int file = path ? open(path, O_RDONLY | O_CLOEXEC) : -1;
    if (file < 0) return 0;
    ssize_t got = read(file, text, size - 1);
    close(file);
    text[got > 0 ? got : 0] = 0;
    return got > 0;
}

static int sync_call(const char *name, int file) {
    int (*real)(int) = (int (*)(int))dlsym(RTLD_NEXT, name);
    const char *path = getenv("QUORATE_TEST_FSYNC");
    char text[64];
    long millis;
    if (said(path, text, sizeof text)) {
        if (sscanf(text, "sleep %ld", &millis) == 1) {
            struct timespec pause = {millis / 1000, millis % 1000 * 1000000};
            nanosleep(&pause, NULL);
            hit(path);
        } else if (strncmp(text, "fail", 4) == 0) {
            hit(path);
            errno = EIO;
            return -1;
        }
    }
    return real(file);
}

int fsync(int file) { return sync_call("fsync", file); }

int fdatasync(int file) { return sync_call("fdatasync", file); }

typedef int (*clock_call)(clockid_t, struct timespec *);

static int machine_clock(clockid_t clock, struct timespec *time) {
    static _Atomic(clock_call) known;
    clock_call real = atomic_load(&known);
    if (!real) {
        real = (clock_call)dlsym(RTLD_NEXT, "clock_gettime");
        atomic_store(&known, real);
    }
    return real(clock, time);
}

/* Looked up now and then only: the clock is read very often. */
static long added_seconds(void) {
    static atomic_long added, looked;
    struct timespec now;
    machine_clock(CLOCK_MONOTONIC, &now);
    long nanos = now.tv_sec * 1000000000L + now.tv_nsec;
    long last = atomic_load(&looked);
    if (nanos - last > LOOK_NANOS && atomic_compare_exchange_strong(&looked, &last, nanos)) {
        const char *path = getenv("QUORATE_TEST_CLOCK");
        char text[64];
        long seconds = said(path, text, sizeof text) ? atol(text) : 0;
        if (seconds) hit(path);
        atomic_store(&added, seconds);
    }
    return atomic_load(&added);
}

int clock_gettime(clockid_t clock, struct timespec *time) {
    int result = machine_clock(clock, time);
    if (result == 0 && (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE)) time->tv_sec += added_seconds();
    return result;
}

int gettimeofday(struct timeval *restrict time, void *restrict zone) {
    struct timespec now;
    (void)zone;
    int result = clock_gettime(CLOCK_REALTIME, &now);
    time->tv_sec = now.tv_sec;
    time->tv_usec = now.tv_nsec / 1000;
    return result;
}

time_t time(time_t *where) {
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    if (where) *where = now.tv_sec;
    return now.tv_sec;
}
