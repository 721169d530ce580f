/// @file
/// Includes the headers of ludus::replay: replay buffers, rollouts, trajectories.
#pragma once

#include "replay/batch.h"
#include "replay/episode_buffer.h"
#include "replay/frame_store.h"
#include "replay/n_step.h"
#include "replay/observation_store.h"
#include "replay/prioritized_replay.h"
#include "replay/replay_buffer.h"
#include "replay/rollout.h"
#include "replay/row_store.h"
#include "replay/sum_tree.h"
#include "replay/trajectory.h"
#include "replay/uniform_replay.h"
