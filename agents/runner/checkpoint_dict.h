// put_dict() and take_dict() have moved.
#pragma once

#include "agents/runner/saved_state.h"
