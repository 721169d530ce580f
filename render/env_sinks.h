// What the wrappers of envs/ need of this room: pixels, films and a window.
//
//   env = std::make_unique<envs::RecordVideo>(std::move(env), painter(), film_opener(), envs::VideoOptions{.folder = "films"});
#pragma once

#include "envs/wrappers/pixels.h"
#include "render/image.h"

namespace ludus::render {

// The rasteriser's pixels, of that size or the scene's own: see rasterise().
envs::Painter painter(int width = 0, int height = 0);

// Films by ffmpeg: see Film.
envs::VideoOpener film_opener();

// A window of the first picture's size, opened when there is one, that shows each picture for its time. When a person closes
// it, the environment runs on without. Throws as Window does.
envs::Screen screen(std::string title = "ludus");

// The same pixels: uint8 (height, width, 3). Throws InvalidArgument for an array of another kind.
Picture picture_of(const Array& pixels);
Array array_of(const Picture& picture);

}  // namespace ludus::render
