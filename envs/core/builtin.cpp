#include "envs/core/builtin.h"

#include "envs/box2d/box2d.h"
#include "envs/classic_control/classic_control.h"
#include "envs/toy_text/toy_text.h"

namespace ludus::envs {

void register_builtin_environments(Registry& registry) {
  register_classic_control(registry);
  register_toy_text(registry);
  register_car_racing(registry);
#ifdef LUDUS_BOX2D
  register_box2d(registry);
#endif
}

}  // namespace ludus::envs
