// A layer between one program and its files: loaded with LD_PRELOAD, it writes down what
// the program does to the files of one folder, and lets some of it fail.
//
//   LUCID_FAULTS_FOLDER   the folder, absolute, with a slash at its end
//   LUCID_FAULTS_JOURNAL  where to write down what is done; not at all, when it is missing
//   LUCID_FAULTS_PLAN     "KIND NUMBER HOW WHEN", such as "write 17 eio once"
//
// KIND is write, sync or truncate; NUMBER counts from 1; WHEN is once, or on: that one and
// all after it. HOW is
//
//   eio, enospc  nothing is done, and the call fails
//   torn         half of a write is done, and the call fails with EIO
//   short        half of a write is done, and the call says so
//
// The journal's records are described in ../src/journal.rs. One lock is held from before a
// call until its record is written, so the journal's order is the order of the calls. Nothing
// is really waited for: what is on disk at a moment follows from the journal.

#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <unistd.h>

enum kind { WRITE, SYNC, TRUNCATE, KINDS };
enum how { NOT_AT_ALL, EIO_, ENOSPC_, TORN, SHORT };

static const char *const kind_names[KINDS] = {"write", "sync", "truncate"};
static const char *const how_names[] = {"", "eio", "enospc", "torn", "short"};

static ssize_t (*real_write)(int, const void *, size_t);
static ssize_t (*real_pwrite)(int, const void *, size_t, off64_t);
static int (*real_open)(const char *, int, ...);
static int (*real_truncate)(int, off64_t);
static int (*real_unlink)(const char *);
static int (*real_rename)(const char *, const char *);

static char folder[PATH_MAX];
static size_t folder_length;
static int journal = -1;
static enum kind plan_kind;
static enum how plan_how;
static unsigned long plan_number;
static int plan_on;
static unsigned long counts[KINDS];

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_once_t once = PTHREAD_ONCE_INIT;

static void give_up(const char *why) {
    fprintf(stderr, "faults: %s\n", why);
    _exit(70);
}

static void read_plan(const char *plan) {
    char kind[16], how[16], when[16];
    if (sscanf(plan, "%15s %lu %15s %15s", kind, &plan_number, how, when) != 4) {
        give_up("LUCID_FAULTS_PLAN has not four words");
    }
    plan_kind = KINDS;
    for (int i = 0; i < KINDS; i++) {
        if (strcmp(kind, kind_names[i]) == 0) plan_kind = i;
    }
    for (int i = EIO_; i <= SHORT; i++) {
        if (strcmp(how, how_names[i]) == 0) plan_how = i;
    }
    plan_on = strcmp(when, "on") == 0;
    if (plan_kind == KINDS || plan_how == NOT_AT_ALL || (!plan_on && strcmp(when, "once"))) {
        give_up("LUCID_FAULTS_PLAN has a word that is none of ours");
    }
}

static void set_up(void) {
    real_write = dlsym(RTLD_NEXT, "write");
    real_pwrite = dlsym(RTLD_NEXT, "pwrite64");
    real_open = dlsym(RTLD_NEXT, "open64");
    real_truncate = dlsym(RTLD_NEXT, "ftruncate64");
    real_unlink = dlsym(RTLD_NEXT, "unlink");
    real_rename = dlsym(RTLD_NEXT, "rename");
    const char *name = getenv("LUCID_FAULTS_FOLDER");
    if (name == NULL || name[0] != '/' || name[strlen(name) - 1] != '/') {
        give_up("LUCID_FAULTS_FOLDER is no absolute folder with a slash at its end");
    }
    folder_length = strlen(name);
    if (folder_length >= sizeof folder) give_up("LUCID_FAULTS_FOLDER is too long");
    memcpy(folder, name, folder_length + 1);
    const char *path = getenv("LUCID_FAULTS_JOURNAL");
    if (path != NULL) {
        journal = real_open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
        if (journal < 0) give_up("LUCID_FAULTS_JOURNAL cannot be opened");
    }
    const char *plan = getenv("LUCID_FAULTS_PLAN");
    if (plan != NULL) read_plan(plan);
}

static void begin(void) {
    pthread_once(&once, set_up);
    pthread_mutex_lock(&lock);
}

static void end(void) { pthread_mutex_unlock(&lock); }

// The name of a file below the folder; NULL for every other one. The folder itself is "".
static const char *below(const char *path) {
    if (strncmp(path, folder, folder_length) == 0) return path + folder_length;
    size_t bare = folder_length - 1;
    return strncmp(path, folder, bare) == 0 && path[bare] == '\0' ? "" : NULL;
}

static const char *name_of(int fd, char path[PATH_MAX]) {
    char link[64];
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t length = readlink(link, path, PATH_MAX - 1);
    if (length < 0) return NULL;
    path[length] = '\0';
    return below(path);
}

static void put(const void *bytes, size_t length) {
    for (const char *at = bytes; length > 0;) {
        ssize_t done = real_write(journal, at, length);
        if (done <= 0) give_up("the journal cannot be written");
        at += done;
        length -= (size_t)done;
    }
}

static void record(char kind, const char *name, uint64_t at, const void *data, size_t length) {
    if (journal < 0) return;
    struct {
        uint32_t kind, name_length;
        uint64_t at, data_length;
    } head = {(uint32_t)kind, (uint32_t)strlen(name), at, length};
    put(&head, sizeof head);
    put(name, head.name_length);
    put(data, length);
}

static enum how fault(enum kind kind) {
    counts[kind]++;
    if (plan_how == NOT_AT_ALL || kind != plan_kind) return NOT_AT_ALL;
    if (plan_on ? counts[kind] < plan_number : counts[kind] != plan_number) return NOT_AT_ALL;
    record('!', kind_names[kind], counts[kind], NULL, 0);
    return plan_how;
}

static int failing(enum how how) {
    errno = how == ENOSPC_ ? ENOSPC : EIO;
    return -1;
}

// A write at a place, or at the file's own when that is negative.
static ssize_t write_at(int fd, const void *data, size_t length, off64_t at) {
    begin();
    char path[PATH_MAX];
    const char *name = name_of(fd, path);
    enum how how = NOT_AT_ALL;
    size_t allowed = length;
    if (name != NULL && length > 0) {
        how = fault(WRITE);
        if (how == EIO_ || how == ENOSPC_) {
            end();
            return failing(how);
        }
        if (how != NOT_AT_ALL) allowed = length / 2 > 0 ? length / 2 : 1;
    }
    off64_t place = at < 0 && name != NULL ? lseek64(fd, 0, SEEK_CUR) : at;
    ssize_t done = at < 0 ? real_write(fd, data, allowed) : real_pwrite(fd, data, allowed, at);
    int error = errno;
    if (name != NULL && done > 0) record('W', name, (uint64_t)place, data, (size_t)done);
    // What the program says is written down beside what it does.
    if (name == NULL && fd == STDOUT_FILENO && done > 0) record('M', "", 0, data, (size_t)done);
    end();
    errno = error;
    return how == TORN && done > 0 ? failing(how) : done;
}

ssize_t write(int fd, const void *data, size_t length) { return write_at(fd, data, length, -1); }

ssize_t pwrite64(int fd, const void *data, size_t length, off64_t at) {
    return write_at(fd, data, length, at);
}

ssize_t pwrite(int fd, const void *data, size_t length, off_t at) {
    return write_at(fd, data, length, at);
}

static int truncate_to(int fd, off64_t length) {
    begin();
    char path[PATH_MAX];
    const char *name = name_of(fd, path);
    enum how how = name != NULL ? fault(TRUNCATE) : NOT_AT_ALL;
    if (how != NOT_AT_ALL) {
        end();
        return failing(how);
    }
    int result = real_truncate(fd, length);
    int error = errno;
    if (name != NULL && result == 0) record('T', name, (uint64_t)length, NULL, 0);
    end();
    errno = error;
    return result;
}

int ftruncate64(int fd, off64_t length) { return truncate_to(fd, length); }

int ftruncate(int fd, off_t length) { return truncate_to(fd, length); }

// Of the folder itself, a failure is not asked for: SQLite does not look at it.
static int sync_of(int fd) {
    begin();
    char path[PATH_MAX];
    const char *name = name_of(fd, path);
    enum how how = NOT_AT_ALL;
    if (name != NULL && name[0] == '\0') {
        record('D', name, 0, NULL, 0);
    } else if (name != NULL) {
        how = fault(SYNC);
        record(how == NOT_AT_ALL ? 'S' : 'F', name, 0, NULL, 0);
    }
    end();
    return how == NOT_AT_ALL ? 0 : failing(how);
}

int fsync(int fd) { return sync_of(fd); }

int fdatasync(int fd) { return sync_of(fd); }

static int open_at(const char *path, int flags, mode_t mode) {
    begin();
    const char *name = below(path);
    int made = name != NULL && (flags & O_CREAT) && access(path, F_OK) != 0;
    int fd = real_open(path, flags, mode);
    int error = errno;
    if (fd >= 0 && made) record('C', name, 0, NULL, 0);
    if (fd >= 0 && name != NULL && !made && (flags & O_TRUNC)) record('T', name, 0, NULL, 0);
    end();
    errno = error;
    return fd;
}

static mode_t mode_in(int flags, va_list rest) {
    int makes = (flags & O_CREAT) != 0 || (flags & O_TMPFILE) == O_TMPFILE;
    return makes ? va_arg(rest, mode_t) : 0;
}

int open64(const char *path, int flags, ...) {
    va_list rest;
    va_start(rest, flags);
    mode_t mode = mode_in(flags, rest);
    va_end(rest);
    return open_at(path, flags, mode);
}

int open(const char *path, int flags, ...) {
    va_list rest;
    va_start(rest, flags);
    mode_t mode = mode_in(flags, rest);
    va_end(rest);
    return open_at(path, flags, mode);
}

int unlink(const char *path) {
    begin();
    int result = real_unlink(path);
    int error = errno;
    const char *name = below(path);
    if (name != NULL && result == 0) record('U', name, 0, NULL, 0);
    end();
    errno = error;
    return result;
}

int rename(const char *from, const char *to) {
    begin();
    int result = real_rename(from, to);
    int error = errno;
    const char *old = below(from), *new = below(to);
    if (old != NULL && new != NULL && result == 0) record('R', old, 0, new, strlen(new));
    end();
    errno = error;
    return result;
}
