// What a glibc older than the build machine's lacks: these definitions are hidden, and the linker takes them in place of
// the newer symbols, so that the addon loads with glibc 2.28 (Debian 10, RHEL 8) wherever it was built. The number is
// the glibc that has the symbol. native/oldest-system.mjs finds what is missing here.
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cstdint>
#include <utility>

// glibc's first version on this architecture, which every later one has too.
#if defined(__x86_64__)
#define FIRST_GLIBC "GLIBC_2.2.5"
#elif defined(__aarch64__)
#define FIRST_GLIBC "GLIBC_2.17"
#else
#error "name the first version of glibc on this architecture (GLIBC_… in sysdeps/unix/sysv/linux/*/shlib-versions)"
#endif
#define OLDEST(name) __asm__(".symver oldest_" #name "," #name "@" FIRST_GLIBC)

namespace {

#define N(name) std::pair{name, #name},
constexpr std::pair<int, const char*> kErrorNames[] = {
    N(EPERM) N(ENOENT) N(ESRCH) N(EINTR) N(EIO) N(ENXIO) N(E2BIG) N(ENOEXEC) N(EBADF) N(ECHILD) N(EAGAIN) N(ENOMEM)
        N(EACCES) N(EFAULT) N(ENOTBLK) N(EBUSY) N(EEXIST) N(EXDEV) N(ENODEV) N(ENOTDIR) N(EISDIR) N(EINVAL) N(ENFILE)
            N(EMFILE) N(ENOTTY) N(ETXTBSY) N(EFBIG) N(ENOSPC) N(ESPIPE) N(EROFS) N(EMLINK) N(EPIPE) N(EDOM) N(ERANGE)
                N(EDEADLK) N(ENAMETOOLONG) N(ENOLCK) N(ENOSYS) N(ENOTEMPTY) N(ELOOP) N(ENOMSG) N(EIDRM) N(ECHRNG) N(
                    EL2NSYNC) N(EL3HLT) N(EL3RST) N(ELNRNG) N(EUNATCH) N(ENOCSI) N(EL2HLT) N(EBADE) N(EBADR) N(EXFULL)
                    N(ENOANO) N(EBADRQC) N(EBADSLT) N(EBFONT) N(ENOSTR) N(ENODATA) N(ETIME) N(ENOSR) N(ENONET) N(ENOPKG)
                        N(EREMOTE) N(ENOLINK) N(EADV) N(ESRMNT) N(ECOMM) N(EPROTO) N(EMULTIHOP) N(EDOTDOT) N(EBADMSG)
                            N(EOVERFLOW) N(ENOTUNIQ) N(EBADFD) N(EREMCHG) N(ELIBACC) N(ELIBBAD) N(ELIBSCN) N(ELIBMAX)
                                N(ELIBEXEC) N(EILSEQ) N(ERESTART) N(ESTRPIPE) N(EUSERS) N(ENOTSOCK) N(EDESTADDRREQ)
                                    N(EMSGSIZE) N(EPROTOTYPE) N(ENOPROTOOPT) N(EPROTONOSUPPORT) N(ESOCKTNOSUPPORT)
                                        N(EOPNOTSUPP) N(EPFNOSUPPORT) N(EAFNOSUPPORT) N(EADDRINUSE) N(EADDRNOTAVAIL)
                                            N(ENETDOWN) N(ENETUNREACH) N(ENETRESET) N(ECONNABORTED) N(ECONNRESET)
                                                N(ENOBUFS) N(EISCONN) N(ENOTCONN) N(ESHUTDOWN) N(ETOOMANYREFS)
                                                    N(ETIMEDOUT) N(ECONNREFUSED) N(EHOSTDOWN) N(EHOSTUNREACH)
                                                        N(EALREADY) N(EINPROGRESS) N(ESTALE) N(EUCLEAN) N(ENOTNAM)
                                                            N(ENAVAIL) N(EISNAM) N(EREMOTEIO) N(EDQUOT) N(ENOMEDIUM)
                                                                N(EMEDIUMTYPE) N(ECANCELED) N(ENOKEY) N(EKEYEXPIRED)
                                                                    N(EKEYREVOKED) N(EKEYREJECTED) N(EOWNERDEAD)
                                                                        N(ENOTRECOVERABLE) N(ERFKILL) N(EHWPOISON)};
#undef N

}  // namespace

extern "C" {

// 2.30
pid_t gettid() noexcept { return static_cast<pid_t>(::syscall(SYS_gettid)); }
ssize_t getdents64(int fd, void* buffer, size_t size) noexcept { return ::syscall(SYS_getdents64, fd, buffer, size); }

// 2.32. libstdc++ asks it whether it may count references without atomic operations.
char __libc_single_threaded = 0;
const char* strerrorname_np(int error) noexcept {
  for (const auto& [number, name] : kErrorNames) {
    if (number == error) return name;
  }
  return nullptr;
}
int pthread_sigmask(int how, const sigset_t* set, sigset_t* before) noexcept {
  constexpr size_t kKernelSet = 8;
  return ::syscall(SYS_rt_sigprocmask, how, set, before, kKernelSet) == 0 ? 0 : errno;
}

// 2.33. On 64-bit machines `struct stat` is the kernel's own.
int fstat(int fd, struct stat* status) noexcept { return static_cast<int>(::syscall(SYS_fstat, fd, status)); }
int fstatat(int directory, const char* path, struct stat* status, int flags) noexcept {
  return static_cast<int>(::syscall(SYS_newfstatat, directory, path, status, flags));
}
int stat(const char* path, struct stat* status) noexcept { return ::fstatat(AT_FDCWD, path, status, 0); }
int lstat(const char* path, struct stat* status) noexcept {
  return ::fstatat(AT_FDCWD, path, status, AT_SYMLINK_NOFOLLOW);
}

// 2.34, which moved them into another library and gave them a new version. std::thread calls them.
OLDEST(pthread_create);
OLDEST(pthread_detach);
OLDEST(pthread_join);
OLDEST(pthread_once);
int oldest_pthread_create(pthread_t*, const pthread_attr_t*, void* (*)(void*), void*);
int oldest_pthread_detach(pthread_t);
int oldest_pthread_join(pthread_t, void**);
int oldest_pthread_once(pthread_once_t*, void (*)());
int pthread_create(pthread_t* thread, const pthread_attr_t* attributes, void* (*run)(void*), void* argument) noexcept {
  return oldest_pthread_create(thread, attributes, run, argument);
}
int pthread_detach(pthread_t thread) noexcept { return oldest_pthread_detach(thread); }
int pthread_join(pthread_t thread, void** result) { return oldest_pthread_join(thread, result); }
int pthread_once(pthread_once_t* once, void (*run)()) { return oldest_pthread_once(once, run); }

// 2.36. std::random_device of the static libstdc++, which nothing here uses.
std::uint32_t arc4random() noexcept {
  std::uint32_t value = 0;
  if (::syscall(SYS_getrandom, &value, sizeof value, 0) != sizeof value) ::abort();
  return value;
}

}  // extern "C"
