/**
 * Where the matrix of the CS231n notes (size x similarity) is cut, and where each number comes from. Trials: MobileNetV2 1.0 at 224 px on
 * hymenoptera (245 training images, 2 classes), flowers (1193, 5) and neu-surface-defects (1436, 6).
 */
export const thresholds = {
  /**
   * Similarity from which a dataset counts as similar. Trials with MobileNetV2: hymenoptera 0.65 and flowers 0.60 (photos of things that
   * ImageNet has), neu-surface-defects 0.37 (close-ups of steel). With nano: its own pretraining images 0.76, twenty classes
   * of them 0.53, drawn leaves 0.42, neu-surface-defects 0.35. Halfway between those that are alike and those that are not.
   */
  similar: 0.5,
  /**
   * Training images from which a similar dataset counts as large. In our trials on flowers (docs/strategies.md) training is undone at 25 and at
   * 100 images, and gains two points of accuracy at 400 and one at 1,193, for several times the time. Kornblith, Shlens & Le
   * 2019, "Do better ImageNet models transfer better?", section 4.6: fine-tuning draws clear of logistic regression on frozen
   * features between some hundred and some thousand images in all.
   */
  largeSimilar: 400,
  /**
   * The same for a different one. MobileNetV2, seed 0, `fine-tune-deep` with flips against the solved classifier: pcb-defects (720 images, 6 classes)
   * 0.812 to 0.858, clothing (600, 10) 0.847 to 0.856, both kept; chest-xray (315, 3) 0.859 to 0.870, not kept, since 92 images to measure with cannot tell.
   */
  largeDifferent: 500,
  /** Training images a class that a large dataset has at least, on average: fewer, and fine-tuning learns them by heart. */
  largePerClass: 25,
  /**
   * Log-loss of the solved classifier in cross-validation below which training is left out, however many images there are: what is left to gain is less than
   * what can be measured. Fine-tuning gained nothing on hymenoptera (0.075) and neu-surface-defects (0.006); where it did, the least was 0.25 (flowers).
   */
  worthwhile: 0.15,
  /**
   * Training images a class from which, however similar, features of further stages are tried as well: there are then enough to
   * choose by cross-validation, which goes back to the top alone where nothing is gained. Trials (joined against the top alone, validation
   * accuracy): flowers, 20 a class 0.853 to 0.824, 80 a class 0.886 to 0.866; hymenoptera, 20 and 80 a class, the top was chosen: 0.935 and
   * 0.980, no difference. With 5 a class: flowers 0.782 to 0.779, hymenoptera no difference, neu-surface-defects 0.967 to 0.970.
   */
  joinedPerClass: 10,
} as const;
