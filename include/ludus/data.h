/// @file
/// Includes the headers of ludus::data: readers and writers of files (nn/io) and pipelines over them (nn/data). None
/// includes torch.
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
#include "nn/io/npy.h"
#include "nn/io/tf_example.h"
#include "nn/io/tfrecord.h"
