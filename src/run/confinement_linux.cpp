// Three locks, one behind the other: another user, Landlock, seccomp. Each holds where the others are missing.
#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <optional>
#include <string_view>

#include "run/confinement.hpp"

#ifdef ESPDUMP_SECCOMP
#include <sched.h>
#include <seccomp.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#endif

namespace espdump::run {
namespace {

// Sanitizers and coverage open files of their own at any time.
#if defined(ESPDUMP_UNCONFINED)
constexpr bool instrumented = true;
#else
constexpr bool instrumented = false;
#endif

// --- another user ------------------------------------------------------------------------------------------

std::optional<std::uint32_t> number_in(const char* variable) {
  const char* text = std::getenv(variable);
  if (text == nullptr) return std::nullopt;
  std::uint32_t out = 0;
  const char* end = text + std::strlen(text);
  const auto [last, error] = std::from_chars(text, end, out);
  if (error != std::errc{} || last != end || out == 0) return std::nullopt;
  return out;
}

struct User {
  uid_t user;
  gid_t group;
};

// Who called sudo, or nobody.
User lesser_user() {
  constexpr uid_t nobody = 65534;
  const auto user = number_in("SUDO_UID"), group = number_in("SUDO_GID");
  if (user && group) return {*user, *group};
  const passwd* entry = getpwnam("nobody");
  return entry == nullptr || entry->pw_uid == 0 ? User{nobody, nobody} : User{entry->pw_uid, entry->pw_gid};
}

std::string refusal(std::string_view what) { return std::string{what} + ": " + std::strerror(errno); }

void drop_root(std::vector<std::string>& lacking) {
  if (geteuid() != 0) return;
  // Others may lock little memory, and secrets are to come.
  const rlimit all{RLIM_INFINITY, RLIM_INFINITY};
  setrlimit(RLIMIT_MEMLOCK, &all);
  const User user = lesser_user();
  if (setgroups(1, &user.group) != 0 || setresgid(user.group, user.group, user.group) != 0 ||
      setresuid(user.user, user.user, user.user) != 0)
    lacking.push_back(refusal("root's rights cannot be given up"));
}

// --- Landlock ----------------------------------------------------------------------------------------------

// Its system calls and structures, of which the headers of an older system know only a part (linux/landlock.h).
constexpr long create_ruleset = 444, restrict_self = 446;
constexpr unsigned ask_for_version = 1;

struct Ruleset {
  std::uint64_t files, network, scopes;
};

// All that a version of it can take away; no rule gives anything back.
Ruleset everything(long version) {
  constexpr std::array<unsigned, 5> file_rights{13, 14, 15, 15, 16};  // of versions 1 to 5: how many there are
  const auto known = static_cast<std::size_t>(std::clamp<long>(version, 1, file_rights.size()));
  const std::uint64_t files = (std::uint64_t{1} << file_rights[known - 1]) - 1;
  return {files, version >= 4 ? 3U : 0U, version >= 6 ? 3U : 0U};
}

std::size_t size_for(long version) {
  if (version >= 6) return sizeof(Ruleset);
  return version >= 4 ? 2 * sizeof(std::uint64_t) : sizeof(std::uint64_t);
}

void enter_landlock(std::vector<std::string>& lacking) {
  const long version = syscall(create_ruleset, nullptr, 0, ask_for_version);
  if (version < 1) return lacking.push_back(refusal("this kernel has no Landlock, or it is off"));
  const Ruleset rules = everything(version);
  const auto descriptor = static_cast<int>(syscall(create_ruleset, &rules, size_for(version), 0));
  if (descriptor < 0) return lacking.push_back(refusal("Landlock refuses its rules"));
  if (syscall(restrict_self, descriptor, 0) != 0) lacking.push_back(refusal("Landlock does not take effect"));
  close(descriptor);
}

// --- seccomp -----------------------------------------------------------------------------------------------

#ifdef ESPDUMP_SECCOMP

// What computing, memory, threads, time and open descriptors need.
constexpr std::array allowed{SCMP_SYS(brk),
                             SCMP_SYS(clock_getres),
                             SCMP_SYS(clock_gettime),
                             SCMP_SYS(clock_nanosleep),
                             SCMP_SYS(close),
                             SCMP_SYS(exit),
                             SCMP_SYS(exit_group),
                             SCMP_SYS(fadvise64),
                             SCMP_SYS(fdatasync),
                             SCMP_SYS(fstat),
                             SCMP_SYS(fsync),
                             SCMP_SYS(ftruncate),
                             SCMP_SYS(futex),
                             SCMP_SYS(getcpu),
                             SCMP_SYS(getegid),
                             SCMP_SYS(geteuid),
                             SCMP_SYS(getgid),
                             SCMP_SYS(getpid),
                             SCMP_SYS(getrandom),
                             SCMP_SYS(getrusage),
                             SCMP_SYS(gettid),
                             SCMP_SYS(gettimeofday),
                             SCMP_SYS(getuid),
                             SCMP_SYS(lseek),
                             SCMP_SYS(madvise),
                             SCMP_SYS(membarrier),
                             SCMP_SYS(mlock),
                             SCMP_SYS(mlock2),
                             SCMP_SYS(mremap),
                             SCMP_SYS(munlock),
                             SCMP_SYS(munmap),
                             SCMP_SYS(nanosleep),
                             SCMP_SYS(newfstatat),
                             SCMP_SYS(pipe),
                             SCMP_SYS(pipe2),
                             SCMP_SYS(poll),
                             SCMP_SYS(ppoll),
                             SCMP_SYS(pread64),
                             SCMP_SYS(read),
                             SCMP_SYS(readv),
                             SCMP_SYS(restart_syscall),
                             SCMP_SYS(rseq),
                             SCMP_SYS(rt_sigaction),
                             SCMP_SYS(rt_sigprocmask),
                             SCMP_SYS(rt_sigreturn),
                             SCMP_SYS(sched_getaffinity),
                             SCMP_SYS(sched_yield),
                             SCMP_SYS(set_robust_list),
                             SCMP_SYS(sigaltstack),
                             SCMP_SYS(sysinfo),
                             SCMP_SYS(tgkill),
                             SCMP_SYS(write),
                             SCMP_SYS(writev)};

// Of a call only where these bits of an argument are as here.
struct Condition {
  int call;
  unsigned argument;
  std::uint64_t mask, value;
};
constexpr std::uint64_t whole = ~std::uint64_t{0};
constexpr std::array conditions{
    Condition{SCMP_SYS(clone), 0, CLONE_THREAD, CLONE_THREAD},  // threads, and no process
    Condition{SCMP_SYS(fcntl), 1, whole, F_GETFD},
    Condition{SCMP_SYS(fcntl), 1, whole, F_SETFD},
    Condition{SCMP_SYS(fcntl), 1, whole, F_GETFL},
    Condition{SCMP_SYS(fcntl), 1, whole, F_SETFL},
    Condition{SCMP_SYS(ioctl), 1, whole, FIONREAD},
    Condition{SCMP_SYS(ioctl), 1, whole, TCGETS},
    Condition{SCMP_SYS(ioctl), 1, whole, TIOCGWINSZ},
    Condition{SCMP_SYS(mmap), 2, PROT_EXEC, 0},  // no code that was not there
    Condition{SCMP_SYS(mprotect), 2, PROT_EXEC, 0},
    Condition{SCMP_SYS(prctl), 0, whole, PR_SET_DUMPABLE},
};

bool add_rules(scmp_filter_ctx filter) {
  // glibc makes threads with clone() where there is no clone3(), whose flags a filter cannot see.
  if (seccomp_rule_add(filter, SCMP_ACT_ERRNO(ENOSYS), SCMP_SYS(clone3), 0) != 0) return false;
  const bool calls = std::all_of(allowed.begin(), allowed.end(),
                                 [&](int call) { return seccomp_rule_add(filter, SCMP_ACT_ALLOW, call, 0) == 0; });
  return calls && std::all_of(conditions.begin(), conditions.end(), [&](const Condition& it) {
           const scmp_arg_cmp same{it.argument, SCMP_CMP_MASKED_EQ, it.mask, it.value};
           return seccomp_rule_add_array(filter, SCMP_ACT_ALLOW, it.call, 1, &same) == 0;
         });
}

// What is refused fails with EPERM: libraries go on without, and what an attacker tries leads nowhere.
void enter_seccomp(std::vector<std::string>& lacking) {
  scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ERRNO(EPERM));
  if (filter == nullptr || !add_rules(filter)) {
    lacking.emplace_back("seccomp refuses its rules");
  } else if (const int error = seccomp_load(filter); error != 0) {
    errno = -error;
    lacking.push_back(refusal("this kernel has no seccomp filters, or they are off"));
  }
  seccomp_release(filter);
}

#else

void enter_seccomp(std::vector<std::string>& lacking) { lacking.emplace_back("espdump was built without libseccomp"); }

#endif

}  // namespace

std::vector<std::string> confine() {
  if (instrumented) return {"there is none in a build that is instrumented"};
  std::vector<std::string> lacking;
  drop_root(lacking);
  if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) lacking.push_back(refusal("rights can be won again"));
  enter_landlock(lacking);
  enter_seccomp(lacking);
  return lacking;
}

}  // namespace espdump::run
