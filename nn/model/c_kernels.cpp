#include "nn/model/c_kernels.h"

#include <algorithm>
#include <cctype>

#include "base/format.h"

namespace ludus::nn {
namespace {

constexpr std::string_view kDefinitions[] = {
#define LUDUS_ROW(enumerator, name, definition, ...) #definition,
    LUDUS_ACTIVATIONS(LUDUS_ROW)
#undef LUDUS_ROW
};

constexpr struct {
  std::string_view name;
  double value;
} kConstants[] = {{"kSeluScale", kSeluScale}, {"kSeluAlpha", kSeluAlpha}, {"kGeluRoot", kGeluRoot}};

}  // namespace

const std::vector<CKernel>& c_kernels() {
  static const std::vector<CKernel> kernels{
      {"window",
       R"(/* The geometry of a convolution or pooling layer; pad_y and pad_x are the padding before the data. */
typedef struct {
  int channels, height, width;             /* of the input */
  int out_channels, out_height, out_width; /* of the output */
  int kernel_y, kernel_x, stride_y, stride_x, dilation_y, dilation_x, pad_y, pad_x;
  int groups;
} @_window;
)"},
      {"clamp", R"(static float @_clamp(float x, float low, float high) { return x < low ? low : x > high ? high : x; }
)"},
      {"copy", R"(/* Copies `rows` blocks of `size` numbers into rows of `stride` numbers. */
static void @_copy(const float *x, int rows, int size, int stride, float *y) {
  int r, i;
  for (r = 0; r < rows; ++r) {
    for (i = 0; i < size; ++i) y[r * stride + i] = x[r * size + i];
  }
}
)"},
      {"scale_observation", R"(/* y = clip((x - mean) * scale, +-limit), in double. */
static void @_scale_observation(const float *x, const double *mean, const double *scale, double limit, int size,
                                float *y) {
  int i;
  for (i = 0; i < size; ++i) {
    const double number = ((double)x[i] - mean[i]) * scale[i];
    y[i] = (float)(number < -limit ? -limit : number > limit ? limit : number);
  }
}
)"},
      {"one_hot",
       R"(/* Encodes each of `size` integers start, ..., start + classes - 1 as `classes` numbers with a single 1. */
static void @_one_hot(const float *x, int size, int classes, int64_t start, float *y) {
  int i, c;
  for (i = 0; i < size; ++i) {
    for (c = 0; c < classes; ++c) y[i * classes + c] = (int64_t)x[i] - start == c ? 1.0f : 0.0f;
  }
}
)"},
      {"image",
       R"(/* Pixels of 0 to 255, (frames x height x width x channels), to (frames * channels x height x width). */
static void @_image(const float *x, int frames, int pixels, int channels, float *y) {
  int f, p, c;
  for (f = 0; f < frames; ++f) {
    for (p = 0; p < pixels; ++p) {
      for (c = 0; c < channels; ++c) y[(f * channels + c) * pixels + p] = x[(f * pixels + p) * channels + c] / 255.0f;
    }
  }
}
)"},
      {"dense", R"(/* y = x W' + b for `rows` rows, with W (units x inputs); b may be null. */
static void @_dense(const float *x, const float *weight, const float *bias, int rows, int inputs, int units, float *y) {
  int r, u, i;
  for (r = 0; r < rows; ++r) {
    for (u = 0; u < units; ++u) {
      $_SUM sum = bias ? ($_SUM)bias[u] : ($_SUM)0;
      for (i = 0; i < inputs; ++i) sum += ($_SUM)weight[u * inputs + i] * ($_SUM)x[r * inputs + i];
      y[r * units + u] = (float)sum;
    }
  }
}
)"},
      {"conv",
       R"(/* A convolution with weights (out_channels x channels / groups x kernel_y x kernel_x); bias may be null. */
static void @_conv(const @_window *w, const float *x, const float *weight, const float *bias, float *y) {
  const int group_in = w->channels / w->groups, group_out = w->out_channels / w->groups;
  int o, r, c, i, ky, kx;
  for (o = 0; o < w->out_channels; ++o) {
    const float *kernel = weight + o * group_in * w->kernel_y * w->kernel_x;
    const float *planes = x + o / group_out * group_in * w->height * w->width;
    for (r = 0; r < w->out_height; ++r) {
      for (c = 0; c < w->out_width; ++c) {
        $_SUM sum = bias ? ($_SUM)bias[o] : ($_SUM)0;
        for (i = 0; i < group_in; ++i) {
          for (ky = 0; ky < w->kernel_y; ++ky) {
            const int iy = r * w->stride_y - w->pad_y + ky * w->dilation_y;
            if (iy < 0 || iy >= w->height) continue;
            for (kx = 0; kx < w->kernel_x; ++kx) {
              const int ix = c * w->stride_x - w->pad_x + kx * w->dilation_x;
              if (ix < 0 || ix >= w->width) continue;
              sum += ($_SUM)kernel[(i * w->kernel_y + ky) * w->kernel_x + kx] *
                     ($_SUM)planes[(i * w->height + iy) * w->width + ix];
            }
          }
        }
        y[(o * w->out_height + r) * w->out_width + c] = (float)sum;
      }
    }
  }
}
)",
       {"window"}},
      {"conv_transpose",
       R"(/* A transposed convolution with weights (channels x out_channels / groups x kernel_y x kernel_x). */
static void @_conv_transpose(const @_window *w, const float *x, const float *weight, const float *bias, float *y) {
  const int group_in = w->channels / w->groups, group_out = w->out_channels / w->groups;
  int o, r, c, i, ky, kx;
  for (o = 0; o < w->out_channels; ++o) {
    const int first = o / group_out * group_in;
    for (r = 0; r < w->out_height; ++r) {
      for (c = 0; c < w->out_width; ++c) {
        $_SUM sum = bias ? ($_SUM)bias[o] : ($_SUM)0;
        for (ky = 0; ky < w->kernel_y; ++ky) {
          const int ty = r + w->pad_y - ky * w->dilation_y, iy = ty / w->stride_y;
          if (ty < 0 || ty % w->stride_y != 0 || iy >= w->height) continue;
          for (kx = 0; kx < w->kernel_x; ++kx) {
            const int tx = c + w->pad_x - kx * w->dilation_x, ix = tx / w->stride_x;
            if (tx < 0 || tx % w->stride_x != 0 || ix >= w->width) continue;
            for (i = first; i < first + group_in; ++i) {
              sum += ($_SUM)weight[((i * group_out + o % group_out) * w->kernel_y + ky) * w->kernel_x + kx] *
                     ($_SUM)x[(i * w->height + iy) * w->width + ix];
            }
          }
        }
        y[(o * w->out_height + r) * w->out_width + c] = (float)sum;
      }
    }
  }
}
)",
       {"window"}},
      {"max_pool",
       R"(/* The greatest number of every window; padding does not count. */
static void @_max_pool(const @_window *w, const float *x, float *y) {
  int o, r, c, ky, kx;
  for (o = 0; o < w->channels; ++o) {
    for (r = 0; r < w->out_height; ++r) {
      for (c = 0; c < w->out_width; ++c) {
        float greatest = -INFINITY;
        for (ky = 0; ky < w->kernel_y; ++ky) {
          const int iy = r * w->stride_y - w->pad_y + ky * w->dilation_y;
          if (iy < 0 || iy >= w->height) continue;
          for (kx = 0; kx < w->kernel_x; ++kx) {
            const int ix = c * w->stride_x - w->pad_x + kx * w->dilation_x;
            if (ix < 0 || ix >= w->width) continue;
            if (x[(o * w->height + iy) * w->width + ix] > greatest) greatest = x[(o * w->height + iy) * w->width + ix];
          }
        }
        y[(o * w->out_height + r) * w->out_width + c] = greatest;
      }
    }
  }
}
)",
       {"window"}},
      {"average_pool",
       R"(/* The mean of every window, over the numbers of the input and, if count_padding, the padding. */
static void @_average_pool(const @_window *w, int count_padding, const float *x, float *y) {
  int o, r, c, iy, ix;
  for (o = 0; o < w->channels; ++o) {
    for (r = 0; r < w->out_height; ++r) {
      for (c = 0; c < w->out_width; ++c) {
        const int y0 = r * w->stride_y - w->pad_y, x0 = c * w->stride_x - w->pad_x;
        int y1 = y0 + w->kernel_y, x1 = x0 + w->kernel_x, count;
        $_SUM sum = 0;
        if (y1 > w->height + w->pad_y) y1 = w->height + w->pad_y;
        if (x1 > w->width + w->pad_x) x1 = w->width + w->pad_x;
        count = count_padding ? (y1 - y0) * (x1 - x0) : 0;
        for (iy = y0 < 0 ? 0 : y0; iy < y1 && iy < w->height; ++iy) {
          for (ix = x0 < 0 ? 0 : x0; ix < x1 && ix < w->width; ++ix) {
            sum += ($_SUM)x[(o * w->height + iy) * w->width + ix];
            if (!count_padding) ++count;
          }
        }
        y[(o * w->out_height + r) * w->out_width + c] = (float)(sum / ($_SUM)count);
      }
    }
  }
}
)",
       {"window"}},
      {"global_max_pool", R"(static void @_global_max_pool(const float *x, int channels, int size, float *y) {
  int c, i;
  for (c = 0; c < channels; ++c) {
    y[c] = x[c * size];
    for (i = 1; i < size; ++i) {
      if (x[c * size + i] > y[c]) y[c] = x[c * size + i];
    }
  }
}
)"},
      {"global_average_pool", R"(static void @_global_average_pool(const float *x, int channels, int size, float *y) {
  int c, i;
  for (c = 0; c < channels; ++c) {
    $_SUM sum = 0;
    for (i = 0; i < size; ++i) sum += ($_SUM)x[c * size + i];
    y[c] = (float)(sum / ($_SUM)size);
  }
}
)"},
      {"upsample_nearest", R"(/* Repeats every position of `channels` planes. */
static void @_upsample_nearest(const float *x, int channels, int height, int width, int scale_y, int scale_x,
                               float *y) {
  int c, r, q;
  for (c = 0; c < channels; ++c) {
    for (r = 0; r < height * scale_y; ++r) {
      for (q = 0; q < width * scale_x; ++q) {
        y[(c * height * scale_y + r) * width * scale_x + q] = x[(c * height + r / scale_y) * width + q / scale_x];
      }
    }
  }
}
)"},
      {"upsample_linear", R"(/* Interpolates between the centres of positions. */
static void @_upsample_linear(const float *x, int channels, int height, int width, int scale_y, int scale_x, float *y) {
  int c, r, q;
  for (c = 0; c < channels; ++c) {
    const float *plane = x + c * height * width;
    for (r = 0; r < height * scale_y; ++r) {
      const float fy = ((float)r + 0.5f) / (float)scale_y - 0.5f, py = fy < 0.0f ? 0.0f : fy;
      const int y0 = (int)py, y1 = y0 + 1 < height ? y0 + 1 : y0;
      for (q = 0; q < width * scale_x; ++q) {
        const float fx = ((float)q + 0.5f) / (float)scale_x - 0.5f, px = fx < 0.0f ? 0.0f : fx;
        const int x0 = (int)px, x1 = x0 + 1 < width ? x0 + 1 : x0;
        const float ty = py - (float)y0, tx = px - (float)x0;
        const float top = (1.0f - tx) * plane[y0 * width + x0] + tx * plane[y0 * width + x1];
        const float bottom = (1.0f - tx) * plane[y1 * width + x0] + tx * plane[y1 * width + x1];
        y[(c * height * scale_y + r) * width * scale_x + q] = (1.0f - ty) * top + ty * bottom;
      }
    }
  }
}
)"},
      {"normalize", R"(/* Every row of `size` numbers to mean 0 and variance 1. */
static void @_normalize(const float *x, int rows, int size, float epsilon, float *y) {
  int r, i;
  for (r = 0; r < rows; ++r) {
    const float *row = x + r * size;
    $_SUM mean = 0, variance = 0, scale;
    for (i = 0; i < size; ++i) mean += ($_SUM)row[i];
    mean /= ($_SUM)size;
    for (i = 0; i < size; ++i) variance += (($_SUM)row[i] - mean) * (($_SUM)row[i] - mean);
    scale = ($_SUM)(1.0 / sqrt((double)(variance / ($_SUM)size) + (double)epsilon));
    for (i = 0; i < size; ++i) y[r * size + i] = (float)((($_SUM)row[i] - mean) * scale);
  }
}
)"},
      {"scale_shift", R"(/* y = x * scale + shift in `rows` rows of `count` channels of `size` numbers. */
static void @_scale_shift(const float *x, const float *scale, const float *shift, int rows, int count, int size,
                          float *y) {
  int r, c, i;
  for (r = 0; r < rows; ++r) {
    for (c = 0; c < count; ++c) {
      for (i = 0; i < size; ++i) {
        const int k = (r * count + c) * size + i;
        y[k] = x[k] * scale[c] + shift[c];
      }
    }
  }
}
)"},
      {"embedding",
       R"(/* Rows of a table (vocabulary x features); the indices must be whole numbers of 0 to vocabulary - 1. */
static void @_embedding(const float *x, const float *table, int count, int features, float *y) {
  int i, k;
  for (i = 0; i < count; ++i) {
    for (k = 0; k < features; ++k) y[i * features + k] = table[(int)x[i] * features + k];
  }
}
)"},
      {"add", R"(static void @_add(const float *a, const float *b, int count, float *y) {
  int i;
  for (i = 0; i < count; ++i) y[i] = a[i] + b[i];
}
)"},
      {"multiply", R"(static void @_multiply(const float *a, const float *b, int count, float *y) {
  int i;
  for (i = 0; i < count; ++i) y[i] = a[i] * b[i];
}
)"},
      {"leaky", R"(/* x for x > 0, else slope * x, with one of `slopes` for each channel of `size` numbers. */
static void @_leaky(const float *x, const float *slope, int slopes, int size, int count, float *y) {
  int i;
  for (i = 0; i < count; ++i) y[i] = x[i] > 0 ? x[i] : slope[i / size % slopes] * x[i];
}
)"},
      {"softmax", R"(/* exp(x) / sum exp(x), or its logarithm, over `count` numbers that are `stride` apart. */
static void @_softmax(const float *x, int rows, int count, int stride, int logarithm, float *y) {
  int r, s, i;
  for (r = 0; r < rows; ++r) {
    for (s = 0; s < stride; ++s) {
      const float *from = x + r * count * stride + s;
      float *to = y + r * count * stride + s;
      float greatest = from[0];
      double sum = 0;
      for (i = 1; i < count; ++i) {
        if (from[i * stride] > greatest) greatest = from[i * stride];
      }
      for (i = 0; i < count; ++i) sum += exp((double)from[i * stride] - (double)greatest);
      for (i = 0; i < count; ++i) {
        const double centred = (double)from[i * stride] - (double)greatest;
        to[i * stride] = (float)(logarithm ? centred - log(sum) : exp(centred) / sum);
      }
    }
  }
}
)"},
      {"argmax", R"(/* The index of the greatest number, the first of equals. */
static int @_argmax(const float *x, int count) {
  int i, best = 0;
  for (i = 1; i < count; ++i) {
    if (x[i] > x[best]) best = i;
  }
  return best;
}
)"},
  };
  return kernels;
}

const CKernel& c_kernel(std::string_view name) {
  const auto& kernels = c_kernels();
  return *std::find_if(kernels.begin(), kernels.end(), [&](const CKernel& kernel) { return kernel.name == name; });
}

// std::exp becomes expf, 0.5 becomes 0.5f, a constant its value.
std::string c_expression(Activation activation) {
  const std::string_view text = kDefinitions[static_cast<std::size_t>(activation)];
  std::string out;
  const auto is_word = [](char c) { return std::isalnum(static_cast<unsigned char>(c)) || c == '_' || c == '.'; };
  for (std::size_t at = 0; at < text.size();) {
    if (!is_word(text[at])) {
      out += text[at++];
      continue;
    }
    std::size_t end = at;
    while (end < text.size() && is_word(text[end])) ++end;
    const std::string_view word = text.substr(at, end - at);
    at = end;
    const auto constant = std::find_if(std::begin(kConstants), std::end(kConstants),
                                       [&](const auto& entry) { return entry.name == word; });
    if (word == "std") {
      at += 2;  // "::"
      end = at;
      while (end < text.size() && is_word(text[end])) ++end;
      out += formatted("{}f", text.substr(at, end - at));
      at = end;
    } else if (word == "clamped") {
      out += "@_clamp";
    } else if (constant != std::end(kConstants)) {
      out += formatted("{}f", static_cast<float>(constant->value));
    } else if (std::isdigit(static_cast<unsigned char>(word[0])) && word.find('.') != std::string_view::npos) {
      out += formatted("{}f", word);
    } else {
      out += word;
    }
  }
  return out;
}

}  // namespace ludus::nn
