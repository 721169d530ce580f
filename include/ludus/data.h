/// @file
/// Includes the headers of ludus::data: readers and writers of files (nn/io), pipelines over them (nn/data) and
/// operations on images (nn/vision). None includes torch.
#pragma once

#include "nn/data/array_source.h"
#include "nn/data/csv_source.h"
#include "nn/data/dataset.h"
#include "nn/data/example.h"
#include "nn/data/file_source.h"
#include "nn/data/stage.h"
#include "nn/data/tfrecord_source.h"
#include "nn/io/array_stream.h"
#include "nn/io/byte_stream.h"
#include "nn/io/csv.h"
#include "nn/io/idx.h"
#include "nn/io/image_file.h"
#include "nn/io/matlab.h"
#include "nn/io/npy.h"
#include "nn/io/onnx.h"
#include "nn/io/tf_example.h"
#include "nn/io/tfrecord.h"
#include "nn/vision/augment.h"
#include "nn/vision/caption.h"
#include "nn/vision/image.h"
#include "nn/vision/image_ops.h"
#include "nn/vision/matconvnet.h"
#include "nn/vision/sheet.h"
#include "nn/vision/transforms.h"
