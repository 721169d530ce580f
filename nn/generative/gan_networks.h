// The networks of generative adversarial networks (Goodfellow et al. 2014, arXiv:1406.2661). This header does not
// include torch.
//
// A generator takes "latent" (latent numbers) and, for images of a class, "label" (an int64); its output is an image
// (channels, height, width) in [-1, 1]. A discriminator takes "image" and "label"; its output is a logit: positive for
// images that it takes for real ones. The critic of a Wasserstein GAN has the same form.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "nn/model/description.h"

namespace ludus::nn {

/// What the networks are made for.
struct GanShape {
  Shape image = {1, 28, 28};  ///< (channels, height, width)
  std::int64_t latent = 256;  ///< numbers of a latent vector
  std::int64_t classes = 0;   ///< 0: images without a class
};

struct GanNetworks {
  Description generator, discriminator;
};

/// Two MLPs: latent-256-512-1024-image with leaky ReLU and tanh, and image-256-1 with dropout of 0.3.
/// For 28 x 28 and a latent vector of 256: 1,526,288 and 201,217 parameters.
GanNetworks simple_gan(const GanShape& shape);

/// A generator of a dense layer (128 x 5 x 5), three times upsampling by 2 with a 5 x 5 convolution to 64, 32 and 16
/// channels, and a dense layer; a discriminator of one 5 x 5 convolution with 64 channels, pooling and a dense layer.
/// For 28 x 28 and a latent vector of 256: 21,162,496 and 14,209 parameters.
GanNetworks dcgan(const GanShape& shape);

/// The convolutional form of Radford, Metz and Chintala 2016 (arXiv:1511.06434): transposed convolutions with batch
/// normalisation, and strided convolutions with leaky ReLU. With classes they are conditional (Mirza and Osindero 2014,
/// arXiv:1411.1784): the class is an embedding beside the latent vector, and a channel beside the image. Height and
/// width must be multiples of 4.
GanNetworks conditional_gan(const GanShape& shape);

/// The same generator, and a critic without normalisation, as the gradient penalty needs it (Gulrajani et al. 2017,
/// arXiv:1704.00028, section 4).
GanNetworks wasserstein_gan(const GanShape& shape);

}  // namespace ludus::nn
