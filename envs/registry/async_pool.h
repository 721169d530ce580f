// Environments of uneven cost: each goes its own way on a pool of threads, and who is ready first is served first.
//
//   AsyncPool pool = make_pool("CartPole-v1", 8, {.batch_size = 4, .threads = 2});
//   pool.async_reset(42);
//   for (;;) {
//     const PoolStep& ready = pool.recv();                    // the 4 that were ready first
//     pool.send(act(ready.observations), ready.env_ids);      // set off again; meanwhile the others go on
//   }
//
// The way of working is EnvPool's (Weng et al., "EnvPool: A Highly Parallel Reinforcement Learning Environment
// Execution Engine", 2022). The environments' own trajectories are those of a vector environment that is given the same
// actions: only the order in which they arrive is left to chance.
#pragma once

#include <condition_variable>
#include <exception>
#include <mutex>
#include <thread>

#include "base/float_mode.h"
#include "envs/registry/registry.h"
#include "envs/vector/vector_env.h"

namespace ludus::envs {

// send() or async_reset() to an environment whose last call has not been received.
class AlreadyPendingCall : public InputError {
 public:
  using InputError::InputError;
};

// recv() with fewer calls under way than it waits for.
class NoAsyncCall : public InputError {
 public:
  using InputError::InputError;
};

// An environment of the pool threw; it must be reset, and the others go on.
class EnvironmentFailed : public WorkError {
 public:
  EnvironmentFailed(std::size_t env_id, const std::string& message) : WorkError(message), env_id_(env_id) {}
  std::size_t env_id() const { return env_id_; }

 private:
  std::size_t env_id_;
};

// What recv() gives: rows of the M environments that were ready first, row k of environment env_ids[k]. was_reset is 1
// for what async_reset() began, too.
struct PoolStep : VectorStep {
  std::vector<std::size_t> env_ids;  // (M), in the order of arrival
};

struct PoolOptions {
  std::size_t batch_size = 0;  // M; 0: all environments
  std::size_t threads = 0;     // that step, beside the caller; 0: as many as the machine has cores
  VectorOptions vector = {};   // of each environment; its `threads` must be 1
};

class AsyncPool {
 public:
  // `envs` are vector environments of one environment each, with equal spaces and autoreset modes. Throws
  // InvalidArgument if they are not, if there are none, or if batch_size exceeds their number.
  AsyncPool(std::vector<VectorEnvPtr> envs, std::size_t batch_size, std::size_t threads);
  // Lets the steps that are under way end, and drops those that have not begun.
  ~AsyncPool();
  AsyncPool(const AsyncPool&) = delete;
  AsyncPool& operator=(const AsyncPool&) = delete;

  std::size_t num_envs() const { return slots_.size(); }
  std::size_t batch_size() const { return batch_size_; }
  std::size_t threads() const { return workers_.size(); }
  Space& single_observation_space() { return slots_[0].env->single_observation_space(); }
  Space& single_action_space() { return slots_[0].env->single_action_space(); }
  AutoresetMode autoreset_mode() const { return slots_[0].env->autoreset_mode(); }
  const EnvSpec& spec() const { return slots_[0].env->spec(); }

  // All functions are to be called by one thread at a time. Each call of the first three either sets off all that it
  // names or throws and sets off nothing: InvalidArgument for an id that is none or stands there twice,
  // AlreadyPendingCall for an environment that is under way, and what VectorEnv::step() throws.

  // Begins an episode, environment i by seed + i; of all environments, or of those named.
  void async_reset(std::optional<std::uint64_t> seed = {}, const Dict& options = {});
  void async_reset(std::span<const std::size_t> env_ids, std::optional<std::uint64_t> seed = {},
                   const Dict& options = {});
  // Row k of `actions` (env_ids x action_size), as VectorEnv::step() takes them, goes to environment env_ids[k].
  void send(std::span<const std::int64_t> actions, std::span<const std::size_t> env_ids);
  void send(std::span<const float> actions, std::span<const std::size_t> env_ids);

  // Waits until batch_size environments are ready and gives their rows, in memory that the next recv() overwrites.
  // Throws NoAsyncCall if fewer are under way, and EnvironmentFailed if one of them threw: that one is then received,
  // and the others wait for the next recv().
  const PoolStep& recv();

  // Environments that were set off and have not been received.
  std::size_t pending() const { return pending_; }

  // The last result of an environment that is not under way (row 0); throws AlreadyPendingCall if it is.
  const VectorStep& last(std::size_t env_id) const;

  /// The whole state; both throw AlreadyPendingCall while a call is pending. set_state() throws InputError and changes
  /// nothing.
  Value get_state() const;
  void set_state(const Value& state);

 private:
  enum class Call : std::uint8_t { kReset, kIntegers, kReals };

  struct Slot {
    VectorEnvPtr env;  // of one environment
    bool started = false;
    bool pending = false;

    // the call, written before it is queued, and what it threw
    Call call = Call::kReset;
    std::optional<std::uint64_t> seed;
    Dict options;
    std::vector<std::int64_t> integers;  // (action_size)
    std::vector<float> reals;            // (action_size)
    std::exception_ptr error;

    void carry_out() noexcept;
  };

  template <class T>
  void send_rows(std::span<const T> actions, std::span<const std::size_t> env_ids);
  void check_idle(std::span<const std::size_t> env_ids) const;
  void check_none_pending() const;
  void set_off(std::span<const std::size_t> env_ids);
  void serve();
  void dismiss();

  std::vector<std::uint8_t> started() const;  // of each environment, 0 or 1

  std::vector<Slot> slots_;           // (N)
  std::vector<std::size_t> all_ids_;  // 0, 1, …, N - 1
  std::vector<double> scratch_;       // (action_size)
  mutable std::vector<bool> named_;   // (N) scratch of check_idle
  std::size_t batch_size_;
  std::size_t pending_ = 0;
  PoolStep result_;
  FloatMode mode_;  // in which the threads compute: that of who made the pool

  std::mutex mutex_;  // guards what follows
  std::condition_variable work_is_there_, enough_are_ready_;
  std::vector<std::size_t> waiting_;  // (N) a ring of environments that no thread has taken up
  std::size_t waiting_first_ = 0;
  std::size_t waiting_count_ = 0;
  std::vector<std::size_t> ready_;  // in the order of arrival
  bool leaving_ = false;

  std::vector<std::thread> workers_;
};

// A pool of `num_envs` environments of that id; arguments as make_vec().
AsyncPool make_pool(std::string_view id, std::size_t num_envs, const PoolOptions& options = {},
                    const Dict& kwargs = {});

}  // namespace ludus::envs
