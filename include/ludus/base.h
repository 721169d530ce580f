/// @file
/// Includes the headers of ludus::base: errors, arrays and values, random numbers, text and files, checkpoints.
#pragma once

#include "base/array.h"
#include "base/checkpoint.h"
#include "base/crc32c.h"
#include "base/error.h"
#include "base/fields.h"
#include "base/file.h"
#include "base/float_mode.h"
#include "base/format.h"
#include "base/half.h"
#include "base/named_arrays.h"
#include "base/protobuf.h"
#include "base/range.h"
#include "base/rng.h"
#include "base/safetensors.h"
#include "base/state_fields.h"
#include "base/text.h"
#include "base/thread_team.h"
#include "base/value.h"
#include "base/value_io.h"
#include "base/ziggurat.h"
