/// @file
/// Includes the headers of ludus::render: images, video, windows and plots of scenes.
#pragma once

#include "render/display.h"
#include "render/env_sinks.h"
#include "render/event.h"
#include "render/image.h"
#include "render/label.h"
#include "render/overlay.h"
#include "render/plot.h"
#include "render/png.h"
#include "render/program.h"
#include "render/raster.h"
#include "render/terminal.h"
#include "render/video_writer.h"
#include "render/viewer.h"
#include "render/window.h"
