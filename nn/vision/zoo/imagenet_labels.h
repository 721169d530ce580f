/// @file
/// Names of the 1000 ImageNet classes.
#pragma once

#include <string>
#include <vector>

namespace ludus::vision::zoo {

/// Returns the names of the classes of ILSVRC 2012 ("tench, Tinca tinca", …) in the usual order, that of the sorted
/// WordNet ids; with `background`, 1001 with "background" at 0, as TensorFlow's networks have it.
std::vector<std::string> imagenet_labels(bool background = false);

}  // namespace ludus::vision::zoo
