/**
 * Where the matrix of the CS231n notes (size x similarity) is cut, and where each number comes from. Trials: MobileNetV2 1.0 at 224 px on
 * hymenoptera (245 training images, 2 classes), flowers (1193, 5) and neu-surface-defects (1437, 6).
 */
export const thresholds = {
  /**
   * Similarity from which a dataset counts as similar. Trials: hymenoptera 0.64 and flowers 0.53 (photos of things that ImageNet has),
   * neu-surface-defects 0.34 (close-ups of steel).
   */
  similar: 0.45,
  /**
   * Training images from which a dataset counts as large. Kornblith, Shlens & Le 2019, "Do better ImageNet models transfer
   * better?", figure 4: fine-tuning draws clear of logistic regression on frozen features between some hundred and some
   * thousand images in all. In our trials a solved classifier on joined stages is within a point of nine epochs of
   * fine-tuning on flowers, at a hundredth of the time; so what is large begins where that time is well spent.
   */
  large: 4000,
  /** Training images a class that a large dataset has at least, on average: fewer, and fine-tuning learns them by heart. */
  largePerClass: 50,
  /**
   * Training images a class from which, however similar, features of further stages are tried as well: there are then enough to
   * choose by cross-validation. Trials (top and two cuts below against the top alone): flowers, 239 a class, held-out
   * log-loss 0.278 to 0.296, accuracy on validation images +0.7 points; hymenoptera, 122 a class, no difference.
   */
  joinedPerClass: 200,
} as const;
