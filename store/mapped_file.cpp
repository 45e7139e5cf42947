// SPDX-License-Identifier: MIT
// The handler runs in whatever thread touched the lost page, possibly inside malloc's lock: it may use
// nothing but atomics and system calls. So mappings stand in a fixed table of slots, which it searches
// without a lock:
//
//   begin = 0                      free
//   begin, end set; damaged false  a mapping
//
// A slot is claimed by exchanging `begin` from 0 to a mark, filled from the back (`end` before `begin`), and
// freed in the opposite order, after the memory is unmapped: the handler never sees half a slot, and a fault
// in a range can only come from a thread that still uses that mapping.
#include "store/mapped_file.hpp"

#include <array>
#include <atomic>
#include <cerrno>
#include <csignal>
#include <mutex>

#include <sys/mman.h>
#include <unistd.h>

#include "store/file_system.hpp"

namespace souschef::store {

namespace {

constexpr std::size_t kSlots = 256;
constexpr std::uintptr_t kClaimed = 1;

struct Slot {
  std::atomic<std::uintptr_t> begin{0};
  std::atomic<std::uintptr_t> end{0};
  std::atomic<bool> damaged{false};
};
std::array<Slot, kSlots> slots;
struct sigaction previous_action;
std::uintptr_t page_bytes = 4096;

void pass_on(int signal, siginfo_t* info, void* context) {
  if ((previous_action.sa_flags & SA_SIGINFO) != 0 && previous_action.sa_sigaction != nullptr)
    return previous_action.sa_sigaction(signal, info, context);
  if (previous_action.sa_handler != SIG_DFL && previous_action.sa_handler != SIG_IGN)
    return previous_action.sa_handler(signal);
  // Back to how it was; the faulting instruction is run again and ends the program. A signal that somebody
  // sent has no such instruction: it is sent again.
  ::sigaction(SIGBUS, &previous_action, nullptr);
  if (info->si_code <= 0) ::raise(signal);
}

void on_bus_error(int signal, siginfo_t* info, void* context) {
  const int saved_errno = errno;
  const auto address = reinterpret_cast<std::uintptr_t>(info->si_addr);
  for (Slot& slot : slots) {
    const std::uintptr_t begin = slot.begin.load(std::memory_order_acquire);
    if (begin <= kClaimed || address < begin || address >= slot.end.load(std::memory_order_acquire)) continue;
    slot.damaged.store(true, std::memory_order_release);
    const std::uintptr_t page = address & ~(page_bytes - 1);
    void* zeros = ::mmap(reinterpret_cast<void*>(page), page_bytes, PROT_READ,
                         MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
    errno = saved_errno;
    if (zeros != MAP_FAILED) return;
    break;
  }
  pass_on(signal, info, context);
}

void install_handler() {
  static std::once_flag installed;
  std::call_once(installed, [] {
    page_bytes = static_cast<std::uintptr_t>(::sysconf(_SC_PAGESIZE));
    struct sigaction action {};
    action.sa_sigaction = &on_bus_error;
    action.sa_flags = SA_SIGINFO | SA_NODEFER;
    ::sigemptyset(&action.sa_mask);
    ::sigaction(SIGBUS, &action, &previous_action);
  });
}

std::size_t claim_slot() {
  for (std::size_t i = 0; i < kSlots; ++i) {
    std::uintptr_t free = 0;
    if (slots[i].begin.compare_exchange_strong(free, kClaimed)) return i;
  }
  return kSlots;
}

}  // namespace

Result<std::unique_ptr<MappedFile>> MappedFile::map(int descriptor, std::uint64_t size) {
  if (size == 0 || size > SIZE_MAX / 2) return Error(ErrorCode::io, "cannot map a file of this size");
  install_handler();
  const std::size_t index = claim_slot();
  if (index == kSlots) return Error(ErrorCode::io, "too many mapped files");
  Slot& slot = slots[index];
  void* place = ::mmap(nullptr, static_cast<std::size_t>(size), PROT_READ, MAP_SHARED, descriptor, 0);
  if (place == MAP_FAILED) {
    const int reason = errno;
    slot.begin.store(0);
    return system_error(reason, "cannot map the file");
  }
  ::madvise(place, static_cast<std::size_t>(size), MADV_SEQUENTIAL);
  const auto begin = reinterpret_cast<std::uintptr_t>(place);
  slot.damaged.store(false);
  slot.end.store(begin + static_cast<std::uintptr_t>(size), std::memory_order_release);
  slot.begin.store(begin, std::memory_order_release);
  return std::unique_ptr<MappedFile>(
      new MappedFile({static_cast<const std::byte*>(place), static_cast<std::size_t>(size)}, index));
}

MappedFile::~MappedFile() {
  ::munmap(const_cast<std::byte*>(bytes_.data()), bytes_.size());
  slots[slot_].begin.store(0, std::memory_order_release);
}

bool MappedFile::damaged() const {
  return slots[slot_].damaged.load(std::memory_order_acquire);
}

}  // namespace souschef::store
