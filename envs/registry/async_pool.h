// Asynchronous vector environments: each environment steps independently on a thread pool, and results are received in
// the order in which they are ready.
//
//   AsyncPool pool = make_pool("CartPole-v1", 8, {.batch_size = 4, .threads = 2});
//   pool.async_reset(42);
//   for (;;) {
//     const PoolStep& ready = pool.recv();                    // the first 4 environments to be ready
//     pool.send(act(ready.observations), ready.env_ids);      // start their next step; the others continue meanwhile
//   }
//
// The design follows EnvPool (Weng et al., "EnvPool: A Highly Parallel Reinforcement Learning Environment Execution
// Engine", 2022). Each environment's trajectory is the same as in a vector environment with the same actions; only the
// order of arrival is non-deterministic.
#pragma once

#include <condition_variable>
#include <exception>
#include <mutex>
#include <thread>

#include "base/float_mode.h"
#include "envs/registry/registry.h"
#include "envs/vector/vector_env.h"

namespace ludus::envs {

/// send() or async_reset() was called for an environment with a pending call.
class AlreadyPendingCall : public InputError {
 public:
  using InputError::InputError;
};

/// recv() was called with fewer pending calls than the batch size.
class NoAsyncCall : public InputError {
 public:
  using InputError::InputError;
};

/// An environment of the pool threw and must be reset; the other environments continue.
class EnvironmentFailed : public WorkError {
 public:
  EnvironmentFailed(std::size_t env_id, const std::string& message) : WorkError(message), env_id_(env_id) {}
  std::size_t env_id() const { return env_id_; }

 private:
  std::size_t env_id_;
};

/// The result of recv(): rows of the first M environments to be ready, row k from environment env_ids[k]. was_reset is
/// 1 for the result of async_reset(), too.
struct PoolStep : VectorStep {
  std::vector<std::size_t> env_ids;  // (M), in the order of arrival
};

struct PoolOptions {
  std::size_t batch_size = 0;  // M, the environments per recv(); 0: all
  std::size_t threads = 0;     // worker threads, in addition to the caller; 0: one per CPU core
  VectorOptions vector = {};   // options of each environment; its `threads` must be 1
};

class AsyncPool {
 public:
  /// `envs` are vector environments with one environment each, and with equal spaces and autoreset modes. Throws
  /// InvalidArgument if they are not, if there are none, or if batch_size exceeds their number.
  AsyncPool(std::vector<VectorEnvPtr> envs, std::size_t batch_size, std::size_t threads);
  /// Waits for running steps to finish, and drops those that have not started.
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

  // All functions must be called by one thread at a time. async_reset() and send() start all of their calls or, if they
  // throw, none: InvalidArgument for an id that is invalid or repeated, AlreadyPendingCall for an environment with a
  // pending call, and the exceptions of VectorEnv::step().

  /// Starts an episode in all or in the selected environments, environment i with seed + i.
  void async_reset(std::optional<std::uint64_t> seed = {}, const Dict& options = {});
  void async_reset(std::span<const std::size_t> env_ids, std::optional<std::uint64_t> seed = {},
                   const Dict& options = {});
  /// Steps environment env_ids[k] with row k of `actions` (env_ids x action_size), in the form of VectorEnv::step().
  void send(std::span<const std::int64_t> actions, std::span<const std::size_t> env_ids);
  void send(std::span<const float> actions, std::span<const std::size_t> env_ids);

  /// Waits until batch_size environments are ready and returns their results, which the next recv() overwrites. Throws
  /// NoAsyncCall if fewer calls are pending, and EnvironmentFailed if one of the environments threw; this counts as
  /// receiving the failed environment, and the others remain for the next recv().
  const PoolStep& recv();

  /// Returns the number of environments with a call that has not been received.
  std::size_t pending() const { return pending_; }

  /// Returns the last result of an environment in row 0. Throws AlreadyPendingCall if it has a pending call.
  const VectorStep& last(std::size_t env_id) const;

  /// Save and restore the complete state. Both throw AlreadyPendingCall while a call is pending. set_state() throws
  /// InputError without changing anything.
  Value get_state() const;
  void set_state(const Value& state);

 private:
  enum class Call : std::uint8_t { kReset, kIntegers, kReals };

  struct Slot {
    VectorEnvPtr env;  // a vector environment of one
    bool started = false;
    bool pending = false;

    // the pending call, written before it is queued, and its exception
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
  mutable std::vector<bool> named_;   // (N) scratch of check_idle()
  std::size_t batch_size_;
  std::size_t pending_ = 0;
  PoolStep result_;
  FloatMode mode_;  // mode of the worker threads, that of the thread that created the pool

  std::mutex mutex_;  // guards the following fields
  std::condition_variable work_is_there_, enough_are_ready_;
  std::vector<std::size_t> waiting_;  // (N) ring buffer of environments that wait for a thread
  std::size_t waiting_first_ = 0;
  std::size_t waiting_count_ = 0;
  std::vector<std::size_t> ready_;  // in the order of arrival
  bool leaving_ = false;

  std::vector<std::thread> workers_;
};

/// Creates a pool of `num_envs` environments. The arguments are those of make_vec().
AsyncPool make_pool(std::string_view id, std::size_t num_envs, const PoolOptions& options = {},
                    const Dict& kwargs = {});

}  // namespace ludus::envs
