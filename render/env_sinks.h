/// @file
/// Renderer, video files and window for the wrappers of envs/.
///
///   env = std::make_unique<envs::RecordVideo>(std::move(env), scene_renderer(), video_opener(),
///                                             envs::VideoOptions{.folder = "videos"});
#pragma once

#include "envs/wrappers/pixels.h"
#include "render/image.h"

namespace ludus::render {

/// Returns a renderer by rasterise(); default size: the scene's.
envs::SceneRenderer scene_renderer(int width = 0, int height = 0);

/// Returns an opener of videos by ffmpeg: see VideoWriter.
envs::VideoOpener video_opener();

/// Returns a screen: a window of the first frame's size, opened on the first frame, that shows each frame for 1/fps
/// seconds. Closing the window does not stop the environment. Throws as Window does.
envs::Screen screen(std::string title = "ludus");

/// Convert between an image and an array, uint8 (height, width, 3). Throws InvalidArgument for another dtype or shape.
Image image_of(const Array& pixels);
Array array_of(const Image& image);

}  // namespace ludus::render
