# Writes bars.npz, which bars.yaml learns: images of 6 x 6 bytes with one bar, upright or lying, in one of two halves (4 classes).
import numpy

random = numpy.random.default_rng(1)


def draw(count):
    images = random.integers(0, 8, (count, 6, 6)) * 16
    classes = numpy.arange(count) % 4
    for image, label in zip(images, classes):
        place = random.integers(3) + 3 * (label % 2)
        if label < 2:
            image[place, :] += 128
        else:
            image[:, place] += 128
    return images.astype(numpy.uint8), classes.astype(numpy.uint8)


x_train, y_train = draw(160)
x_test, y_test = draw(80)
numpy.savez_compressed("bars.npz", x_train=x_train, y_train=y_train, x_test=x_test, y_test=y_test)
