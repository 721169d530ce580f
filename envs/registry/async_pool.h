// Steps environments of uneven cost asynchronously on a pool of threads: recv() returns the first ones to finish.
//
//   AsyncPool pool = make_pool("CartPole-v1", 8, {.batch_size = 4, .threads = 2});
//   pool.async_reset(42);
//   for (;;) {
//     const PoolStep& ready = pool.recv();                    // the first 4 to finish
//     pool.send(act(ready.observations), ready.env_ids);      // the others continue meanwhile
//   }
//
// As EnvPool (Weng et al., "EnvPool: A Highly Parallel Reinforcement Learning Environment Execution Engine", 2022). The
// trajectory of each environment equals that of a vector environment with the same actions; only the order of arrival
// varies.
#pragma once

#include <condition_variable>
#include <exception>
#include <mutex>
#include <thread>

#include "base/float_mode.h"
#include "envs/registry/registry.h"
#include "envs/vector/vector_env.h"

namespace ludus::envs {

/// Thrown by send() and async_reset() if an environment's last result has not been received.
class AlreadyPendingCall : public InputError {
 public:
  using InputError::InputError;
};

/// Thrown by recv() if fewer than batch_size calls are pending.
class NoAsyncCall : public InputError {
 public:
  using InputError::InputError;
};

/// Thrown by recv() if an environment threw; that environment must be reset, the others continue.
class EnvironmentFailed : public WorkError {
 public:
  EnvironmentFailed(std::size_t env_id, const std::string& message) : WorkError(message), env_id_(env_id) {}
  std::size_t env_id() const { return env_id_; }

 private:
  std::size_t env_id_;
};

/// The result of recv(): rows of the first M environments to finish, row k from environment env_ids[k]. was_reset is
/// also 1 for the result of async_reset().
struct PoolStep : VectorStep {
  std::vector<std::size_t> env_ids;  // (M), in the order of arrival
};

struct PoolOptions {
  std::size_t batch_size = 0;  // M; 0: all environments
  std::size_t threads = 0;     // that step the environments; 0: one for each CPU core
  VectorOptions vector = {};   // of each environment; its `threads` must be 1
};

class AsyncPool {
 public:
  /// Takes vector environments of one environment each, with equal spaces and autoreset modes. Throws InvalidArgument
  /// if they are not, if `envs` is empty, or if batch_size exceeds their number.
  AsyncPool(std::vector<VectorEnvPtr> envs, std::size_t batch_size, std::size_t threads);
  /// Waits for the running steps and drops the queued ones.
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

  // Not thread-safe: call from one thread at a time. The next four functions either start all their calls or throw and
  // start none: InvalidArgument for an unknown or repeated id, AlreadyPendingCall for an environment with a pending
  // call, and the exceptions of VectorEnv::step().

  /// Starts an episode in all environments or in those of env_ids; environment i is seeded with seed + i.
  void async_reset(std::optional<std::uint64_t> seed = {}, const Dict& options = {});
  void async_reset(std::span<const std::size_t> env_ids, std::optional<std::uint64_t> seed = {},
                   const Dict& options = {});
  /// Steps environment env_ids[k] with row k of `actions` (env_ids x action_size, as for VectorEnv::step()).
  void send(ActionView actions, std::span<const std::size_t> env_ids);

  /// Waits until batch_size environments have finished and returns their rows, which the next recv() overwrites. Throws
  /// NoAsyncCall if fewer calls are pending, EnvironmentFailed if one of the environments threw: its call then counts
  /// as received, the results of the others are left for the next recv().
  const PoolStep& recv();

  /// Returns the number of calls that have not been received.
  std::size_t pending() const { return pending_; }

  /// Returns the last result of an environment (row 0); throws AlreadyPendingCall if it has a pending call.
  const VectorStep& last(std::size_t env_id) const;

  /// Save and restore the complete state. Both throw AlreadyPendingCall while a call is pending. set_state() throws
  /// InputError without changing anything.
  Value get_state() const;
  void set_state(const Value& state);

 private:
  enum class Call : std::uint8_t { kReset, kDiscrete, kContinuous };

  struct Slot {
    VectorEnvPtr env;  // a vector environment of one
    bool started = false;
    bool pending = false;

    // the call, written before it is queued, and its exception
    Call call = Call::kReset;
    std::optional<std::uint64_t> seed;
    Dict options;
    std::vector<std::int64_t> discrete;  // (action_size)
    std::vector<float> continuous;       // (action_size)
    std::exception_ptr error;

    void run_call() noexcept;
  };

  template <class T>
  void send_rows(std::span<const T> actions, std::span<const std::size_t> env_ids);
  void check_idle(std::span<const std::size_t> env_ids) const;
  void check_none_pending() const;
  void enqueue(std::span<const std::size_t> env_ids);
  void run_worker();
  void stop_workers();

  std::vector<std::uint8_t> started() const;  // of each environment, 0 or 1

  std::vector<Slot> slots_;           // (N)
  std::vector<std::size_t> all_ids_;  // 0, 1, …, N - 1
  std::vector<double> scratch_;       // (action_size)
  mutable std::vector<bool> seen_;    // (N) scratch of check_idle
  std::size_t batch_size_;
  std::size_t pending_ = 0;
  PoolStep result_;
  FloatMode mode_;  // of the thread that constructed the pool; all threads compute in it

  std::mutex mutex_;  // guards the members below
  std::condition_variable work_available_, batch_ready_;
  std::vector<std::size_t> queue_;  // (N) ring of environments, the queue of calls
  std::size_t queue_first_ = 0;
  std::size_t queue_count_ = 0;
  std::vector<std::size_t> ready_;  // in the order of arrival
  bool stopping_ = false;

  std::vector<std::thread> workers_;
};

/// Returns a pool of `num_envs` environments of that id; arguments as make_vec().
AsyncPool make_pool(std::string_view id, std::size_t num_envs, const PoolOptions& options = {},
                    const Dict& kwargs = {});

}  // namespace ludus::envs
